import { describe, expect, it } from 'vitest';

import type { Declaration } from '../../../src/identity/declaration.ts';
import { judgeSystemAssigned, type SystemVerdict } from '../../../src/identity/system-assigned.ts';
import { binding, type BindingOptions, decided, GRANT_NOTHING, member, systemEntry } from './builders.ts';

const ENABLED = { systemAssigned: 'Enabled' } as const;
const DISABLED = { systemAssigned: 'Disabled' } as const;
const UNMANAGED = { systemAssigned: 'Unmanaged' } as const;

const STATES: Readonly<Record<string, BindingOptions>> = {
  active: {},
  suspended: { suspended: true },
  observing: { observe: true },
  'not permitted': { grants: GRANT_NOTHING },
  'permitted neither': { grants: { enableSystemAssigned: false, disableSystemAssigned: false } },
  'permitted to enable': { grants: { disableSystemAssigned: false } },
  'being deleted': { deleting: true },
  'suspended and not permitted': { suspended: true, grants: GRANT_NOTHING },
};

interface Side {
  readonly says: 'Enabled' | 'Disabled' | 'Unmanaged';
  readonly state: string;
  readonly isMember: boolean;
}

const SIDES: readonly Side[] = (['Enabled', 'Disabled', 'Unmanaged'] as const).flatMap((says) =>
  Object.keys(STATES).flatMap((state) => [true, false].map((isMember) => ({ says, state, isMember }))),
);

/** The sentences of the design, one after another. */
function expected(sides: readonly Side[]): {
  readonly desired: SystemVerdict['desired'];
  readonly conflicts: readonly boolean[];
} {
  const mayEnable = (state: string): boolean =>
    ['active', 'permitted to enable', 'suspended', 'observing'].includes(state);
  const chosen = (state: string): boolean => state === 'suspended' || state === 'observing';
  const isActive = (state: string): boolean => state.startsWith('permitted') || state === 'active';
  const disables = sides.map(({ says, state }) => says === 'Disabled' && state === 'active');
  const on = sides.some(({ says, state }) => says === 'Enabled' && isActive(state) && mayEnable(state));
  const suspended = sides.some(({ says, state }) => says === 'Enabled' && chosen(state));
  const frozen = sides.some(
    ({ says, state, isMember }) =>
      isMember &&
      state !== 'being deleted' &&
      (!isActive(state) || (says === 'Enabled' && state === 'permitted neither')),
  );
  const desired = on ? 'on' : suspended || frozen ? 'held' : disables.includes(true) ? 'off' : 'asLive';
  const wins = desired === 'on' || desired === 'held';
  return { desired, conflicts: disables.map((says) => says && wins) };
}

/** Whose Disabled loses; of one that observes, whose would if it were managed. */
function conflictsOf(sides: readonly Side[]): readonly boolean[] {
  return sides.map((side, index) => {
    const managed = side.state === 'observing' ? sides.with(index, { ...side, state: 'active' }) : sides;
    return expected(managed).conflicts[index] === true;
  });
}

describe('the system-assigned identity, of every two bindings in every state', () => {
  it('is on, held, off or as live, and Disabled is in conflict, as the sentences say', () => {
    const wrong: unknown[] = [];
    let count = 0;
    for (const first of SIDES) {
      for (const second of SIDES) {
        count += 1;
        const sides = [first, second];
        const uids = ['a', 'b'] as const;
        const declarations = sides.map(({ says, state }, index) =>
          binding(uids[index] ?? '', { systemAssigned: says, ...STATES[state] }),
        );
        const members = uids.filter((_, index) => sides[index]?.isMember);
        const entry = members.length === 0 ? undefined : systemEntry('Enabled', members);
        const verdict = judgeSystemAssigned(declarations, entry);
        const { desired } = expected(sides);
        const conflicting = declarations.map(({ uid }) => verdict.conflicts.has(uid));
        if (verdict.desired !== desired || conflicting.join() !== conflictsOf(sides).join()) wrong.push({ sides, verdict });
      }
    }
    expect(wrong.slice(0, 1)).toEqual([]);
    expect(count).toBe(48 * 48);
  });

  it('is as live when nobody says anything', () => {
    expect(judgeSystemAssigned([], undefined)).toEqual({ desired: 'asLive', conflicts: new Set() });
  });
});

