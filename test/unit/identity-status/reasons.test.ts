import { describe, expect, it } from 'vitest';

import { REASONS_IN_ORDER } from '../../../src/api/reasons.ts';
import type { Complaint } from '../../../src/identity/view.ts';
import { entry } from '../identity/builders.ts';
import {
  ALLOW_ALL,
  allowAllBut,
  ASSIGNED,
  BEFORE,
  compose,
  identityStatus,
  JUST_BEFORE,
  readyOf,
  readyStatus,
  shown,
  type ViewOptions,
} from './builders.ts';

const LIVE = { userAssigned: ['a'] };
const STOP = { message: 'the scale set waits', passing: false } as const;

function stop(reason: Complaint['reason'], passing = false): Pick<ViewOptions, 'stop'> {
  return { stop: { ...STOP, reason, passing } };
}

describe('the reason that a binding shows', () => {
  it('is Assigned when the scale set has everything that it declares', () => {
    const composed = compose({}, { live: LIVE, verdicts: { a: ASSIGNED } });

    expect(shown(composed)).toBe('Ready=True Assigned');
    expect(readyOf(composed).message).toBe('1 identity is assigned.');
  });

  it('counts the identities that are assigned', () => {
    const composed = compose(
      { userAssigned: ['a', 'b'] },
      { live: { userAssigned: ['a', 'b'] }, verdicts: { a: ASSIGNED, b: ASSIGNED } },
    );

    expect(readyOf(composed).message).toBe('2 identities are assigned.');
  });

  it('is Assigned for a binding that declares nothing', () => {
    expect(shown(compose({ userAssigned: [] }, { live: {} }))).toBe('Ready=True Assigned');
  });

  it('is Assigning while an identity is not there yet', () => {
    const composed = compose({}, { live: {}, verdicts: { a: { state: 'Pending' } } });

    expect(shown(composed)).toBe('Ready=False Reconciling Assigning');
    expect(readyOf(composed).message).toBe('Identity a is being attached.');
  });

  it('is Detaching while an identity that it does not declare any more is taken back', () => {
    const view = {
      live: { userAssigned: ['a', 'b'] },
      verdicts: { a: ASSIGNED },
      entries: [entry('b', 'Detaching', ['web'])],
    };
    const composed = compose({}, view);

    expect(shown(composed)).toBe('Ready=False Reconciling Detaching');
    expect(readyOf(composed).message).toBe('Identity b is being detached.');
  });

  it.each([
    ['IdentityMissing', 'Missing', 'IdentityMissing'],
    ['IdentityRefused', 'NotAuthorised', 'IdentityRefused'],
    ['OperationFailed', 'Failed', 'OperationFailed'],
    ['IdentityRefused, when nothing better is known,', 'Failed', undefined],
  ] as const)('is %s for an identity that is %s', (reason, state, given) => {
    const verdict = { state, ...(given === undefined ? {} : { reason: given, message: 'it is so' }) };
    const composed = compose({}, { live: LIVE, verdicts: { a: verdict } });

    expect(shown(composed)).toBe(`Ready=False Reconciling ${reason.split(',')[0]!}`);
    expect(readyOf(composed).message).toBe(`Identity a: ${given === undefined ? state : 'it is so'}`);
  });

  it.each([
    ['Report', 'vetoed', undefined, 'detach and attach it to have it work'],
    ['Reattach', 'about to be reattached', undefined, 'it is about to be detached and attached again'],
    ['Reattach', 'vetoed', 'report', 'another binding that declares it says staleIdentities: Report'],
    ['Reattach', 'held', 'held', 'a binding that declares it is suspended or on Observe'],
    ['Reattach', 'protected', 'untouchable', 'a policy protects it from being detached'],
    ['Reattach', 'somebody else’s', 'foreign', 'someone else attached it'],
    ['Reattach', 'known by name only', 'namesOnly', 'with this api-version staleIdentities: Reattach acts as Report'],
    ['Reattach', 'reattached already', 'recent', 'it was reattached less than 24 hours before'],
  ] as const)(
    'is StaleIdentity on %s for an identity that is %s, and says why',
    (staleIdentities, _, obstacle, why) => {
      const verdict = {
        state: 'Stale',
        reason: 'StaleIdentity',
        ...(obstacle === undefined ? {} : { obstacle }),
      } as const;
      const composed = compose({ spec: { staleIdentities } }, { live: LIVE, verdicts: { a: verdict } });

      expect(shown(composed)).toBe('Ready=False Reconciling StaleIdentity');
      expect(readyOf(composed).message).toMatch(/^Identity a: it was deleted and created again under the same name: /);
      expect(readyOf(composed).message).toContain(why);
    },
  );

  it.each(['Detaching', 'Assigning'] as const)('is %s while an identity is being reattached, and says so', (reason) => {
    const verdict = { state: 'Pending', reason, message: 'it is so' } as const;
    const composed = compose({}, { live: LIVE, verdicts: { a: verdict } });

    expect(shown(composed)).toBe(`Ready=False Reconciling ${reason}`);
    expect(readyOf(composed).message).toBe('Identity a: it is so');
    const { message: _, ...wordless } = verdict;
    expect(readyOf(compose({}, { live: LIVE, verdicts: { a: wordless } })).message).toBe('Identity a: Pending');
  });

  it('is NotPermitted, on its way at first, for an identity that no policy allows', () => {
    const composed = compose(
      { userAssigned: ['a', 'b'], policies: [allowAllBut('b')], createdAt: JUST_BEFORE },
      { live: LIVE, verdicts: { a: ASSIGNED, b: { state: 'Pending' } } },
    );

    expect(shown(composed)).toBe('Ready=False Reconciling NotPermitted');
  });

  it('is Stalled for what no policy has come to allow in two minutes', () => {
    const composed = compose(
      { policies: [], status: { conditions: [{ ...readyOf(compose({ policies: [] })), lastTransitionTime: BEFORE }] } },
      {},
    );

    expect(shown(composed)).toBe('Ready=False Stalled NotPermitted');
  });

  it('is computed again when the time is over in which a policy may still come', () => {
    const composed = compose({ policies: [], createdAt: JUST_BEFORE });

    expect(composed.recomputeAt).toBe(Date.parse('2026-03-01T12:02:00Z'));
  });

  it('is NotPermitted for mode: Exclusive without a policy that allows it, and the rest is served', () => {
    const policies = [{ ...ALLOW_ALL, exclusive: 'Deny' as const }];
    const composed = compose({ spec: { mode: 'Exclusive' }, policies }, { live: LIVE, verdicts: { a: ASSIGNED } });

    expect(shown(composed)).toBe('Ready=False Reconciling NotPermitted');
    expect(readyOf(composed).message).toContain('mode: Exclusive. The rest is served.');
  });

  it('is NotPermitted for adopt without a policy that allows it, and names at most three identities', () => {
    const policies = [{ ...ALLOW_ALL, adopt: 'Deny' as const }];
    const userAssigned = ['a', 'b', 'c', 'd'];
    const verdicts = Object.fromEntries(userAssigned.map((name) => [name, ASSIGNED]));
    const composed = compose({ userAssigned, adopt: true, policies }, { live: LIVE, verdicts });

    expect(readyOf(composed).message).toContain('adopt: true for identity c, 1 more. The rest is served.');
  });

  it('is ExclusiveOnManagedScaleSet on a scale set of AKS', () => {
    const live = { ...LIVE, tagNames: ['AKS-managed-poolName'] };
    const composed = compose({ spec: { mode: 'Exclusive' } }, { live, verdicts: { a: ASSIGNED } });

    expect(shown(composed)).toBe('Ready=False Stalled ExclusiveOnManagedScaleSet');
  });

  it('is Suspended for a suspended binding, whatever else is the matter with it', () => {
    const composed = compose(
      { spec: { suspend: true, mode: 'Exclusive' }, policies: [] },
      { live: {}, ...stop('ScaleSetBusy'), inFlight: { reason: 'Assigning', systemAssigned: 'asLive' } },
    );

    expect(readyOf(composed)).toMatchObject({ reason: 'Suspended', status: 'Unknown' });
  });

  it('is Detaching for a binding that is being deleted', () => {
    const composed = compose({ deleting: true }, { live: LIVE, entries: [entry('a', 'Detaching', ['web'])] });

    expect(shown(composed)).toBe('Ready=False Reconciling Detaching');
    expect(readyOf(composed).message).toContain('being deleted');
  });

  it('is what stops the scale set, for a binding that cannot be deleted for it', () => {
    const view = { entries: [entry('a', 'Attached', ['web'])], ...stop('AuthorizationFailed') };

    expect(shown(compose({ deleting: true }, view))).toBe('Ready=False Reconciling AuthorizationFailed');
  });

  it('says nothing of permissions for a binding that is being deleted', () => {
    const composed = compose({ deleting: true, policies: [] }, { entries: [entry('a', 'Attached', ['web'])] });

    expect(shown(composed)).toBe('Ready=False Reconciling Detaching');
  });
});

