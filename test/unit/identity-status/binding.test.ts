import { describe, expect, it } from 'vitest';

import { MAX_REQUESTED_AT_LENGTH, REQUESTED_AT_ANNOTATION } from '../../../src/api/types.ts';
import { entry, identityId } from '../identity/builders.ts';
import { ASSIGNED, BEFORE, compose, identityOf, JUST_BEFORE, readyOf, readyStatus, shown, stored } from './builders.ts';

const LIVE = { live: { userAssigned: ['a'] }, verdicts: { a: ASSIGNED } };

describe('the status of a binding', () => {
  it('speaks of the generation that was looked at', () => {
    expect(compose({ generation: 5 }, LIVE).status.observedGeneration).toBe(5);
  });

  it('shows the scale set and how many foreign identities are on it', () => {
    const { status } = compose({}, { ...LIVE, foreignCount: 2 });

    expect(status.scaleSet).toEqual({ name: 'web', orchestrationMode: 'Uniform', location: 'westeurope' });
    expect(status.foreignCount).toBe(2);
  });

  it('keeps both when the scale set was not read', () => {
    const { scaleSet } = readyStatus('a');
    const { status } = compose({ status: { ...readyStatus('a'), foreignCount: 2 } });

    expect(status).toMatchObject({ scaleSet, foreignCount: 2 });
  });

  it('sums up how many of the declared identities are assigned', () => {
    const { status } = compose(
      { userAssigned: ['a', 'b'] },
      { ...LIVE, verdicts: { a: ASSIGNED, b: { state: 'Pending' } } },
    );

    expect(status.summary).toBe('1/2');
  });

  it('sums up only what is declared', () => {
    const { status } = compose(
      { userAssigned: [], spec: { suspend: true } },
      { ...LIVE, entries: [entry('a', 'Attached', ['web'])] },
    );

    expect(status.userAssigned).toHaveLength(1);
    expect(status.summary).toBe('0/0');
  });

  it('echoes the request to look again, cut to what the schema takes', () => {
    const asked = (value: string) => compose({ annotations: { [REQUESTED_AT_ANNOTATION]: value } }, LIVE).status;

    expect(asked('2026-03-01T12:00:00Z').lastHandledReconcileAt).toBe('2026-03-01T12:00:00Z');
    expect(asked('x'.repeat(300)).lastHandledReconcileAt).toHaveLength(MAX_REQUESTED_AT_LENGTH);
    expect(compose({ annotations: {} }, LIVE).status).not.toHaveProperty('lastHandledReconcileAt');
  });

  it('is the same again when nothing has changed', () => {
    const first = compose({}, { ...LIVE, foreignCount: 0 });
    const second = compose(
      { status: first.status },
      { ...LIVE, foreignCount: 0, now: Date.parse('2026-03-01T13:00:00Z') },
    );

    expect(second.status).toEqual(first.status);
  });
});

describe('what never stands in a status, for it would be written again and again', () => {
  const of = (provisioningState: string, now: string, before = readyStatus('a')) =>
    compose(
      { status: before },
      { ...LIVE, live: { ...LIVE.live, provisioningState }, foreignCount: 0, now: Date.parse(now) },
    ).status;

  it('is the provisioningState of the scale set', () => {
    const first = of('Succeeded', '2026-03-01T12:00:00Z');

    expect(of('Failed', '2026-03-01T12:00:00Z', first)).toEqual(first);
    expect(JSON.stringify(first)).not.toContain('Succeeded');
  });

  it('is the time at which somebody looked', () => {
    const first = of('Succeeded', '2026-03-01T12:00:00Z');

    expect(of('Succeeded', '2026-03-01T13:00:00Z', first)).toEqual(first);
  });
});