function judged(...declarations: readonly Declaration[]): SystemVerdict {
  return judgeSystemAssigned(declarations, undefined);
}

describe('Enabled', () => {
  it('beats Disabled, whoever is older, and the Disabled one is in conflict', () => {
    const enabled = binding('a', ENABLED);
    const disabled = binding('b', DISABLED);
    expect(judged(enabled, disabled)).toEqual({ desired: 'on', conflicts: new Set(['uid-b']) });
    expect(judged(disabled, enabled)).toEqual({ desired: 'on', conflicts: new Set(['uid-b']) });
  });

  it('of a suspended binding holds: nothing is turned off, and the Disabled one is in conflict', () => {
    const verdict = judged(binding('a', { ...ENABLED, suspended: true }), binding('b', DISABLED));
    expect(verdict).toEqual({ desired: 'held', conflicts: new Set(['uid-b']) });
  });

  it('of a binding that was never permitted to holds nothing', () => {
    expect(judged(binding('a', { ...ENABLED, grants: GRANT_NOTHING }), binding('b', DISABLED)).desired).toBe('off');
    const suspended = binding('a', { ...ENABLED, suspended: true, grants: GRANT_NOTHING });
    expect(judged(suspended, binding('b', DISABLED)).desired).toBe('off');
  });
});

describe('turning it on', () => {
  it('is recorded for those who enable it, active or frozen by choice, and asked for', () => {
    const declarations = [binding('a', ENABLED), binding('b', { ...ENABLED, suspended: true }), binding('c')];
    expect(decided({ declarations })).toMatchObject({ systemAssigned: 'on', entries: ['Enabling system for a,b'] });
  });

  it('is ours once a GET shows it', () => {
    const told = decided({
      declarations: [binding('a', ENABLED)],
      live: { systemAssigned: true },
      system: systemEntry('Enabling', ['a']),
    });
    expect(told).toMatchObject({ systemAssigned: 'asLive', entries: ['Enabled system for a'] });
  });

  it('is not needed, and claims nothing, when somebody else did', () => {
    const told = decided({ declarations: [binding('a', ENABLED)], live: { systemAssigned: true } });
    expect(told).toMatchObject({ systemAssigned: 'asLive', entries: [] });
  });

  it('is done again when somebody turned it off', () => {
    const told = decided({ declarations: [binding('a', ENABLED)], system: systemEntry('Enabled', ['a']) });
    expect(told).toMatchObject({ systemAssigned: 'on', entries: ['Enabled system for a'] });
  });

  it('is never done on Flexible orchestration, which takes user-assigned identities only', () => {
    const told = decided({
      declarations: [binding('a', { ...ENABLED, userAssigned: ['id'] })],
      live: { orchestrationMode: 'Flexible' },
    });
    expect(told).toEqual({
      attach: ['id'],
      detach: [],
      systemAssigned: 'asLive',
      entries: ['Attaching id for a'],
    });
  });

  it('is not done by a binding that is frozen', () => {
    for (const frozen of [{ suspended: true }, { observe: true }, { grants: GRANT_NOTHING }]) {
      expect(decided({ declarations: [binding('a', { ...ENABLED, ...frozen })] }).systemAssigned).toBe('asLive');
    }
  });
});

