/** A port that keeps to Azure's limits, on top of an Azure of two regions whose answers a test can change. */
import type { BudgetObserver } from '../../../src/azure/budgets/budgets.ts';
import { parseScaleSetId, type ScaleSetId } from '../../../src/identity/arm-id.ts';
import type { Result } from '../../../src/reconcile/azure-port.ts';
import { type Answer, ENDPOINT, fakeAzure, NEVER, type Sent } from './fake-azure.ts';
import {
  errorBody,
  identityBody,
  identityId,
  OTHER_SUBSCRIPTION,
  scaleSetBody,
  scaleSetPath,
  SUBSCRIPTION,
} from './samples.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

/** The scale sets whose names begin with `far` lie in another region, those that begin with `other` in another subscription. */
export function idOf(name: string): ScaleSetId {
  const path = scaleSetPath(name).replace(SUBSCRIPTION, name.startsWith('other') ? OTHER_SUBSCRIPTION : SUBSCRIPTION);
  const parsed = parseScaleSetId(path);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.id;
}

export function linkOf(name: string): string {
  const [region, subscription] = [regionOf(name), idOf(name).subscriptionId];
  return `${ENDPOINT}/subscriptions/${subscription}/providers/Microsoft.Compute/locations/${region}/operations/${name}?s=x`;
}

function regionOf(name: string): string {
  return name.startsWith('far') ? 'eastus' : 'westeurope';
}

export interface Line {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** `sent`, or how long it has to wait. */
export type Seen = 'sent' | number;

export function budgetWorld(share = 0.5) {
  const lines: Line[] = [];
  const heard: string[] = [];
  const observer: BudgetObserver = {
    queued: (policy) => heard.push(`queued ${policy}`),
    throttled: ({ policy, location }) => heard.push(`throttled ${policy} ${location}`.trimEnd()),
  };
  /** In place of the ordinary answer. */
  const special: { readonly fits: (sent: Sent) => boolean; readonly answer: Answer }[] = [];
  const log =
    (level: Line['level']) =>
    (message: string, fields: Line['fields'] = {}): unknown =>
      lines.push({ level, message, fields });
  const azure = fakeAzure((sent) => special.find(({ fits }) => fits(sent))?.answer ?? ordinary(sent), {
    budgetShare: share,
    budgetObserver: observer,
    logger: { debug: () => undefined, info: log('info'), warn: log('warn') },
  });
  const { port, clock, sent } = azure;

  async function seen(call: () => Promise<Result<unknown>>): Promise<Seen> {
    const before = sent.length;
    const result = await call();
    const failure = result.ok ? undefined : result.failure;
    if (failure?.kind !== 'queued') return 'sent';
    if (sent.length !== before) throw new Error('a request was sent, and said to be queued');
    return failure.retryAfterMs ?? Number.NaN;
  }
  const read = (name = 'web') => seen(() => port.getScaleSet(idOf(name), NEVER));
  const patch = (name = 'web') => port.patchIdentity(idOf(name), { type: 'UserAssigned' }, '"7"', NEVER);
  return {
    port,
    clock,
    sent,
    lines,
    heard,
    read,
    write: (name = 'web') => seen(() => patch(name)),
    patch,
    look: (name = 'web') =>
      seen(() => port.pollOperation({ link: linkOf(name), via: 'azureAsyncOperation' }, [], NEVER)),
    list: (subscriptionId = SUBSCRIPTION) => seen(() => port.listScaleSets({ subscriptionId }, undefined, NEVER)),
    readIdentity: () => seen(() => port.getIdentity(identityId('one'), NEVER)),
    /** Does it until it is to wait; how often it was sent. */
    async until(call: () => Promise<Seen>): Promise<number> {
      for (let count = 0; count < 10_000; count += 1) if ((await call()) !== 'sent') return count;
      throw new Error('it never has to wait');
    },
    /** From now on Azure answers such requests so, until {@link wellAgain}. */
    answer(method: string, path: string, answer: Answer): void {
      special.unshift({ fits: (one) => one.method === method && one.url.includes(path), answer });
    },
    wellAgain: () => special.splice(0),
  };
}

function ordinary({ method, url }: Sent): Answer {
  const name = new URL(url).pathname.split('/').at(-1)!;
  if (url.includes('/operations/')) return { body: { status: 'InProgress' } };
  if (url.includes('userAssignedIdentities')) return { body: identityBody('one') };
  if (name === 'virtualMachineScaleSets') return { body: { value: [] } };
  const body = scaleSetBody({ id: idOf(name).resourceId, name, location: regionOf(name) });
  return { body, headers: method === 'PATCH' ? { etag: '"8"' } : { etag: '"7"' } };
}

/** Compute's refusal of too many requests. */
export function tooMany(policy: string | undefined, retryAfter?: number): Answer {
  const details =
    policy === undefined
      ? []
      : [{ code: 'TooManyRequests', target: policy, message: `{"operationGroup":"${policy}"}` }];
  const message = 'The server rejected the request because too many requests have been received for this subscription.';
  return {
    status: 429,
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
    body: errorBody('OperationNotAllowed', message, {
      details,
      innererror: { internalErrorCode: 'TooManyRequestsReceived' },
    }),
  };
}