describe('a suspended binding', () => {
  const suspended = { generation: 4, spec: { suspend: true } } as const;

  it('keeps Ready as it was, for its new generation', () => {
    const composed = compose({ ...suspended, status: readyStatus('a') }, LIVE);

    expect(readyOf(composed)).toMatchObject({
      status: 'True',
      reason: 'Suspended',
      observedGeneration: 4,
      lastTransitionTime: BEFORE,
    });
    expect(shown(composed)).toBe('Ready=True Suspended');
  });

  it('keeps a Ready that was False, too', () => {
    const before = compose({}, { live: {}, verdicts: { a: { state: 'Pending' } } });

    expect(shown(compose({ ...suspended, status: before.status }, {}))).toBe('Ready=False Suspended');
  });

  it('is Unknown where it was nothing', () => {
    expect(shown(compose(suspended, {}))).toBe('Ready=Unknown Suspended');
  });

  it('keeps what its status said of the scale set', () => {
    const { scaleSet } = readyStatus('a');
    const systemAssigned = { state: 'Disabled' } as const;
    const { status } = compose({ ...suspended, status: { ...readyStatus('a'), systemAssigned, foreignCount: 1 } }, {});

    expect(status).toMatchObject({ scaleSet, systemAssigned, foreignCount: 1, summary: '1/1' });
  });

  it('stays suspended over the trouble of others', () => {
    const stop = { reason: 'AzureUnavailable', message: 'no answer', passing: true } as const;
    const composed = compose({ ...suspended, status: readyStatus('a') }, { stop });

    expect(shown(composed)).toBe('Ready=True Suspended');
  });

  it('is Detaching, not Suspended, when it is deleted and something is left to take back', () => {
    const composed = compose({ ...suspended, deleting: true }, { entries: [entry('a', 'Attached', ['web'])] });

    expect(shown(composed)).toBe('Ready=False Reconciling Detaching');
  });
});

describe('a binding whose scale set no policy allows', () => {
  it('learns nothing of the scale set, whatever others have it read for', () => {
    const { status } = compose(
      { policies: [], status: { ...readyStatus('a'), foreignCount: 7 } },
      { ...LIVE, foreignCount: 7, entries: [entry('a', 'Attached', ['other'])] },
    );

    expect(status).not.toHaveProperty('scaleSet');
    expect(status).not.toHaveProperty('systemAssigned');
    expect(status).not.toHaveProperty('foreignCount');
    expect(status.userAssigned).toMatchObject([{ state: 'NotPermitted', attachedByUs: false }]);
    expect(status.userAssigned![0]).not.toHaveProperty('clientId');
  });

  it('is not told what stops the scale set', () => {
    const stop = { reason: 'ScaleSetNotFound', message: 'it is not there', passing: false } as const;

    expect(shown(compose({ policies: [], createdAt: JUST_BEFORE }, { stop }))).toBe(
      'Ready=False Reconciling NotPermitted',
    );
  });

  it('is computed again without Azure when its time is over', () => {
    const first = compose({ policies: [], createdAt: JUST_BEFORE });
    const later = compose({ policies: [], createdAt: JUST_BEFORE, status: first.status }, { now: first.recomputeAt! });

    expect(shown(later)).toBe('Ready=False Stalled NotPermitted');
    expect(later).not.toHaveProperty('recomputeAt');
  });
});

describe('a binding that may not have one of its identities', () => {
  const composed = compose(
    {
      userAssigned: ['a', 'b'],
      policies: [
        { namespaces: ['shop'], scaleSets: [stored().spec.scaleSet.resourceId], userAssigned: [identityId('a')] },
      ],
    },
    {
      live: { userAssigned: ['a', 'b'] },
      verdicts: { a: ASSIGNED, b: ASSIGNED },
      entries: [entry('b', 'Attached', ['other'])],
    },
  );

  it('has the others served', () => {
    expect(identityOf(composed, 'a').state).toBe('Assigned');
    expect(composed.status.summary).toBe('1/2');
  });

  it('does not learn that another has it', () => {
    expect(identityOf(composed, 'b')).toMatchObject({ state: 'NotPermitted', attachedByUs: false });
  });
});
