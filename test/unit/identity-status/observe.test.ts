import { describe, expect, it } from 'vitest';

import type { PlanStatus } from '../../../src/api/types.ts';
import { binding, entry, identityId } from '../identity/builders.ts';
import {
  ALLOW_ALL,
  allowAllBut,
  ASSIGNED,
  BEFORE,
  type BindingOptions,
  compose,
  identityOf,
  identityStatus,
  readyOf,
  readyStatus,
  shown,
  type ViewOptions,
} from './builders.ts';

const OBSERVE = { spec: { managementPolicy: 'Observe' } } as const;
/** `a` is there, and `b` is not. */
const PARTLY: ViewOptions = {
  live: { userAssigned: ['a', 'theirs'] },
  verdicts: { a: ASSIGNED, b: { state: 'Pending' } },
  foreignCount: 1,
};
const BOTH: BindingOptions = { ...OBSERVE, userAssigned: ['a', 'b'] };

const PLAN: PlanStatus = { type: 'UserAssigned', attach: [identityId('b')], detach: [], warnings: [], request: '{}' };

/** As it was left by a pass that found that `b` would be attached. */
function wouldChange(plan = PLAN): BindingOptions {
  const ready = readyStatus('a');
  const conditions = ready.conditions!.map((one) => ({ ...one, reason: 'WouldChange', message: 'As before.' }));
  const userAssigned = [identityStatus('a', 'Assigned'), identityStatus('b', 'Pending')];
  return { ...BOTH, status: { ...ready, conditions, userAssigned, summary: '1/2', plan } };
}

describe('a binding that observes', () => {
  it('is Ready and InSync when nothing would be done', () => {
    const composed = compose({ ...OBSERVE, userAssigned: ['a'] }, PARTLY);

    expect(shown(composed)).toBe('Ready=True InSync');
    expect(composed.status.plan).toEqual({ type: 'UserAssigned', attach: [], detach: [], warnings: [] });
  });

  it('is Ready and WouldChange when something would be, and says what', () => {
    const composed = compose(BOTH, PARTLY);

    expect(shown(composed)).toBe('Ready=True WouldChange');
    expect(readyOf(composed).message).toBe(
      'With managementPolicy: Manage, 1 identity would be attached: see status.plan.',
    );
    expect(composed.status).toMatchObject({
      plan: { attach: [identityId('b')], detach: [] },
      scaleSet: { name: 'web' },
      systemAssigned: { state: 'Disabled' },
      summary: '1/2',
      foreignCount: 1,
    });
  });

  it('shows each identity as it is', () => {
    const missing = { state: 'Missing', reason: 'IdentityMissing', message: 'it is not there' } as const;
    const given = { ...OBSERVE, userAssigned: ['a', 'b', 'c', 'd'], policies: [allowAllBut('d')] };
    const composed = compose(given, { ...PARTLY, verdicts: { ...PARTLY.verdicts, c: missing } });

    expect(['a', 'b', 'c', 'd'].map((name) => identityOf(composed, name).state)).toEqual([
      'Assigned',
      'Pending',
      'Missing',
      'NotPermitted',
    ]);
  });

  it('shows what was attached for it and it no longer declares as it is, not on its way out', () => {
    const composed = compose(OBSERVE, {
      live: { userAssigned: ['a', 'b'] },
      verdicts: { a: ASSIGNED, b: ASSIGNED },
      entries: [entry('b', 'Attached', ['web'])],
    });

    expect(identityOf(composed, 'b')).toMatchObject({ state: 'Assigned', attachedByUs: true });
    expect(composed.status.plan?.detach).toEqual([identityId('b')]);
  });

  it('is NotPermitted for a part, and says what would be done of the rest', () => {
    const composed = compose({ ...BOTH, userAssigned: ['b', 'c'], policies: [allowAllBut('c')] }, PARTLY);

    expect(shown(composed)).toBe('Ready=False Reconciling NotPermitted');
    expect(readyOf(composed).message).toContain('identity c. The rest is observed.');
    expect(composed.status.plan?.attach).toEqual([identityId('b')]);
  });

  it('is told nothing of the scale set when no policy allows it', () => {
    const composed = compose({ ...wouldChange(), policies: [] }, PARTLY);

    expect(readyOf(composed).reason).toBe('NotPermitted');
    expect(composed.status).not.toHaveProperty('plan');
  });

  it('is IdentityMissing, not in sync, when an identity does not exist', () => {
    const missing = { state: 'Missing', reason: 'IdentityMissing', message: 'it is not there' } as const;
    expect(shown(compose(OBSERVE, { live: {}, verdicts: { a: missing } }))).toBe(
      'Ready=False Reconciling IdentityMissing',
    );
  });

  it('is in Conflict where its Disabled would lose', () => {
    const others = [binding('other', { systemAssigned: 'Enabled' })];
    const given = { ...OBSERVE, spec: { ...OBSERVE.spec, systemAssigned: 'Disabled' as const }, userAssigned: [] };

    expect(shown(compose(given, { live: { systemAssigned: true } }, others))).toBe('Ready=False Stalled Conflict');
    expect(shown(compose(given, { live: { systemAssigned: true } }))).toBe('Ready=True WouldChange');
  });

  it('has no plan while it is suspended, nor once it is deleted', () => {
    const suspended = { ...wouldChange(), spec: { ...OBSERVE.spec, suspend: true } };
    expect(compose(suspended, PARTLY).status).not.toHaveProperty('plan');
    const deleting = { ...wouldChange(), deleting: true };
    expect(compose(deleting, PARTLY).status).not.toHaveProperty('plan');
  });

  it('learns from another’s plan to be Exclusive no more than from its own', () => {
    const exclusive = { surplus: [], goesAt: Date.parse('2026-03-01T13:00:00Z') };
    const composed = compose({ ...BOTH, policies: [ALLOW_ALL] }, { ...PARTLY, exclusive });

    expect(shown(composed)).toBe('Ready=True WouldChange');
  });
});

