import { describe, expect, it } from 'vitest';

import { entry, systemEntry } from '../identity/builders.ts';
import { ASSIGNED, compose, identityOf, identityStatus, readyOf, readyStatus, shown } from './builders.ts';

const ATTACHING = { inFlight: { reason: 'Assigning', systemAssigned: 'asLive' } } as const;
const DETACHING = { inFlight: { reason: 'Detaching', systemAssigned: 'asLive' } } as const;

describe('an operation in flight', () => {
  it('is shown on the binding whose identity it attaches', () => {
    const composed = compose({}, { live: {}, verdicts: { a: { state: 'Pending' } }, ...ATTACHING });

    expect(shown(composed)).toBe('Ready=False Reconciling Assigning');
  });

  it('stays shown on it when it is looked at again', () => {
    const pending = { observedGeneration: 3, userAssigned: [identityStatus('a', 'Pending')] };

    expect(shown(compose({ status: pending }, ATTACHING))).toBe('Ready=False Reconciling Assigning');
  });

  it('is shown as Detaching on the binding that gives an identity back, whatever else it attaches', () => {
    const view = { live: { userAssigned: ['a', 'b'] }, entries: [entry('b', 'Detaching', ['web'])], ...ATTACHING };
    const composed = compose(
      { status: readyStatus('a') },
      { ...view, verdicts: { a: { ...ASSIGNED, keepsAssigned: true } } },
    );

    expect(shown(composed)).toBe('Ready=False Reconciling Detaching');
  });

  it('leaves a binding Ready that it is not for', () => {
    const status = readyStatus('a');
    const again = compose({ status }, ATTACHING);
    const begun = compose(
      { status },
      {
        live: { userAssigned: ['a'] },
        verdicts: { a: { state: 'Pending', clientId: 'a', keepsAssigned: true } },
        ...ATTACHING,
      },
    );

    expect(shown(again)).toBe('Ready=True Assigned');
    expect(shown(begun)).toBe('Ready=True Assigned');
    expect(identityOf(begun, 'a').state).toBe('Assigned');
  });

  it('is not shown on a binding that it is not for and that lacks something else', () => {
    const missing = identityStatus('a', 'Missing', { reason: 'IdentityMissing', message: 'it is not there' });
    const composed = compose({ status: { observedGeneration: 3, userAssigned: [missing] } }, ATTACHING);

    expect(shown(composed)).toBe('Ready=False Reconciling IdentityMissing');
  });

  it('is all that can be said of a binding that was never looked at', () => {
    const attaching = compose({ userAssigned: [] }, ATTACHING);
    const detaching = compose({ userAssigned: [] }, DETACHING);

    expect([shown(attaching), readyOf(attaching).message]).toEqual([
      'Ready=False Reconciling Assigning',
      'Azure is attaching identities.',
    ]);
    expect([shown(detaching), readyOf(detaching).message]).toEqual([
      'Ready=False Reconciling Detaching',
      'Azure is detaching identities.',
    ]);
  });

  it('is not even needed to withhold Ready from a binding that was never looked at', () => {
    const composed = compose({ userAssigned: [] }, {});

    expect(shown(composed)).toBe('Ready=False Reconciling Assigning');
    expect(readyOf(composed).message).toBe('The scale set has not been looked at yet.');
  });

  it('does not make a binding Ready that it is for, while only the operation is looked at', () => {
    const composed = compose({ generation: 4, status: readyStatus('a') }, ATTACHING);

    expect(readyOf(composed).status).toBe('False');
  });

  it('leaves an identity Pending that was not assigned before, though its client id shows already', () => {
    const verdict = { state: 'Pending', clientId: 'a', keepsAssigned: true } as const;
    const composed = compose({}, { live: { userAssigned: ['a'] }, verdicts: { a: verdict }, ...ATTACHING });

    expect(identityOf(composed, 'a')).toMatchObject({ state: 'Pending', clientId: 'a' });
  });
});

describe('an operation in flight that turns the system-assigned identity on or off', () => {
  const on = { inFlight: { reason: 'Assigning', systemAssigned: 'on' } } as const;
  const off = { inFlight: { reason: 'Detaching', systemAssigned: 'off' } } as const;

  it('is shown on the binding that enables it, also over what a person has to change', () => {
    const spec = { systemAssigned: 'Enabled', mode: 'Exclusive' } as const;

    expect(shown(compose({ userAssigned: [], spec }, on))).toBe('Ready=False Reconciling Assigning');
  });

  it('is shown on it although Azure shows the identity already', () => {
    const view = { live: { systemAssigned: true }, systemEntry: systemEntry('Enabled', ['web']), ...on };
    const composed = compose({ userAssigned: [], spec: { systemAssigned: 'Enabled' } }, view);

    expect(readyOf(composed)).toMatchObject({
      reason: 'Assigning',
      message: 'The system-assigned identity is being turned on.',
    });
  });

  it('is shown on the binding that disables it', () => {
    const composed = compose({ userAssigned: [], spec: { systemAssigned: 'Disabled' } }, { live: {}, ...off });

    expect(readyOf(composed)).toMatchObject({
      reason: 'Detaching',
      message: 'The system-assigned identity is being turned off.',
    });
  });

  it('leaves a binding Ready that had what it declares before', () => {
    const spec = { systemAssigned: 'Enabled' } as const;

    expect(shown(compose({ spec, status: readyStatus('a') }, on))).toBe('Ready=True Assigned');
  });

  it('is nothing to a binding that leaves it unmanaged', () => {
    const composed = compose({ userAssigned: [] }, { live: {}, ...on });

    expect(shown(composed)).toBe('Ready=True Assigned');
  });
});
