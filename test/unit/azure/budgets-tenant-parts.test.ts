import { describe, expect, it } from 'vitest';

import { Budgets } from '../../../src/azure/budgets/budgets.ts';
import { chargeOfWrite } from '../../../src/azure/budgets/charge.ts';
import { armKey } from '../../../src/identity/arm-id.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';

const SILENT = { info: () => undefined, warn: () => undefined };
const SHARE = 0.5;
/** The operator's part of 400 in 20 s. */
const WHOLE = 200;

const writeOf = (subscription: string, name: string, identities: number) => {
  const id = `/subscriptions/${subscription}/resourceGroups/web/providers/microsoft.compute/virtualmachinescalesets/${name}`;
  return chargeOfWrite(armKey(id), identities, 'westeurope');
};

/** @param parts into how many the limit is divided; subscriptions `a…` draw on the first, others on the second */
function setUp(parts: number) {
  const budgets = new Budgets({
    share: SHARE,
    tenantParts: { count: parts, of: (subscription) => (subscription.startsWith('a') || parts === 1 ? 0 : 1) },
    clock: new VirtualClock(),
    log: SILENT,
    observer: { queued: () => undefined, throttled: () => undefined },
  });
  /** How many identities may be assigned at once, one for each scale set, in this many subscriptions. */
  const assignable = (...subscriptions: readonly string[]): number => {
    let count = 0;
    for (let index = 0; index < 2 * WHOLE; index++) {
      const subscription = subscriptions[index % subscriptions.length]!;
      if (budgets.ask(writeOf(subscription, `set-${String(index)}`, 1)) === undefined) count += 1;
    }
    return count;
  };
  return { budgets, assignable };
}

describe('the limit of a tenant', () => {
  // Each subscription has a limit of 150 of its own.
  it('is drawn on by all subscriptions together', () => {
    expect(setUp(1).assignable('a1', 'a2', 'b1', 'b2')).toBe(WHOLE);
  });

  it('is divided where several processes draw on it: each has its part, and no more', () => {
    expect(setUp(4).assignable('a1', 'a2')).toBe(WHOLE / 4);
  });

  it('is all of it again for who has all the parts', () => {
    expect(setUp(2).assignable('a1', 'a2', 'b1', 'b2')).toBe(WHOLE);
  });

  it('is one figure, whatever its parts', () => {
    const { budgets } = setUp(2);
    budgets.ask(writeOf('a1', 'one', 3));
    budgets.ask(writeOf('b1', 'two', 4));

    const left = budgets.figures().filter(({ policy }) => policy === 'IdentityAssignmentOfTenant');
    expect(left).toMatchObject([{ subscription: '', location: 'westeurope', left: WHOLE - 7 }]);
  });
});
