import { describe, expect, it } from 'vitest';

import { type ArmKey, armKey } from '../../../src/identity/arm-id.ts';
import type { LiveScaleSet } from '../../../src/identity/scale-set.ts';
import type { Failure, Result } from '../../../src/reconcile/azure-port.ts';
import { Inventory } from '../../../src/reconcile/inventory.ts';
import { scaleSet as liveScaleSet } from '../identity/builders.ts';
import { fixedRandom, VirtualClock } from '../runtime/virtual-clock.ts';
import { subscriptionId } from '../simulator/azure.ts';
import { scaleSet } from './objects.ts';
import { MINUTE, SECOND } from './world.ts';

const WEB = armKey(scaleSet('web'));
const API = armKey(scaleSet('api'));
const FAILURE: Failure = {
  kind: 'notAuthorised',
  code: 'AuthorizationFailed',
  message: 'no',
  identityIds: [],
  hadNoEffect: true,
};

/** An inventory of one subscription, whose list is answered as `answer` says. */
function started(options: { readonly random?: number; readonly latencyMs?: number } = {}) {
  const clock = new VirtualClock();
  const ending = new AbortController();
  const told: string[] = [];
  const listed: number[] = [];
  const world = {
    clock,
    ending,
    told,
    /** When lists were asked for, in seconds since the start. */
    listed,
    bound: [WEB] as readonly ArmKey[],
    answer: ok(WEB, API),
  };
  const startedAt = clock.now();
  const inventory = new Inventory(
    {
      azure: {
        listScaleSets: async (_subscriptionId, signal) => {
          listed.push((clock.now() - startedAt) / SECOND);
          await clock.sleep(options.latencyMs ?? 0, signal);
          return world.answer;
        },
      },
      clock,
      random: fixedRandom(options.random ?? 0.5),
      intervalMs: 10 * MINUTE,
      scaleSetsOf: () => world.bound,
      due: (key) => told.push(`due ${key.split('/').at(-1)!}`),
      failed: (_subscriptionId, { code }) => told.push(`failed ${code}`),
    },
    ending.signal,
  );
  inventory.follow(subscriptionId);
  return { ...world, world, inventory };
}

function ok(...keys: readonly ArmKey[]): Result<readonly LiveScaleSet[]> {
  return { ok: true, value: keys.map((key) => ({ ...liveScaleSet(), key })) };
}

describe('the inventory', () => {
  it('lists a subscription once an interval, however often it is asked to follow it', async () => {
    const { clock, inventory, listed } = started();
    inventory.follow(subscriptionId);

    await clock.advance(30 * MINUTE);

    expect(listed).toEqual([600, 1200, 1800]);
  });

  it.each([
    [0, 540],
    [0.999_999, 660],
  ])('spreads its lists: with chance %s the first comes after %s s', async (random, seconds) => {
    const { clock, listed } = started({ random });

    await clock.advance(12 * MINUTE);

    expect(Math.round(listed[0]!)).toBe(seconds);
  });

  it('keeps what is bound of a list, with the time at which it was asked for', async () => {
    const { clock, inventory } = started({ latencyMs: 30 * SECOND });
    const askedAt = clock.now() + 10 * MINUTE;

    await clock.advance(11 * MINUTE);

    expect(inventory.entry(WEB)).toMatchObject({ at: askedAt, scaleSet: { key: WEB } });
    expect(inventory.entry(API)).toBeUndefined();
  });

  it('has every bound scale set looked at after a list, also one that the list lacks', async () => {
    const { clock, told, world, inventory } = started();
    world.bound = [WEB, API];
    world.answer = ok(WEB);

    await clock.advance(10 * MINUTE);

    expect(told).toEqual(['due web', 'due api']);
    expect(inventory.entry(API)).toBeUndefined();
  });

  it('knows nothing any more after a list that failed, and has everything looked at', async () => {
    const { clock, told, world, inventory } = started();
    await clock.advance(10 * MINUTE);
    world.answer = { ok: false, failure: FAILURE };
    told.length = 0;

    await clock.advance(10 * MINUTE);

    expect(told).toEqual(['failed AuthorizationFailed', 'due web']);
    expect(inventory.entry(WEB)).toBeUndefined();
  });

  it('lists when its turn under the limits of Azure has come, and tells nobody that it had to wait', async () => {
    const { clock, inventory, listed, told, world } = started();
    const queued: Failure = { ...FAILURE, kind: 'queued', code: 'Queued', retryAfterMs: 1500, hadNoEffect: true };
    world.answer = { ok: false, failure: queued };
    await clock.advance(10 * MINUTE);
    world.answer = ok(WEB);
    await clock.advance(1500);

    expect(listed).toEqual([600, 601.5]);
    expect(told).toEqual(['due web']);
    expect(inventory.entry(WEB)?.at).toBe(clock.now());
  });

  it('stops when nothing is bound any more, and begins again when asked to', async () => {
    const { clock, world, listed, inventory } = started();
    world.bound = [];
    await clock.advance(60 * MINUTE);
    const stopped = [...listed];
    world.bound = [WEB];
    inventory.follow(subscriptionId);

    await clock.advance(10 * MINUTE);

    expect(stopped).toEqual([]);
    expect(listed).toHaveLength(1);
  });

  it('forgets what it is told to', async () => {
    const { clock, inventory } = started();
    await clock.advance(10 * MINUTE);

    inventory.forget(WEB);

    expect(inventory.entry(WEB)).toBeUndefined();
  });

  it('ends when it is stopped, even in the middle of a list, and follows nothing after', async () => {
    const { clock, ending, inventory, listed } = started({ latencyMs: MINUTE });
    await clock.advance(10 * MINUTE + SECOND);

    ending.abort();
    await inventory.ended();
    inventory.follow(subscriptionId);
    await clock.advance(60 * MINUTE);

    expect(listed).toHaveLength(1);
  });
});
