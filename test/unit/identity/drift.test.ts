import { describe, expect, it } from 'vitest';

import { undoneByOthers } from '../../../src/identity/drift.ts';
import { entry, identityKey, ledger, scaleSet, systemEntry } from './builders.ts';

describe('what others undid', () => {
  it('is what is on record as attached, and not there', () => {
    const recorded = ledger([entry('app', 'Attached', ['a']), entry('bus', 'Attached', ['a'])]);
    expect(undoneByOthers(recorded, scaleSet({ userAssigned: ['bus', 'theirs'] }))).toEqual([identityKey('app')]);
  });

  it('is not what is about to be attached or detached, or both', () => {
    const phases = ['Attaching', 'Detaching', 'Reattaching'] as const;
    const recorded = ledger(phases.map((phase) => entry(phase, phase, ['a'])));
    expect(undoneByOthers(recorded, scaleSet())).toEqual([]);
  });

  it('is the system-assigned identity that we turned on, and that is off', () => {
    const recorded = ledger([], { systemAssigned: systemEntry('Enabled', ['a']) });
    expect(undoneByOthers(recorded, scaleSet())).toEqual(['systemAssigned']);
    expect(undoneByOthers(recorded, scaleSet({ systemAssigned: true }))).toEqual([]);
  });

  it('is not the system-assigned identity that is on its way on or off', () => {
    for (const phase of ['Enabling', 'Disabling'] as const) {
      const recorded = ledger([], { systemAssigned: systemEntry(phase, ['a']) });
      expect(undoneByOthers(recorded, scaleSet())).toEqual([]);
    }
  });

  it('is what a write of ours has just brought, though nobody has seen it there', () => {
    const recorded = ledger([entry('app', 'Attaching', ['a']), entry('bus', 'Attaching', ['a'])], {
      systemAssigned: systemEntry('Enabling', ['a']),
    });
    const landed = new Set([identityKey('app'), 'systemAssigned'] as const);
    expect(undoneByOthers(recorded, scaleSet(), landed)).toEqual([identityKey('app'), 'systemAssigned']);
  });

  it('is nothing where the scale set was created again, or nothing is on record', () => {
    const recorded = ledger([entry('app', 'Attached', ['a'])], { uniqueId: 'before' });
    expect(undoneByOthers(recorded, scaleSet({ uniqueId: 'after' }))).toEqual([]);
    expect(undoneByOthers(undefined, scaleSet())).toEqual([]);
  });
});
