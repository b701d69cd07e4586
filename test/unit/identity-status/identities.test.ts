import { describe, expect, it } from 'vitest';

import { entry, identityId, NOW } from '../identity/builders.ts';
import {
  allowAllBut,
  ASSIGNED,
  BEFORE,
  compose,
  identityOf,
  identityStatus,
  readyOf,
  readyStatus,
  shown,
} from './builders.ts';

const NOW_ISO = new Date(NOW).toISOString();
const STOP = { stop: { reason: 'Throttled', message: 'wait', passing: false } } as const;

describe('the status of an identity', () => {
  it('says who works with it and that it was attached for the binding', () => {
    const composed = compose(
      {},
      { live: { userAssigned: ['a'] }, verdicts: { a: ASSIGNED }, entries: [entry('a', 'Attached', ['web'])] },
    );

    expect(composed.status.userAssigned).toEqual([
      {
        resourceId: identityId('a'),
        state: 'Assigned',
        principalId: 'principal',
        clientId: 'client',
        attachedByUs: true,
        lastTransitionTime: NOW_ISO,
      },
    ]);
  });

  it('says of a foreign one that it is assigned and not ours', () => {
    const composed = compose({}, { live: { userAssigned: ['a'] }, verdicts: { a: ASSIGNED } });

    expect(identityOf(composed, 'a')).toMatchObject({ state: 'Assigned', attachedByUs: false });
  });

  it('says that it is not attached by us before it is attached at all', () => {
    const composed = compose(
      {},
      { live: {}, verdicts: { a: { state: 'Pending' } }, entries: [entry('a', 'Attaching', ['web'])] },
    );

    expect(identityOf(composed, 'a').attachedByUs).toBe(false);
  });

  it('spells the id as the binding does', () => {
    const shouted = identityId('a').toUpperCase();
    const composed = compose(
      { userAssigned: [shouted] },
      { live: { userAssigned: ['a'] }, verdicts: { a: ASSIGNED }, entries: [entry('a', 'Attached', ['web'])] },
    );

    expect(composed.status.userAssigned).toMatchObject([
      { resourceId: shouted, state: 'Assigned', attachedByUs: true },
    ]);
  });

  it('tells when it is tried next', () => {
    const verdict = {
      state: 'Missing',
      reason: 'IdentityMissing',
      message: 'it is not there',
      nextAttemptAt: NOW + 30_000,
    } as const;
    const composed = compose({}, { live: {}, verdicts: { a: verdict } });

    expect(identityOf(composed, 'a')).toMatchObject({
      reason: 'IdentityMissing',
      message: 'it is not there',
      nextAttemptTime: '2026-03-01T12:00:30.000Z',
    });
  });

  it('cuts a message to the length that the schema takes', () => {
    const composed = compose({}, { live: {}, verdicts: { a: { state: 'Failed', message: 'x'.repeat(2000) } } });

    expect(identityOf(composed, 'a').message).toHaveLength(1024);
  });

  it('is Detaching for one that the binding does not declare any more', () => {
    const composed = compose(
      {},
      {
        live: { userAssigned: ['a', 'b'] },
        verdicts: { a: ASSIGNED, b: ASSIGNED },
        entries: [entry('b', 'Attached', ['web'])],
      },
    );

    expect(identityOf(composed, 'b')).toMatchObject({ state: 'Detaching', attachedByUs: true });
  });

  it('is NotPermitted, and not Detaching, for one that is not declared any more and that no policy allows any more', () => {
    const composed = compose(
      { policies: [allowAllBut('b')] },
      {
        live: { userAssigned: ['a', 'b'] },
        verdicts: { a: ASSIGNED, b: ASSIGNED },
        entries: [entry('b', 'Attached', ['web'])],
      },
    );

    expect(identityOf(composed, 'b')).toMatchObject({ state: 'NotPermitted', attachedByUs: true });
    expect(readyOf(composed)).toMatchObject({ status: 'True', reason: 'Assigned' });
  });

  it('is as Azure has it for one that a suspended binding does not declare any more', () => {
    const composed = compose(
      { spec: { suspend: true } },
      {
        live: { userAssigned: ['a', 'b'] },
        verdicts: { a: ASSIGNED, b: ASSIGNED },
        entries: [entry('b', 'Attached', ['web'])],
      },
    );

    expect(identityOf(composed, 'b').state).toBe('Assigned');
  });

  it('is NotPermitted, without a word of Azure, for one that no policy allows', () => {
    const composed = compose(
      { policies: [allowAllBut('a')] },
      { live: { userAssigned: ['a'] }, verdicts: { a: ASSIGNED } },
    );

    expect(identityOf(composed, 'a')).toEqual({
      resourceId: identityId('a'),
      state: 'NotPermitted',
      attachedByUs: false,
      reason: 'NotPermitted',
      message: 'no policy allows this namespace to bind this identity to this scale set',
      lastTransitionTime: NOW_ISO,
    });
  });

  it('is NotPermitted and still ours when a policy was taken back', () => {
    const composed = compose(
      { policies: [allowAllBut('a')] },
      { live: { userAssigned: ['a'] }, verdicts: { a: ASSIGNED }, entries: [entry('a', 'Attached', ['web'])] },
    );

    expect(identityOf(composed, 'a')).toMatchObject({ state: 'NotPermitted', attachedByUs: true });
  });

  it("says why of the operator's own identity, and offers no policy that would not help", () => {
    const own = {
      state: 'NotPermitted',
      reason: 'NotPermitted',
      message: "it is the operator's own identity",
    } as const;
    const composed = compose({}, { live: {}, verdicts: { a: own } });

    expect(readyOf(composed)).toMatchObject({
      reason: 'NotPermitted',
      message: "Identity a: it is the operator's own identity.",
    });
  });

  it('is said in one word where nothing more is known of why it is not permitted', () => {
    const composed = compose({}, { live: {}, verdicts: { a: { state: 'NotPermitted', reason: 'NotPermitted' } } });

    expect(readyOf(composed)).toMatchObject({ reason: 'NotPermitted', message: 'Identity a: NotPermitted.' });
  });

  it('never tells of more identities than the schema takes', () => {
    const names = Array.from({ length: 600 }, (_, index) => `left-${String(index)}`);
    const composed = compose(
      { userAssigned: ['a'] },
      { live: {}, verdicts: {}, entries: names.map((name) => entry(name, 'Attached', ['web'])) },
    );

    expect(composed.status.userAssigned).toHaveLength(512);
    expect(composed.status.userAssigned![0]!.resourceId).toBe(identityId('a'));
  });
});

