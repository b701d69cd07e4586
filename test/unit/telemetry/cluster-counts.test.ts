import { describe, expect, it } from 'vitest';

import { REASONS_IN_ORDER } from '../../../src/api/reasons.ts';
import type { IdentityState, VmssIdentityBinding, VmssIdentityLedger } from '../../../src/api/types.ts';
import { countCluster } from '../../../src/telemetry/cluster-counts.ts';

const CREATED = '2026-03-01T10:00:00Z';

interface Shown {
  readonly uid?: string;
  readonly ready?: readonly ['True' | 'False' | 'Unknown', string];
  readonly states?: readonly IdentityState[];
  /** Of Ready, or of the binding where it has no conditions. */
  readonly since?: string;
}

const binding = ({ uid = 'one', ready, states, since = CREATED }: Shown = {}): VmssIdentityBinding => {
  const condition = ready && {
    type: 'Ready',
    status: ready[0],
    reason: ready[1],
    message: '',
    lastTransitionTime: since,
  };
  const userAssigned = states?.map((state) => ({
    resourceId: 'app',
    state,
    attachedByUs: true,
    lastTransitionTime: '',
  }));
  const status = {
    observedGeneration: -1,
    ...(condition === undefined ? {} : { conditions: [condition] }),
    ...(userAssigned === undefined ? {} : { userAssigned }),
  };
  return { metadata: { uid, creationTimestamp: since }, status } as unknown as VmssIdentityBinding;
};

const entry = (...uids: readonly string[]) => ({
  resourceId: 'app',
  phase: 'Attached',
  since: '',
  for: uids.map((uid) => ({ namespace: 'shop', name: 'web', uid })),
});
const ledger = (entries: readonly ReturnType<typeof entry>[], rest: object = {}): VmssIdentityLedger =>
  ({ spec: { scaleSetId: 'web', entries, ...rest } }) as unknown as VmssIdentityLedger;

const countOf = (bindings: readonly VmssIdentityBinding[]) =>
  countCluster({ bindings, ledgers: [] }).bindings.filter(({ count }) => count > 0);

describe('counts of bindings', () => {
  it('are by status and reason of Ready', () => {
    const bindings = [
      binding({ ready: ['True', 'Assigned'] }),
      binding({ ready: ['True', 'Assigned'] }),
      binding({ ready: ['False', 'NotPermitted'] }),
    ];
    expect(countOf(bindings)).toEqual([
      { ready: 'False', reason: 'NotPermitted', count: 1 },
      { ready: 'True', reason: 'Assigned', count: 2 },
    ]);
  });

  it('have a row for those that nobody has looked at yet', () => {
    expect(countOf([binding()])).toEqual([{ ready: 'Unknown', reason: 'none', count: 1 }]);
  });

  it('have one row for all words that are no reasons, whatever they say', () => {
    const bindings = [binding({ ready: ['False', 'Forged'] }), binding({ ready: ['False', 'toString'] })];
    expect(countOf(bindings)).toEqual([{ ready: 'False', reason: 'other', count: 2 }]);
  });

  it('have a row of 0 for every reason', () => {
    const { bindings } = countCluster({ bindings: [], ledgers: [] });
    expect(new Set(bindings.map(({ reason }) => reason))).toEqual(new Set(['none', ...REASONS_IN_ORDER]));
    expect(bindings.every(({ count }) => count === 0)).toBe(true);
  });

  it('tell a suspended binding that was ready from one that was not', () => {
    const bindings = [binding({ ready: ['True', 'Suspended'] }), binding({ ready: ['Unknown', 'Suspended'] })];
    expect(countOf(bindings)).toEqual([
      { ready: 'True', reason: 'Suspended', count: 1 },
      { ready: 'Unknown', reason: 'Suspended', count: 1 },
    ]);
  });
});

describe('the time since when bindings are not ready', () => {
  const sinceOf = (...bindings: readonly VmssIdentityBinding[]): Readonly<Record<string, number>> => {
    const { notReadySinceMs } = countCluster({ bindings, ledgers: [] });
    return Object.fromEntries(Object.entries(notReadySinceMs).filter(([, sinceMs]) => sinceMs !== 0));
  };
  const LATER = '2026-03-01T11:00:00Z';

  it('is that of the one that is so for the longest, for each reason', () => {
    const bindings = [
      binding({ ready: ['False', 'Throttled'], since: LATER }),
      binding({ ready: ['False', 'Throttled'], since: CREATED }),
      binding({ ready: ['False', 'Rejected'], since: LATER }),
    ];
    expect(sinceOf(...bindings)).toEqual({ Throttled: Date.parse(CREATED), Rejected: Date.parse(LATER) });
  });

  it('is the creation of one that nobody has looked at yet', () => {
    expect(sinceOf(binding({ since: LATER }))).toEqual({ none: Date.parse(LATER) });
  });

  it('is told of words that are no reasons, too', () => {
    expect(sinceOf(binding({ ready: ['False', 'Forged'] }))).toEqual({ other: Date.parse(CREATED) });
  });

  it('is none for those that are ready, and for suspended ones', () => {
    const bindings = [binding({ ready: ['True', 'Assigned'] }), binding({ ready: ['False', 'Suspended'] })];
    expect(sinceOf(...bindings, binding({ ready: ['True', 'Forged'] }))).toEqual({});
  });
});

describe('counts of identities', () => {
  it('are by state, over all bindings', () => {
    const bindings = [binding({ states: ['Assigned', 'Missing'] }), binding({ states: ['Assigned'] }), binding()];
    expect(countCluster({ bindings, ledgers: [] }).identities).toEqual({
      Pending: 0,
      Assigned: 2,
      Failed: 0,
      Missing: 1,
      NotAuthorised: 0,
      NotPermitted: 0,
      Stale: 0,
      Detaching: 0,
    });
  });
});

describe('counts of identities of another version', () => {
  it('leave out states that are not known', () => {
    const states: readonly IdentityState[] = ['Assigned', 'Somehow' as IdentityState];
    const { identities } = countCluster({ bindings: [binding({ states })], ledgers: [] });
    expect(identities).not.toHaveProperty('Somehow');
    expect(identities.Assigned).toBe(1);
  });
});

describe('counts of orphans', () => {
  const orphans = (...ledgers: readonly VmssIdentityLedger[]): number =>
    countCluster({ bindings: [binding({ uid: 'one' }), binding({ uid: 'two' })], ledgers }).orphans;

  it('are of entries whose members are all gone', () => {
    expect(orphans(ledger([entry('gone'), entry('gone', 'too')]), ledger([entry('gone')]))).toBe(3);
  });

  it('are of entries of which one member is gone, too: where somebody took over, the ledger names it no more', () => {
    expect(orphans(ledger([entry('gone', 'two'), entry('one')]))).toBe(1);
  });

  it('are of entries that name nobody', () => {
    expect(orphans(ledger([entry()]))).toBe(1);
  });

  it('leave out entries whose members are all there', () => {
    expect(orphans(ledger([entry('one', 'two'), entry('one')]))).toBe(0);
  });

  it('hold the system-assigned identity, too', () => {
    const { for: members } = entry('gone');
    expect(orphans(ledger([], { systemAssigned: { phase: 'Enabled', since: '', for: members } }))).toBe(1);
  });
});
