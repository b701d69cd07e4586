/**
 * What the operator may ask of Azure, and when. Every request has its turn under all the limits that count it; one whose
 * turn has not come is not sent, and is told when to come again: nothing here ever waits.
 *
 * A limit is of one subscription and region, one scale set, and one kind of request, so that a throttled region stops no
 * other, reads stop no writes, and the reverse.
 */
import type { ArmKey } from '../../identity/arm-id.ts';
import type { Failure } from '../../reconcile/azure-port.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ArmCall } from '../call.ts';
import type { ArmReply } from '../request.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Bucket } from './bucket.ts';
import { Buckets, type Scope, type TenantParts } from './buckets.ts';
import { type Charge, type ChargedLimit, chargeOf, chargeOfRead, chargeOfWrite, narrowFirst } from './charge.ts';
import { type BudgetLog, Closures } from './closures.ts';
import { Learnt } from './learnt.ts';
import { oursOf, type PolicyName } from './limits.ts';
import { remainingIn } from './remaining.ts';
import { limitOf, throttleIn } from './throttle.ts';

/** Hears what becomes of requests. The scale set of a limit is not told: there may be thousands. */
export interface BudgetObserver {
  /** A request has to wait for its turn. */
  queued(policy: PolicyName): void;
  /** Azure refused a request because there were too many. */
  throttled(scope: Omit<Scope, 'resource'>): void;
}

/** One limit of a subscription, a region or the tenant, as metrics show it. */
export interface BudgetFigure extends Omit<Scope, 'resource'> {
  /** Tokens that nobody has a claim on, below 0 when requests wait; absent where there is no budget. */
  readonly left?: number;
  /** For how long Azure has it closed, in milliseconds; of limits of a scale set, the longest. */
  readonly closedForMs: number;
}

/** When to come again, and for which limit's sake. */
export interface Turn {
  readonly waitMs: number;
  readonly policy: PolicyName;
}

export interface BudgetOptions {
  /** The part taken of what is shared with other clients, above 0 to 1; 0: nothing waits unless Azure says so. */
  readonly share: number;
  /** Of limits of the tenant, when several processes draw on them. */
  readonly tenantParts?: TenantParts | undefined;
  readonly clock: Clock;
  readonly log: BudgetLog;
  readonly observer: BudgetObserver;
  /** A scale set's key as somebody holds it anyway. */
  readonly heldKey?: ((scaleSet: ArmKey) => ArmKey) | undefined;
}

/** A place in a line that nobody has come for so long after its time is given to the next. */
const LAPSES_AFTER_MS = 5 * 60_000;
/** Between being told that it may go and being sent, a write is put on record. */
const WRITE_WITHIN_MS = 60_000;
const REMEMBERED = 100_000;

