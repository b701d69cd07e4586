import { describe, expect, it } from 'vitest';

import { restrictionOn } from '../../../src/identity/restriction.ts';
import type { UserAssignedIdentity } from '../../../src/identity/scale-set.ts';
import { identityId, identityKey } from './builders.ts';

const IDENTITY: UserAssignedIdentity = {
  resourceId: identityId('app'),
  key: identityKey('app'),
  principalId: 'p',
  clientId: 'c',
  location: 'westeurope',
};
const HERE = { location: 'westeurope' };

describe('an identity', () => {
  it.each([
    ['without restrictions', {}],
    ['for Microsoft.Compute', { allowedProviders: ['Microsoft.Web', 'microsoft.COMPUTE'] }],
    ['for scale sets', { allowedProviders: ['Microsoft.Compute/virtualMachineScaleSets'] }],
    ['of the same region', { isRegional: true }],
    ['of the same region, spelled for people', { isRegional: true, location: 'West Europe' }],
    ['of no region that is known', { isRegional: true, location: undefined }],
    ['of another region, for all of them', { location: 'eastus' }],
  ])('%s may be assigned', (_, more) => {
    const { location, ...rest } = { ...IDENTITY, ...more };
    expect(restrictionOn({ ...rest, ...(location === undefined ? {} : { location }) }, HERE)).toBeUndefined();
  });

  it.each([
    ['for other providers only', { allowedProviders: ['Microsoft.Web'] }, 'assignmentRestrictions'],
    [
      'for virtual machines only',
      { allowedProviders: ['Microsoft.Compute/virtualMachines'] },
      'assignmentRestrictions',
    ],
    ['of another region, for that alone', { isRegional: true, location: 'eastus' }, 'isolationScope'],
  ])('%s may not be assigned, and says which setting forbids it', (_, more, setting) => {
    expect(restrictionOn({ ...IDENTITY, ...more }, HERE)).toContain(setting);
  });

  it('of a region is not held against a scale set whose region is not known', () => {
    expect(restrictionOn({ ...IDENTITY, isRegional: true, location: 'eastus' }, { location: '' })).toBeUndefined();
  });
});
