import type { AccessTokenClaims } from '../entra/access-token.ts';
import { type Call, Refusal } from '../http.ts';
import type { State, Subscription } from '../state.ts';
import { charge } from './buckets.ts';
import { type RequestClass, subscriptionThrottled } from './errors.ts';
import type { LimitName } from './limits.ts';
import type { Meter } from './meter.ts';
import { retryAfter } from './retry-after.ts';

/** The shortest wait that was ever seen told, though a second already brings tokens. */
const minimumMs = 10_000;

const buckets = {
  read: { own: 'SubscriptionReads', global: 'SubscriptionGlobalReads', header: 'reads' },
  write: { own: 'SubscriptionWrites', global: 'SubscriptionGlobalWrites', header: 'writes' },
  delete: { own: 'SubscriptionDeletes', global: 'SubscriptionGlobalDeletes', header: 'deletes' },
} as const satisfies Readonly<Record<RequestClass, { own: LimitName; global: LimitName; header: string }>>;

/**
 * Resource Manager counts every request to a subscription once it knows who asks, before it looks at anything else.
 * @throws Refusal 429 SubscriptionRequestsThrottled
 */
export function chargeSubscription(
  state: State,
  call: Call,
  caller: AccessTokenClaims,
  subscription: Subscription,
  meter: Meter,
): void {
  const kind = classOf(call.method);
  const { own, global, header } = buckets[kind];
  const scope = { subscription: subscription.id, principal: caller.clientId };
  const charges = [own, global].map((limit) => ({ limit, scope, tokens: 1 }));
  const { remaining, short } = charge(state, caller.clientId, charges, { minimumMs, told: true }, call.nowMs);
  meter.headers[`x-ms-ratelimit-remaining-subscription-${header}`] = String(remaining[0]);
  meter.headers[`x-ms-ratelimit-remaining-subscription-global-${header}`] = String(remaining[1]);
  if (short === undefined) return;
  const headers = retryAfter(state.settings, short.seconds);
  throw new Refusal(subscriptionThrottled(kind, subscription.id, caller, short.seconds, headers));
}

function classOf(method: string): RequestClass {
  if (method === 'GET' || method === 'HEAD') return 'read';
  return method === 'DELETE' ? 'delete' : 'write';
}