describe('turning it off', () => {
  const live = { systemAssigned: true };

  it('is done for an active, permitted Disabled, whoever turned it on', () => {
    expect(decided({ declarations: [binding('a', DISABLED)], live }).systemAssigned).toBe('off');
    const ours = decided({ declarations: [binding('a', DISABLED)], live, system: systemEntry('Enabled', ['a']) });
    expect(ours.systemAssigned).toBe('off');
  });

  it.each([
    { suspended: true },
    { observe: true },
    { grants: GRANT_NOTHING },
    { grants: { disableSystemAssigned: false } },
    { deleting: true },
  ])('is not done for a Disabled with %j', (why) => {
    expect(decided({ declarations: [binding('a', { ...DISABLED, ...why })], live }).systemAssigned).toBe('asLive');
  });

  it('is not done when it is off', () => {
    expect(decided({ declarations: [binding('a', DISABLED)] }).systemAssigned).toBe('asLive');
  });

  it('is not done to the operator’s own, nor while nothing may be written', () => {
    const declarations = [binding('a', DISABLED)];
    expect(decided({ declarations, live, systemUntouchable: true }).systemAssigned).toBe('asLive');
    expect(decided({ declarations, live, writable: false }).systemAssigned).toBe('asLive');
  });

  it('is not done when Enabled becomes Unmanaged: that renounces', () => {
    const told = decided({ declarations: [binding('a', UNMANAGED)], live, system: systemEntry('Enabled', ['a']) });
    expect(told).toMatchObject({ systemAssigned: 'asLive', entries: [] });
  });

  it('is done by another Disabled when Enabled becomes Unmanaged', () => {
    const declarations = [binding('a', UNMANAGED), binding('b', DISABLED)];
    expect(decided({ declarations, live, system: systemEntry('Enabled', ['a']) }).systemAssigned).toBe('off');
  });

  it('is not done while a policy that was taken back freezes who turned it on', () => {
    const frozen = binding('a', { ...ENABLED, grants: { enableSystemAssigned: false } });
    const told = decided({
      declarations: [frozen, binding('b', DISABLED)],
      live,
      system: systemEntry('Enabled', ['a']),
    });
    expect(told).toMatchObject({ systemAssigned: 'asLive', entries: ['Enabled system for a'] });
  });
});

describe('the deletion of the binding that turned it on', () => {
  const live = { systemAssigned: true };
  const system = systemEntry('Enabled', ['a']);
  const deleted = (options: BindingOptions = {}): Declaration =>
    binding('a', { ...ENABLED, deleting: true, ...options });

  it('turns it off if a policy has EnableAndDisable, on record first', () => {
    const told = decided({ declarations: [deleted()], live, system });
    expect(told).toMatchObject({ systemAssigned: 'off', entries: ['Disabling system for a'] });
  });

  it('leaves it without such a policy', () => {
    const told = decided({ declarations: [deleted({ grants: { disableSystemAssigned: false } })], live, system });
    expect(told).toMatchObject({ systemAssigned: 'asLive', entries: [] });
  });

  it.each([{ retain: true }, { suspended: true }, { observe: true }, { abandoned: true }])(
    'leaves it with %j',
    (why) => {
      const told = decided({ declarations: [deleted(why)], live, system });
      expect(told).toMatchObject({ systemAssigned: 'asLive', entries: [] });
    },
  );

  it.each([
    ['declares', {}],
    ['holds', { suspended: true }],
  ])('leaves it when somebody else %s it, and hands it over', (_how, other) => {
    const told = decided({ declarations: [deleted(), binding('b', { ...ENABLED, ...other })], live, system });
    expect(told).toMatchObject({ systemAssigned: 'asLive', entries: ['Enabled system for b'] });
  });

  it('leaves what somebody else turned on', () => {
    expect(decided({ declarations: [deleted()], live }).systemAssigned).toBe('asLive');
  });

  it('leaves the operator’s own, with a word', () => {
    const told = decided({ declarations: [deleted()], live, system, systemUntouchable: true });
    expect(told).toMatchObject({ systemAssigned: 'asLive', entries: [] });
  });

  it('is over when a GET shows that it is off', () => {
    const told = decided({ declarations: [deleted()], system: systemEntry('Disabling', ['a']) });
    expect(told).toMatchObject({ systemAssigned: 'asLive', entries: [] });
  });

  it('never turns off what an orphan stands for', () => {
    const told = decided({ declarations: [], live, system: { ...system, for: [member('gone')] } });
    expect(told).toMatchObject({ systemAssigned: 'asLive', entries: ['Enabled system for gone'] });
  });
});
