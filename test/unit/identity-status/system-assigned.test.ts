import { describe, expect, it } from 'vitest';

import { judgeSystemAssigned } from '../../../src/identity/system-assigned.ts';
import { systemEntry } from '../identity/builders.ts';
import { ALLOW_ALL, compose, declare, readyOf, readyStatus, shown, stored } from './builders.ts';

const ENABLED = { userAssigned: [], spec: { systemAssigned: 'Enabled' } } as const;
const DISABLED = { userAssigned: [], spec: { systemAssigned: 'Disabled' } } as const;
const STOP = { stop: { reason: 'Throttled', message: 'wait', passing: false } } as const;

describe('the reason of a binding that speaks of the system-assigned identity', () => {
  it('is Assigning until it is on', () => {
    expect(shown(compose(ENABLED, { live: {} }))).toBe('Ready=False Reconciling Assigning');
    expect(shown(compose(ENABLED, { live: { systemAssigned: true } }))).toBe('Ready=True Assigned');
  });

  it('is Detaching until it is off', () => {
    expect(shown(compose(DISABLED, { live: { systemAssigned: true } }))).toBe('Ready=False Reconciling Detaching');
    expect(shown(compose(DISABLED, { live: {} }))).toBe('Ready=True Assigned');
  });

  it('is what stops the scale set, as long as that keeps it from being turned on or off', () => {
    expect(shown(compose(ENABLED, { live: {}, ...STOP }))).toBe('Ready=False Reconciling Throttled');
    expect(shown(compose(DISABLED, { live: { systemAssigned: true }, ...STOP }))).toBe(
      'Ready=False Reconciling Throttled',
    );
  });

  it('is NotPermitted where no policy allows to turn it on, or off', () => {
    const policies = [{ ...ALLOW_ALL, systemAssigned: 'Deny' }] as const;
    const denied = compose({ ...ENABLED, policies }, { live: {} });
    const alsoDenied = compose({ ...DISABLED, policies }, { live: { systemAssigned: true } });

    expect(readyOf(denied)).toMatchObject({ reason: 'NotPermitted' });
    expect(readyOf(denied).message).toContain('systemAssigned: Enabled');
    expect(readyOf(alsoDenied)).toMatchObject({ reason: 'NotPermitted' });
  });

  it('is Conflict for a binding that disables what another enables', () => {
    const rival = declare(stored({ ...ENABLED, name: 'rival' }), [ALLOW_ALL]);
    const system = judgeSystemAssigned([rival, declare(stored(DISABLED), [ALLOW_ALL])], undefined);
    const composed = compose(DISABLED, { live: { systemAssigned: true }, system });

    expect(shown(composed)).toBe('Ready=False Stalled Conflict');
    expect(readyOf(composed).message).not.toContain('rival');
  });

  it('stays Conflict while the scale set is not read', () => {
    const rival = declare(stored({ ...ENABLED, name: 'rival' }), [ALLOW_ALL]);
    const system = judgeSystemAssigned([rival, declare(stored(DISABLED), [ALLOW_ALL])], undefined);
    const composed = compose(DISABLED, { system, inFlight: { reason: 'Assigning', systemAssigned: 'on' } });

    expect(shown(composed)).toBe('Ready=False Stalled Conflict');
  });

  it('is UnsupportedOrchestrationMode on a Flexible scale set', () => {
    const composed = compose(ENABLED, { live: { orchestrationMode: 'Flexible' } });

    expect(shown(composed)).toBe('Ready=False Stalled UnsupportedOrchestrationMode');
    expect(readyOf(composed).message).toContain('systemAssigned: Unmanaged');
  });

  it('stays UnsupportedOrchestrationMode while the scale set is not read', () => {
    const status = { scaleSet: { name: 'web', orchestrationMode: 'Flexible' } } as const;
    const composed = compose({ ...ENABLED, status }, { inFlight: { reason: 'Assigning', systemAssigned: 'asLive' } });

    expect(shown(composed)).toBe('Ready=False Stalled UnsupportedOrchestrationMode');
  });

  it('is Assigned on a Flexible scale set for what leaves it alone', () => {
    const composed = compose({ userAssigned: [] }, { live: { orchestrationMode: 'Flexible' } });

    expect(shown(composed)).toBe('Ready=True Assigned');
  });
});

describe('the system-assigned identity in a status', () => {
  const ids = { principalId: 'system-principal', tenantId: 'tenant' };

  it.each([
    ['Enabled', true, undefined, { state: 'Enabled', ...ids }],
    ['Disabled', false, undefined, { state: 'Disabled' }],
    ['Enabling', false, 'Enabling', { state: 'Enabling' }],
    ['Enabled', true, 'Enabled', { state: 'Enabled', ...ids }],
    ['Disabling', true, 'Disabling', { state: 'Disabling', ...ids }],
    ['Disabled', false, 'Disabling', { state: 'Disabled' }],
  ] as const)('is %s when it is there: %s, and the ledger says %s', (_state, systemAssigned, phase, expected) => {
    const view = phase === undefined ? {} : { systemEntry: systemEntry(phase, ['web']) };

    expect(compose({}, { live: { systemAssigned }, ...view }).status.systemAssigned).toEqual(expected);
  });

  it('is as it was when the scale set was not read', () => {
    const systemAssigned = { state: 'Enabled', ...ids } as const;
    const composed = compose({ status: { ...readyStatus('a'), systemAssigned } });

    expect(composed.status.systemAssigned).toEqual(systemAssigned);
  });
});