export class Budgets {
  readonly #options: BudgetOptions;
  readonly #buckets: Buckets;
  readonly #closures = new Closures();
  readonly #learnt: Learnt;
  /** Writes that have their tokens and were not sent yet, with the time at which those lapse. */
  readonly #mayGo = new BoundedMap<string, number>(REMEMBERED);

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#buckets = new Buckets(options.share, options.tenantParts);
    this.#learnt = new Learnt(options.heldKey);
  }

  /** What a request costs, as far as is known before it is sent. */
  chargeOf(call: ArmCall): Charge {
    const charge = chargeOf(call, this.#learnt);
    const now = this.#now();
    // A guess must not have a region wait for another one that Azure throttles.
    const isOf = (limit: ChargedLimit): boolean =>
      limit.region !== 'guessed' || this.#buckets.of(limit, now).closedForMs(now) === 0;
    return { ...charge, limits: charge.limits.filter(isOf) };
  }

  /**
   * Undefined when it may be sent now, and then it has taken its tokens.
   * @param log here and below: where lines go that come of it
   */
  ask(charge: Charge, log = this.#options.log): Turn | undefined {
    const turn = this.#mayGoNow(charge) ? undefined : this.#enter(charge, true, log);
    this.#mayGo.delete(charge.key);
    return turn;
  }

  /**
   * Asks for the turn of a write before it is sent; undefined when it may be. The next PATCH of the scale set then goes
   * without asking.
   * @param identities that it carries
   * @param readsFirst whether the scale set is read again right before it; that read then goes without asking, too
   */
  placeForWrite(
    scaleSet: ArmKey,
    identities: number,
    { readsFirst = false, log = this.#options.log } = {},
  ): Turn | undefined {
    const location = this.#learnt.locationOf(scaleSet);
    const write = chargeOfWrite(scaleSet, identities, location);
    if (this.#mayGoNow(write)) return undefined;
    const read = readsFirst ? [chargeOfRead(scaleSet, location)] : [];
    const turn = this.#enter({ ...write, limits: narrowFirst([write, ...read]) }, true, log);
    if (turn !== undefined) return turn;
    for (const { key } of [write, ...read]) this.#mayGo.set(key, this.#now() + WRITE_WITHIN_MS);
    return undefined;
  }

  /**
   * Learns from a reply.
   * @returns when Azure throttled: how long until the request has its turn again, in milliseconds
   */
  note(charge: Charge, call: ArmCall, reply: ArmReply, log = this.#options.log): number | undefined {
    const { clock } = this.#options;
    const now = this.#now();
    const limits = this.#learn(charge, call, reply);
    const remaining = remainingIn(reply.headers);
    for (const limit of limits) {
      const left = remaining.get(limit.policy);
      if (left !== undefined) this.#buckets.of(limit, now).lower(oursOf(limit.policy, this.#options.share, left), now);
    }
    const throttle = throttleIn(call, reply, clock.now());
    if (throttle === undefined) {
      if (reply.status < 500) for (const limit of limits) this.#buckets.of(limit, now).succeeded(now);
      return undefined;
    }
    const limit = limitOf(throttle, throttle.isLate ? this.#writeOf(charge) : { ...charge, limits });
    if (limit === undefined) return undefined;
    const bucket = this.#close(limit, throttle.failure, log);
    if (throttle.isLate) return bucket.closedForMs(now);
    return this.#enter(charge, false, log)?.waitMs;
  }

  /** The limits of subscriptions, regions and the tenant; those of scale sets only as far as Azure has them closed. */
  figures(): readonly BudgetFigure[] {
    const now = this.#now();
    this.#closures.review(now, this.#options.log);
    const figures = new Map<string, BudgetFigure>();
    for (const { scope, bucket } of this.#buckets.all()) {
      const { policy, subscription, location } = scope;
      const closedForMs = bucket.closedForMs(now);
      const left = scope.resource === undefined ? bucket.left(now) : undefined;
      if (closedForMs === 0 && left === undefined) continue;
      const name = [policy, subscription, location].join(' ');
      const other = figures.get(name);
      figures.set(name, {
        policy,
        subscription,
        location,
        ...(left === undefined ? {} : { left: left + (other?.left ?? 0) }),
        closedForMs: Math.max(closedForMs, other?.closedForMs ?? 0),
      });
    }
    return [...figures.values()];
  }

  /**
   * The first limit, from narrow to wide, under which it is not its turn; when there is none, it takes its tokens.
   * @param isTold whether the observer hears when it begins to wait
   */
  #enter({ key, limits }: Charge, isTold: boolean, log: BudgetLog): Turn | undefined {
    const now = this.#now();
    this.#closures.review(now, log);
    const buckets = limits.map((limit) => ({ ...limit, bucket: this.#buckets.of(limit, now) }));
    for (const [index, { policy, bucket, tokens }] of buckets.entries()) {
      const waitMs = bucket.waitMs(key, tokens, now);
      if (waitMs === 0) continue;
      if (isTold && !bucket.has(key)) this.#options.observer.queued(policy);
      const until = now + waitMs + LAPSES_AFTER_MS;
      for (const narrower of buckets.slice(0, index)) narrower.bucket.keep(key, narrower.tokens, now, until);
      bucket.keep(key, tokens, now + waitMs, until);
      return { waitMs, policy };
    }
    for (const { bucket, tokens } of buckets) bucket.take(key, tokens, now);
    return undefined;
  }

  /** A write that has its tokens may go, unless Azure has closed one of its limits since. */
  #mayGoNow({ key, limits }: Charge): boolean {
    const now = this.#now();
    const until = this.#mayGo.get(key);
    if (until === undefined || until <= now) return false;
    return limits.every((limit) => this.#buckets.of(limit, now).closedForMs(now) === 0);
  }

  #close(limit: ChargedLimit, { retryAfterMs, code }: Pick<Failure, 'retryAfterMs' | 'code'>, log: BudgetLog): Bucket {
    const now = this.#now();
    const { policy, subscription, location, resource } = limit;
    const bucket = this.#buckets.of(limit, now);
    // "At once" is no answer to a request that came too often.
    bucket.close(limit.tokens, retryAfterMs === 0 ? undefined : retryAfterMs, now);
    const scope = { policy, subscription, location };
    this.#options.observer.throttled(scope);
    this.#closures.began({ ...scope, ...(resource === undefined ? {} : { resource }) }, bucket, code, now, log);
    return bucket;
  }

  /**
   * Learns from the reply. What a scale set was charged by a guess is put right when it is known where it lies.
   * @returns the charge as it would have been, had that been known before
   */
  #learn(charge: Charge, call: ArmCall, reply: ArmReply): readonly ChargedLimit[] {
    this.#learnt.learn(charge, call, reply);
    const certain = charge.limits.filter(({ region }) => region !== 'guessed');
    const location = charge.scaleSet === undefined ? undefined : this.#learnt.locationOf(charge.scaleSet);
    if (location === undefined || !certain.some(({ region }) => region === 'unknown')) return certain;
    const known = certain.map(({ region, ...limit }) => (region === 'unknown' ? { ...limit, location } : limit));
    const now = this.#now();
    for (const limit of charge.limits) {
      if (limit.region === 'guessed') this.#buckets.of(limit, now).debit(-limit.tokens, now);
    }
    for (const limit of known) {
      if (limit.location !== '' && limit.resource === undefined) this.#buckets.of(limit, now).debit(limit.tokens, now);
    }
    return known;
  }

  /** The write that an operation carries out, in the region of the operation. */
  #writeOf(look: Charge): Charge {
    const [{ resource, location } = {}] = look.limits;
    return resource === undefined ? look : chargeOfWrite(resource as ArmKey, 1, location);
  }

  #now(): number {
    return this.#options.clock.monotonicMs();
  }
}