describe('which reason wins', () => {
  const missing = { a: { state: 'Missing', reason: 'IdentityMissing', message: 'it is not there' } } as const;

  it('is the operation in flight over everything else', () => {
    const composed = compose(
      { userAssigned: ['a', 'b'], spec: { mode: 'Exclusive' } },
      {
        live: { userAssigned: [] },
        verdicts: { ...missing, b: { state: 'Pending' } },
        inFlight: { reason: 'Assigning', systemAssigned: 'asLive' },
      },
    );

    expect(shown(composed)).toBe('Ready=False Reconciling Assigning');
  });

  it('is what stops the whole scale set over what a person has to change', () => {
    const composed = compose(
      { spec: { managementPolicy: 'Observe' } },
      { verdicts: missing, ...stop('BlockedByAdministrator') },
    );

    expect(shown(composed)).toBe('Ready=False Reconciling BlockedByAdministrator');
  });

  it('is what a person has to change over an identity in trouble', () => {
    const spec = { systemAssigned: 'Enabled' } as const;
    const composed = compose({ spec }, { live: { orchestrationMode: 'Flexible' }, verdicts: missing });

    expect(shown(composed)).toBe('Ready=False Stalled UnsupportedOrchestrationMode');
  });

  it('is the first of the table among identities in trouble', () => {
    const composed = compose(
      { userAssigned: ['a', 'b'] },
      { live: {}, verdicts: { ...missing, b: { state: 'Failed', reason: 'IdentityRefused', message: 'no' } } },
    );

    expect(REASONS_IN_ORDER.indexOf('IdentityRefused')).toBeLessThan(REASONS_IN_ORDER.indexOf('IdentityMissing'));
    expect(readyOf(composed)).toMatchObject({ reason: 'IdentityRefused', message: 'Identity b: no' });
  });

  it('never is a word that somebody else wrote into the status', () => {
    const forged = identityStatus('a', 'Failed', { reason: 'NoSuchReason', nextAttemptTime: 'soon' });
    const composed = compose({ status: { userAssigned: [forged] } }, { ...stop('Throttled') });

    expect(shown(composed)).toBe('Ready=False Reconciling Throttled');
    expect(composed.status.userAssigned![0]).not.toHaveProperty('nextAttemptTime');
    expect(composed.status.userAssigned![0]).not.toHaveProperty('reason');
  });
});