describe('a binding that observes a scale set which others’ troubles stop', () => {
  const stop = { reason: 'BlockedByAdministrator', message: 'A lock.', passing: false } as const;

  it('is as Ready as without them, for it wants nothing written', () => {
    expect(shown(compose(BOTH, { ...PARTLY, stop }))).toBe('Ready=True WouldChange');
    expect(shown(compose({ ...OBSERVE, userAssigned: ['a'] }, { ...PARTLY, stop }))).toBe('Ready=True InSync');
  });

  it('shows them when it cannot be told whether an identity works', () => {
    const verdicts = { a: { state: 'Pending' } } as const;
    expect(shown(compose(OBSERVE, { live: { userAssigned: ['a'] }, verdicts, stop }))).toBe(
      'Ready=False Reconciling BlockedByAdministrator',
    );
  });

  it('shows them when the scale set could not be read, with the plan as it was', () => {
    const composed = compose(wouldChange(), { stop });

    expect(shown(composed)).toBe('Ready=False Reconciling BlockedByAdministrator');
    expect(composed.status.plan).toEqual(PLAN);
  });
});

describe('a binding that observes, in a pass that did not read the scale set', () => {
  it('stays as it was', () => {
    const given = wouldChange();
    const { status } = compose(given);

    expect(status).toEqual({ ...given.status, conditions: status.conditions });
    expect(status.conditions).toMatchObject([
      { status: 'True', reason: 'WouldChange', message: 'As before.', lastTransitionTime: BEFORE },
    ]);
  });

  it('stays in sync as it was', () => {
    const { status } = wouldChange();
    const conditions = status!.conditions!.map((one) => ({ ...one, reason: 'InSync' }));

    expect(shown(compose({ ...BOTH, status: { ...status, conditions } }))).toBe('Ready=True InSync');
  });

  it('has no plan of another spec', () => {
    expect(compose({ ...wouldChange(), generation: 4 }).status).not.toHaveProperty('plan');
  });

  it('says that nobody has looked yet, when nobody has', () => {
    expect(readyOf(compose(BOTH)).message).toBe('The scale set has not been looked at yet.');
  });
});

describe('the plan of a binding that observes', () => {
  const exclusively: BindingOptions = { spec: { ...OBSERVE.spec, mode: 'Exclusive' }, userAssigned: [] };

  it('stays as it was told when Azure spells the same in another way', () => {
    const first = compose(exclusively, { live: { userAssigned: ['Theirs'] } }).status;
    const again = compose({ ...exclusively, status: first }, { live: { userAssigned: ['theirs'] } }).status;

    expect(again.plan).toEqual(first.plan);
    expect(again.plan?.detach).toEqual([identityId('Theirs')]);
  });

  it('is told anew when it is another', () => {
    const first = compose(exclusively, { live: { userAssigned: ['theirs'] } }).status;
    const again = compose({ ...exclusively, status: first }, { live: { userAssigned: ['others'] } }).status;

    expect(again.plan?.detach).toEqual([identityId('others')]);
  });
});
