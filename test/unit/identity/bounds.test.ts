import { describe, expect, it } from 'vitest';

import { MAX_ENTRIES, MAX_FOREIGN, MAX_MEMBER_BYTES, MAX_MEMBERS, withinBytes } from '../../../src/identity/bounds.ts';
import type { Declaration } from '../../../src/identity/declaration.ts';
import type { Ledger } from '../../../src/identity/ledger.ts';
import { decide, type Decision } from '../../../src/identity/plan.ts';
import { settleMembers } from '../../../src/identity/settle.ts';
import { assertValid } from '../reconcile/schemas.ts';
import {
  binding,
  entry,
  GRANT_NOTHING,
  ledger,
  member,
  nameOf,
  NOW,
  situation,
  type SituationOptions,
  systemEntry,
} from './builders.ts';

function names(count: number, prefix = 'b'): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, '0')}`);
}

/** Decides, and holds the ledger against the schema of the API server. */
function decided(options: SituationOptions): Decision {
  const decision = decide(situation(options));
  assertValid('ledgerSpec', decision.ledger);
  return decision;
}

function membersOf({ ledger: { entries } }: Decision): readonly string[] {
  return entries.flatMap((one) => one.for.map(({ name }) => name));
}

describe.each([
  ['one less', MAX_MEMBERS - 1],
  ['as many', MAX_MEMBERS],
  ['one more', MAX_MEMBERS + 1],
])('bindings of one identity, %s than an entry can name', (_what, count) => {
  const all = names(count);
  const declarations = all.map((name) => binding(name, { userAssigned: ['id'] }));
  const first = all.slice(0, MAX_MEMBERS);

  it('are named, the oldest first', () => {
    const decision = decided({ declarations });
    expect(membersOf(decision)).toEqual(first);
    expect(decision.delta.attach).toHaveLength(1);
  });

  it('are named in the order of their age, however they are called', () => {
    const decision = decided({ declarations: declarations.toReversed() });
    expect(membersOf(decision)).toEqual(all.toReversed().slice(0, MAX_MEMBERS).toSorted());
  });

  it('are named so too where the system-assigned identity is asked for', () => {
    const asking = all.map((name) => binding(name, { systemAssigned: 'Enabled' }));
    const { systemAssigned } = decided({ declarations: asking }).ledger;
    expect(systemAssigned?.for.map(({ name }) => name)).toEqual(first);
  });

  it('take over an entry without a word from Azure, as many as it can name', () => {
    const settled = settleMembers(ledger([entry('id', 'Attached', ['b000'])]), declarations);
    assertValid('ledgerSpec', settled);
    expect(settled.entries[0]?.for.map(({ name }) => name)).toEqual(first);
  });
});

describe('a binding beyond what an entry can name', () => {
  const served = names(MAX_MEMBERS, 'served');
  const recorded = [entry('id', 'Attached', served)];
  const serving = served.map((name) => binding(name, { userAssigned: ['id'] }));
  const older = binding('older', { userAssigned: ['id', 'other'] });
  const live = { userAssigned: ['id'] };

  it('takes nobody’s place, be it ever so old', () => {
    const decision = decided({ declarations: [older, ...serving], entries: recorded, live });
    expect(decision.ledger.entries[0]?.for.map(({ name }) => name)).toEqual(served);
  });

  it('is served with all else that it declares', () => {
    const decision = decided({ declarations: [older, ...serving], entries: recorded, live });
    expect(decision.delta.attach.map(({ key }) => nameOf(key))).toEqual(['other']);
  });

  it('takes the place of one that leaves, in the same decision', () => {
    const [, ...rest] = serving;
    const leaving = binding('served000', { deleting: true });
    const decision = decided({ declarations: [older, leaving, ...rest], entries: recorded, live });
    expect(decision.ledger.entries[0]?.for.map(({ name }) => name)).toEqual(['older', ...served.slice(1)]);
  });

  it('keeps the identity when all that were named leave at once', () => {
    const leaving = served.map((name) => binding(name, { deleting: true }));
    const decision = decided({ declarations: [older, ...leaving], entries: recorded, live });
    expect(decision.delta.detach).toEqual([]);
    expect(decision.ledger.entries[0]?.for).toEqual([member('older')]);
  });
});

describe.each([
  ['one less', MAX_ENTRIES - 1],
  ['as many', MAX_ENTRIES],
  ['one more', MAX_ENTRIES + 1],
])('identities, %s than a ledger has entries', (_what, count) => {
  const ids = names(count, 'id');
  /** Each declares as many as a binding can. */
  const idsOf = (owner: number): readonly string[] => ids.slice(owner * 64, owner * 64 + 64);
  const owners = names(Math.ceil(count / 64), 'owner').map((name, index) =>
    binding(name, { userAssigned: idsOf(index) }),
  );

  it('are attached, those of the oldest bindings first', () => {
    const { delta, ledger: next } = decided({ declarations: owners.toReversed() });
    const first = owners.toReversed().flatMap(({ userAssigned }) => [...userAssigned.keys()].map(nameOf));
    first.length = Math.min(count, MAX_ENTRIES);
    first.sort();
    expect(delta.attach.map(({ key }) => nameOf(key))).toEqual(first);
    expect(next.entries.map(({ resourceId }) => nameOf(resourceId))).toEqual(first);
  });

  it('stay on record where they are, and the youngest waits', () => {
    const recorded = ids.slice(1, MAX_ENTRIES + 1);
    const entries = recorded.map((id) => entry(id, 'Attached', [owners[Math.floor(ids.indexOf(id) / 64)]!.name]));
    const { delta, ledger: next } = decided({ declarations: owners, entries, live: { userAssigned: recorded } });
    expect(delta.detach).toEqual([]);
    expect(delta.attach).toHaveLength(count > MAX_ENTRIES ? 0 : 1);
    expect(next.entries).toHaveLength(Math.min(count, MAX_ENTRIES));
  });

  it('are told of as foreign, as many as there is room for', () => {
    const { ledger: next, foreign } = decided({ live: { userAssigned: ids } });
    expect(next.foreign.map(nameOf)).toEqual(ids.slice(0, MAX_FOREIGN));
    expect(foreign).toHaveLength(count);
  });
});

describe('an identity beyond the entries of a ledger', () => {
  const recorded = names(MAX_ENTRIES, 'id');
  const owner = binding('owner', { userAssigned: recorded });
  const entries = recorded.map((id) => entry(id, 'Attached', ['owner']));
  const late = binding('late', { userAssigned: ['more'], adopt: ['more'] });

  it('is not taken over either, and stays as others attached it', () => {
    const live = { userAssigned: [...recorded, 'more'] };
    const { delta, ledger: next } = decided({ declarations: [owner, late], entries, live });
    expect([delta.attach, delta.detach]).toEqual([[], []]);
    expect(next.entries).toHaveLength(MAX_ENTRIES);
  });

  it('has its turn when an entry has gone', () => {
    const fewer = binding('owner', { userAssigned: recorded.slice(1) });
    const live = { userAssigned: recorded.slice(1) };
    const { delta } = decided({ declarations: [fewer, late], entries, live });
    expect(delta.attach.map(({ key }) => nameOf(key))).toEqual(['more']);
  });
});

describe('what all the names in a ledger take', () => {
  const ids = names(64, 'id');
  /** Its 64 memberships take 25 kB: 26 bindings of these have room. */
  const big = (name: string, options = {}): Declaration => ({
    ...binding(name.padEnd(253, 'x'), { userAssigned: ids, ...options }),
    namespace: 'n'.repeat(63),
    uid: name.padEnd(36, 'u'),
  });
  const crowd = names(30).map((name) => big(name));
  const asideOf = (declarations: readonly Declaration[], recorded?: Ledger): readonly string[] =>
    withinBytes(declarations, recorded)
      .filter(({ setAside }) => setAside === 'ledgerFull')
      .map(({ name }) => name.slice(0, 4));

  it('sets the youngest aside, and nobody else', () => {
    const aside = asideOf(crowd);
    expect(aside).toEqual(crowd.slice(-aside.length).map(({ name }) => name.slice(0, 4)));
    expect(aside.length).toBeGreaterThan(0);
  });

  it('stays below what etcd takes, with all else at its largest', () => {
    const { ledger: next } = decided({ declarations: withinBytes(crowd, undefined) });
    const members = JSON.stringify(next.entries.map((one) => one.for)).length;
    expect(members).toBeLessThan(MAX_MEMBER_BYTES);
    expect(members).toBeGreaterThan(0.9 * MAX_MEMBER_BYTES);
  });

  it('leaves a binding in its place that is on record, and the newcomer waits, be it ever so old', () => {
    const served = withinBytes(crowd, undefined).filter(({ setAside }) => setAside === undefined);
    const { ledger: recorded } = decided({ declarations: served });
    const newcomer = big('old0');
    expect(asideOf([newcomer, ...served], recorded)).toEqual(['old0']);
  });

  it.each([
    ['is being deleted', { deleting: true }],
    ['no policy permits', { grants: GRANT_NOTHING }],
    ['no policy permits the identities', { grants: { identity: () => false } }],
    ['declares nothing', { userAssigned: [] }],
  ])('sets no binding aside that %s, nor counts it', (_what, options) => {
    const others = names(30, 'o').map((name) => big(name, options));
    expect(asideOf([...others, ...crowd.slice(0, 20)])).toEqual([]);
  });

  it('counts one that is suspended, and the system-assigned identity', () => {
    const suspended = names(30).map((name) => big(name, { suspended: true, systemAssigned: 'Enabled' }));
    expect(asideOf(suspended)).toEqual(['b025', ...asideOf(crowd)]);
    const system = systemEntry('Enabled', ['b000']);
    expect(asideOf([binding('b000', { systemAssigned: 'Enabled' })], ledger([], { systemAssigned: system }))).toEqual(
      [],
    );
  });

  it('keeps what one that is set aside has, and attaches nothing more for it', () => {
    const aside: Declaration = {
      ...binding('a', { userAssigned: ['x', 'y'], systemAssigned: 'Enabled' }),
      setAside: 'ledgerFull',
    };
    const system = systemEntry('Enabled', ['a']);
    const live = { userAssigned: ['x', 'z'], systemAssigned: true };
    const entries = [entry('x', 'Attached', ['a']), entry('z', 'Attached', ['a'])];
    const { delta, ledger: next } = decided({ declarations: [aside], entries, system, live });
    expect(delta).toEqual({ attach: [], detach: [], systemAssigned: 'asLive' });
    expect(next.entries).toEqual(entries);
    expect(next.systemAssigned).toEqual(system);
  });

  it('takes nothing back for one that is set aside without an entry', () => {
    const aside: Declaration = {
      ...binding('a', { userAssigned: ['x'], systemAssigned: 'Enabled' }),
      setAside: 'ledgerFull',
    };
    const { delta, ledger: next } = decided({ declarations: [aside], live: { systemAssigned: true }, now: NOW });
    expect(delta).toEqual({ attach: [], detach: [], systemAssigned: 'asLive' });
    expect(next.entries).toEqual([]);
  });
});