describe('what stops the whole scale set', () => {
  it('is not shown on a binding that lacks nothing', () => {
    const composed = compose({}, { live: LIVE, verdicts: { a: ASSIGNED }, ...stop('Rejected') });

    expect(shown(composed)).toBe('Ready=True Assigned');
  });

  it('is shown instead of Assigning and Detaching', () => {
    const composed = compose(
      { userAssigned: ['a'] },
      {
        live: {},
        verdicts: { a: { state: 'Pending' } },
        entries: [entry('b', 'Attached', ['web'])],
        ...stop('Throttled'),
      },
    );

    expect(shown(composed)).toBe('Ready=False Reconciling Throttled');
  });

  it('is shown on every binding while the scale set cannot be read', () => {
    const composed = compose({ status: readyStatus('a') }, { ...stop('CredentialUnavailable') });

    expect(shown(composed)).toBe('Ready=False Reconciling CredentialUnavailable');
  });

  it('leaves a binding that is Ready alone while it may pass', () => {
    const status = readyStatus('a');
    const composed = compose({ status }, { ...stop('AzureUnavailable', true) });

    expect(composed.status).toEqual(status);
  });

  it.each([
    ['is new', { generation: 4 }],
    ['is being deleted', { deleting: true }],
    ['is asked to look again', { annotations: { 'reconcile.vmss-identity.dev/requested-at': 'now' } }],
  ] as const)('is shown on a Ready binding all the same that %s', (_what, change) => {
    const view = { entries: [entry('a', 'Attached', ['web'])], ...stop('AzureUnavailable', true) };
    const composed = compose({ status: readyStatus('a'), ...change }, view);

    expect(readyOf(composed)).toMatchObject({ status: 'False', reason: 'AzureUnavailable' });
  });

  it('is shown on a binding that is not Ready, however soon it passes', () => {
    expect(shown(compose({}, { ...stop('AzureUnavailable', true) }))).toBe('Ready=False Reconciling AzureUnavailable');
  });
});
