import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { REASONS_IN_ORDER } from '../../../src/api/reasons.ts';
import type { IdentityStatus } from '../../../src/api/types.ts';
import { armKey } from '../../../src/identity/arm-id.ts';
import type { EntryPhase } from '../../../src/identity/ledger.ts';
import { binding, entry, GRANT_NOTHING } from '../identity/builders.ts';
import { allowAllBut, compose, identityStatus } from './builders.ts';

const NAMES = ['a', 'b', 'c', 'd', 'theirs-1', 'theirs-2'] as const;
const STATES: readonly IdentityStatus['state'][] = [
  ...(['Pending', 'Assigned', 'Failed', 'Missing', 'NotAuthorised', 'NotPermitted', 'Stale', 'Detaching'] as const),
];

const someNames = fc.subarray([...NAMES]);
const verdict = fc.record(
  {
    state: fc.constantFrom(...STATES),
    reason: fc.constantFrom(...REASONS_IN_ORDER),
    message: fc.constant('a message'),
    clientId: fc.constant('client'),
    keepsAssigned: fc.boolean(),
  },
  { requiredKeys: ['state'] },
);
const phase = fc.constantFrom<EntryPhase>('Attaching', 'Attached', 'Detaching', 'Reattaching');
const entries = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), phase, fc.subarray(['web', 'other'], { minLength: 1 })), {
    selector: ([name]) => name,
  })
  .map((list) => list.map(([name, itsPhase, members]) => entry(name, itsPhase, members)));
const stop = fc.record({
  reason: fc.constantFrom(...REASONS_IN_ORDER),
  message: fc.constant('it waits'),
  passing: fc.boolean(),
});
const inFlight = fc.record({
  reason: fc.constantFrom('Assigning' as const, 'Detaching' as const),
  systemAssigned: fc.constantFrom('on' as const, 'off' as const, 'asLive' as const),
});

const given = fc.record({
  declared: someNames,
  denied: someNames,
  deleting: fc.boolean(),
  suspend: fc.boolean(),
  observe: fc.boolean(),
  exclusive: fc.boolean(),
  /** What a binding of another namespace declares, which observes, is Manage, or is not permitted. */
  elsewhere: fc.record({ declared: someNames, permitted: fc.boolean(), observe: fc.boolean() }),
  systemAssigned: fc.constantFrom('Enabled' as const, 'Disabled' as const, 'Unmanaged' as const),
  permitted: fc.boolean(),
  remembered: fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...STATES)), {
    selector: ([name]) => name,
  }),
  live: fc.option(someNames, { nil: undefined }),
  entries,
  verdicts: fc.dictionary(fc.constantFrom(...NAMES), verdict),
  stop: fc.option(stop, { nil: undefined }),
  inFlight: fc.option(inFlight, { nil: undefined }),
  foreignCount: fc.option(fc.nat(9), { nil: undefined }),
});

type Given = typeof given extends fc.Arbitrary<infer T> ? T : never;

function composed(one: Given) {
  const { suspend, observe, systemAssigned, live, exclusive, elsewhere } = one;
  const other = binding('other', {
    namespace: 'other',
    userAssigned: elsewhere.declared,
    observe: elsewhere.observe,
    grants: elsewhere.permitted ? {} : GRANT_NOTHING,
  });
  const forged = one.remembered.map(([name, state]) => identityStatus(name, state, { attachedByUs: true }));
  return compose(
    {
      userAssigned: one.declared,
      deleting: one.deleting,
      spec: {
        suspend,
        managementPolicy: observe ? 'Observe' : 'Manage',
        mode: exclusive ? 'Exclusive' : 'Additive',
        systemAssigned,
      },
      policies: one.permitted ? [allowAllBut(...one.denied)] : [],
      status: { userAssigned: forged },
    },
    {
      entries: one.entries,
      verdicts: one.verdicts,
      ...(live === undefined ? {} : { live: { userAssigned: live } }),
      ...(one.stop === undefined ? {} : { stop: one.stop }),
      ...(one.inFlight === undefined ? {} : { inFlight: one.inFlight }),
      ...(one.foreignCount === undefined ? {} : { foreignCount: one.foreignCount }),
    },
    [other],
  );
}

function entriesFor(one: Given, name: string): readonly string[] {
  return one.entries
    .filter((each) => each.for.some((member) => member.name === name))
    .map(({ resourceId }) => armKey(resourceId));
}

describe('the status of any binding', () => {
  it('holds only identities that its spec declares or ledger entries for it, and none twice', () => {
    fc.assert(
      fc.property(given, (one) => {
        const shown = composed(one).status.userAssigned!.map(({ resourceId }) => armKey(resourceId));
        const mine = [
          ...one.declared.map((name) => armKey(identityStatus(name, 'Pending').resourceId)),
          ...entriesFor(one, 'web'),
        ];

        expect([...shown].sort()).toEqual([...new Set(mine)].sort());
      }),
    );
  });

  it('nowhere names an identity that is neither declared nor attached for it', () => {
    fc.assert(
      fc.property(given, (one) => {
        const text = JSON.stringify(composed(one).status);
        const own = new Set([...one.declared, ...entriesFor(one, 'web').map((id) => id.split('/').at(-1)!)]);
        // What mode: Exclusive would detach is named where no other namespace declares it.
        const isNamed = (name: string): boolean => one.exclusive && !one.elsewhere.declared.some((it) => it === name);
        const others = NAMES.filter((name) => !own.has(name) && !isNamed(name));

        expect(
          others.filter(
            (name) => text.includes(`/userAssignedIdentities/${name}`) || text.includes(`dentity ${name} `),
          ),
        ).toEqual([]);
      }),
    );
  });

  it('nowhere names what another namespace declares, whatever the mode', () => {
    fc.assert(
      fc.property(given, (one) => {
        const { status } = composed({ ...one, observe: true, exclusive: true, remembered: [] });
        const own = new Set([...one.declared, ...entriesFor(one, 'web').map((id) => id.split('/').at(-1)!)]);
        const theirs = one.elsewhere.declared.filter((name) => !own.has(name)).map((name) => `/${name}`);

        expect(theirs.filter((name) => JSON.stringify(status).includes(name))).toEqual([]);
      }),
    );
  });

  it('claims as ours only what the ledger says for it, never what a status said before', () => {
    fc.assert(
      fc.property(given, (one) => {
        const mine = new Set(entriesFor(one, 'web'));
        const claimed = composed(one).status.userAssigned!.filter(({ attachedByUs }) => attachedByUs);

        expect(claimed.filter(({ resourceId }) => !mine.has(armKey(resourceId)))).toEqual([]);
      }),
    );
  });

  it('says the same again when it is composed again', () => {
    fc.assert(
      fc.property(given, (one) => {
        expect(composed(one)).toEqual(composed(one));
      }),
    );
  });
});
