import { describe, expect, it } from 'vitest';

import type { VmssIdentityLedgerSpec } from '../../../../src/api/types.ts';
import { unlawfulChanges } from '../../../sweep/oracles/ownership.ts';
import { History, memberOf, model } from './history.ts';

type Phase = NonNullable<VmssIdentityLedgerSpec['systemAssigned']>['phase'];

const recorded = (phase: Phase, ...members: readonly string[]): Partial<VmssIdentityLedgerSpec> => ({
  systemAssigned: { phase, since: '2026-01-01T00:00:00Z', for: members.map(memberOf) },
});

const [OFF, ON] = [model([]), model([], { systemAssigned: true })];
const flaws = (history: History): readonly string[] => unlawfulChanges(history.run);

describe('turning the system-assigned identity on', () => {
  const enabled = (): History => new History(OFF).policy().binding('web', { systemAssigned: 'Enabled' });

  it('is lawful for a binding that asks for it, may, and stands on record', () => {
    expect(flaws(enabled().ledger(recorded('Enabling', 'web')).azure(ON))).toEqual([]);
  });

  it.each<[string, (history: History) => History, string]>([
    ['nobody asks', (history) => history.binding('web'), 'nobody who asks'],
    ['the policy denies it', (history) => history.policy('everything', { systemAssigned: 'Deny' }), 'nobody who asks'],
    [
      'the one who asks is suspended',
      (history) => history.binding('web', { systemAssigned: 'Enabled', suspend: true }),
      'nobody who asks',
    ],
    ['nothing is on record', (history) => history.ledger({}), 'without a record'],
    ['it is on record as going', (history) => history.ledger(recorded('Disabling', 'web')), 'as Disabling'],
  ])('is unlawful where %s', (_what, change, why) => {
    const history = enabled().ledger(recorded('Enabling', 'web'));
    expect(flaws(change(history).azure(ON))).toEqual([expect.stringContaining(why)]);
  });
});

describe('turning it off', () => {
  const disabled = (): History => new History(ON).policy().binding('web', { systemAssigned: 'Disabled' });

  it('is lawful for a binding that asks for it and may, whoever turned it on', () => {
    expect(flaws(disabled().azure(OFF))).toEqual([]);
  });

  it('is lawful when the last one goes that it was turned on for', () => {
    const history = new History(ON).policy().binding('web', { systemAssigned: 'Enabled' }, { deleting: true });
    expect(flaws(history.ledger(recorded('Disabling', 'web')).azure(OFF))).toEqual([]);
  });

  it.each<[string, (history: History) => History, string]>([
    ['nobody asks', (history) => history.binding('web'), 'nobody asks for it'],
    ['another has it on', (history) => history.binding('pay', { systemAssigned: 'Enabled' }), 'shop/pay has it on'],
    [
      'a suspended one has it on',
      (history) => history.binding('pay', { systemAssigned: 'Enabled', suspend: true }),
      'shop/pay holds it',
    ],
    [
      'it was turned on for one that is suspended now',
      (history) => history.binding('pay', { suspend: true }).ledger(recorded('Enabled', 'pay')),
      'shop/pay holds it',
    ],
    [
      'the policy does not let anybody turn it off',
      (history) => history.policy('everything', { systemAssigned: 'Enable' }),
      'nobody asks for it',
    ],
  ])('is unlawful where %s', (_what, change, why) => {
    expect(flaws(change(disabled()).azure(OFF))).toEqual([expect.stringContaining(why)]);
  });

  it.each<[string, (history: History) => History, string]>([
    ['is Unmanaged now', (history) => history.binding('web'), 'may not have it turned off'],
    [
      'may not turn it off',
      (history) =>
        history
          .policy('everything', { systemAssigned: 'Enable' })
          .binding('web', { systemAssigned: 'Enabled' }, { deleting: true }),
      'may not have it turned off',
    ],
    [
      'retains',
      (history) => history.binding('web', { systemAssigned: 'Enabled', deletionPolicy: 'Retain' }, { deleting: true }),
      'has renounced it',
    ],
    ['is gone without a trace', (history) => history.removeBinding('web'), 'nobody is there any more'],
    [
      'goes before that is on record',
      (history) =>
        history.binding('web', { systemAssigned: 'Enabled' }, { deleting: true }).ledger(recorded('Enabled', 'web')),
      'on record as Enabled',
    ],
  ])('is unlawful when the one it was turned on for %s', (_what, change, why) => {
    const history = new History(ON)
      .policy()
      .binding('web', { systemAssigned: 'Enabled' })
      .ledger(recorded('Disabling', 'web'));
    expect(flaws(change(history).azure(OFF))).toEqual([expect.stringContaining(why)]);
  });
});