describe('the status of an identity of a binding that is being deleted', () => {
  it('is Detaching for what was attached for it, permitted or not', () => {
    const view = {
      live: { userAssigned: ['a'] },
      verdicts: { a: ASSIGNED },
      entries: [entry('a', 'Attached', ['web'])],
    };

    expect(identityOf(compose({ deleting: true }, view), 'a').state).toBe('Detaching');
    expect(identityOf(compose({ deleting: true, policies: [] }, view), 'a').state).toBe('Detaching');
  });

  it('is Assigned for one that was there before it: nobody takes that back', () => {
    const composed = compose(
      { deleting: true, userAssigned: ['a', 'b'] },
      {
        live: { userAssigned: ['a', 'b'] },
        verdicts: { a: ASSIGNED, b: ASSIGNED },
        entries: [entry('b', 'Detaching', ['web'])],
      },
    );

    expect(identityOf(composed, 'a')).toMatchObject({ state: 'Assigned', attachedByUs: false });
    expect(identityOf(composed, 'b')).toMatchObject({ state: 'Detaching', attachedByUs: true });
  });

  it('waits without a word while it is Pending', () => {
    const composed = compose(
      { deleting: true, userAssigned: ['a', 'b'] },
      { live: {}, verdicts: { a: { state: 'Pending' } }, entries: [entry('b', 'Detaching', ['web'])] },
    );

    expect(shown(composed)).toBe('Ready=False Reconciling Detaching');
  });
});

describe('the lastTransitionTime of an identity', () => {
  it('stays while the state does, whatever else changes', () => {
    const status = { userAssigned: [identityStatus('a', 'Failed', { reason: 'IdentityRefused', message: 'no' })] };
    const again = { state: 'Failed', reason: 'OperationFailed', message: 'no again', nextAttemptAt: NOW } as const;
    const composed = compose({ status }, { live: {}, verdicts: { a: again } });

    expect(identityOf(composed, 'a')).toMatchObject({ message: 'no again', lastTransitionTime: BEFORE });
  });

  it('moves with the state', () => {
    const status = { userAssigned: [identityStatus('a', 'Pending')] };
    const composed = compose({ status }, { live: { userAssigned: ['a'] }, verdicts: { a: ASSIGNED } });

    expect(identityOf(composed, 'a').lastTransitionTime).toBe(NOW_ISO);
  });

  it('is found again under another spelling of the id', () => {
    const before = { ...identityStatus('a', 'Assigned'), resourceId: identityId('a').toUpperCase() };
    const composed = compose(
      { status: { userAssigned: [before] } },
      { live: { userAssigned: ['a'] }, verdicts: { a: ASSIGNED } },
    );

    expect(identityOf(composed, 'a').lastTransitionTime).toBe(BEFORE);
  });
});

describe('the status of an identity of which nothing was found out', () => {
  const remembered = identityStatus('a', 'Missing', {
    reason: 'IdentityMissing',
    message: 'it is not there',
    principalId: 'p',
    clientId: 'c',
    nextAttemptTime: '2026-03-01T12:30:00.000Z',
  });

  it('is as it was', () => {
    const composed = compose({ status: { userAssigned: [remembered] } }, STOP);

    expect(identityOf(composed, 'a')).toEqual(remembered);
  });

  it('is Pending where there was none', () => {
    expect(identityOf(compose({}, STOP), 'a').state).toBe('Pending');
  });

  it.each(['NotPermitted', 'Detaching'] as const)(
    'is Pending again where it was %s for what holds no more',
    (state) => {
      const composed = compose({ status: { userAssigned: [identityStatus('a', state)] } }, STOP);

      expect(identityOf(composed, 'a').state).toBe('Pending');
    },
  );

  it('is attached by us as far as the ledger says so for the binding', () => {
    const attached = compose({ status: readyStatus('a') }, { entries: [entry('a', 'Attached', ['web'])], ...STOP });
    const attaching = compose({}, { entries: [entry('a', 'Attaching', ['web'])], ...STOP });

    expect(identityOf(attached, 'a').attachedByUs).toBe(true);
    expect(identityOf(attaching, 'a').attachedByUs).toBe(false);
  });
});
