import { describe, expect, it } from 'vitest';

import type { VmssIdentityBindingStatus } from '../../../src/api/types.ts';
import { composeStatus } from '../../../src/identity/status.ts';
import { judgeSystemAssigned } from '../../../src/identity/system-assigned.ts';
import type { IdentityVerdict } from '../../../src/identity/view.ts';
import { identityKey, NOW, scaleSet } from '../identity/builders.ts';
import { ALLOW_ALL, declare, identityStatus, readyStatus, stored } from './builders.ts';

const NAMED: IdentityVerdict = { state: 'Pending', keepsAssigned: true, message: 'it says so', nextAttemptAt: NOW };

/** The status for a scale set that shows names only. */
function compose(status: VmssIdentityBindingStatus, verdict: IdentityVerdict): VmssIdentityBindingStatus {
  const binding = stored({ status });
  const { orchestrationMode: _notShown, ...live } = scaleSet({ userAssigned: ['a'], namesOnly: true });
  const view = {
    now: NOW,
    scaleSet: live,
    ledger: undefined,
    verdicts: new Map([[identityKey('a'), verdict]]),
    system: judgeSystemAssigned([], undefined),
  };
  return composeStatus(binding, declare(binding, [ALLOW_ALL]), view).status;
}

describe('the status for a scale set that shows names only', () => {
  it('has no orchestration mode', () => {
    expect(compose(readyStatus('a'), NAMED).scaleSet).toEqual({ name: 'web', location: 'westeurope' });
  });

  it('keeps an identity as it was found, with its ids, when nothing speaks against it', () => {
    const found = identityStatus('a', 'Assigned', { principalId: 'principal', clientId: 'client' });

    expect(compose({ ...readyStatus('a'), userAssigned: [found] }, NAMED).userAssigned).toEqual([found]);
  });

  it('keeps one as it was found without ids', () => {
    const found = identityStatus('a', 'Assigned');

    expect(compose({ ...readyStatus('a'), userAssigned: [found] }, NAMED).userAssigned).toEqual([found]);
  });

  it('prefers the ids that are shown', () => {
    const shown = { ...NAMED, principalId: 'newer principal', clientId: 'newer client' };

    expect(compose(readyStatus('a'), shown).userAssigned).toMatchObject([
      { state: 'Assigned', principalId: 'newer principal', clientId: 'newer client' },
    ]);
  });

  it('says of one that was not found yet when it is looked at again', () => {
    expect(compose({ observedGeneration: 3 }, NAMED).userAssigned).toMatchObject([
      { state: 'Pending', message: 'it says so', nextAttemptTime: new Date(NOW).toISOString() },
    ]);
  });
});
