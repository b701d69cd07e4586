import { describe, expect, it } from 'vitest';

import { type Charge, chargeOf, type Known } from '../../../src/azure/budgets/charge.ts';
import type { ArmUrl } from '../../../src/azure/urls.ts';
import { armKey } from '../../../src/identity/arm-id.ts';
import { identityPath, scaleSetPath, SUBSCRIPTION } from './samples.ts';

const WEB = armKey(scaleSetPath());
const OPERATION = `/subscriptions/${SUBSCRIPTION}/providers/microsoft.compute/locations/westeurope/operations/1`;
const NOTHING: Known = { locationOf: () => undefined, guessFor: () => undefined, scaleSetOf: () => undefined };
const KNOWN: Known = {
  locationOf: (key) => (key === WEB ? 'westeurope' : undefined),
  guessFor: () => 'eastus',
  scaleSetOf: (path) => (path === OPERATION ? WEB : undefined),
};

function charge(method: 'GET' | 'PATCH', path: string, options: { body?: unknown; known?: Known } = {}): Charge {
  const url = `https://management.azure.com${path}?api-version=2024-11-01` as ArmUrl;
  return chargeOf({ method, url, body: options.body }, options.known ?? KNOWN);
}

/** `policy@region of resource ×tokens`, with a question mark where the region is not known or only guessed. */
function tell({ limits }: Charge): readonly string[] {
  return limits.map(({ policy, location, region, resource, tokens }) => {
    const name = resource === undefined ? '' : ` of ${resource.split('/').at(-1)!}`;
    return `${policy}@${location}${region === undefined ? '' : '?'}${name}${tokens === 1 ? '' : ` ×${String(tokens)}`}`;
  });
}

describe('what counts a request', () => {
  it.each<readonly [string, Charge, readonly string[]]>([
    [
      'a read of a scale set',
      charge('GET', scaleSetPath()),
      ['GetVMScaleSetResource@westeurope of web', 'GetVMScaleSetSubscriptionMaximum@westeurope', 'ArmReads@'],
    ],
    [
      'a read of a scale set of which nobody knows where it lies',
      charge('GET', scaleSetPath(), { known: NOTHING }),
      ['GetVMScaleSetResource@? of web', 'GetVMScaleSetSubscriptionMaximum@?', 'ArmReads@'],
    ],
    [
      'a read of a scale set of which it can be guessed where it lies',
      charge('GET', scaleSetPath('api')),
      [
        'GetVMScaleSetResource@? of api',
        'GetVMScaleSetSubscriptionMaximum@?',
        'GetVMScaleSetSubscriptionMaximum@eastus?',
        'ArmReads@',
      ],
    ],
    [
      'a write that changes the system-assigned identity alone',
      charge('PATCH', scaleSetPath(), { body: { identity: { type: 'SystemAssigned' } } }),
      [
        'VMScaleSetActionsResource@westeurope of web',
        'VMScaleSetActionsSubscriptionMaximum@westeurope',
        'IdentityAssignment@westeurope',
        'ArmWrites@',
        'IdentityAssignmentOfTenant@westeurope',
      ],
    ],
    [
      'a list',
      charge('GET', `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachineScaleSets`),
      ['HighCostGetVMScaleSet@', 'ArmReads@'],
    ],
    [
      'a list of one group',
      charge('GET', scaleSetPath().replace(/\/web$/, '')),
      ['HighCostGetVMScaleSet@', 'ArmReads@'],
    ],
    [
      'a look at an operation',
      charge('GET', OPERATION),
      ['GetOperationResource@westeurope of web', 'GetOperationSubscriptionMaximum@westeurope', 'ArmReads@'],
    ],
    [
      'a look at an operation of which nobody knows the scale set',
      charge('GET', OPERATION.replace('westeurope', 'West%20Europe'), { known: NOTHING }),
      ['GetOperationResource@westeurope of 1', 'GetOperationSubscriptionMaximum@westeurope', 'ArmReads@'],
    ],
    ['a read of an identity', charge('GET', identityPath('one')), ['ManagedIdentityReads@', 'ArmReads@']],
    [
      'a read of permissions',
      charge('GET', `${identityPath('one')}/providers/Microsoft.Authorization/permissions`),
      ['PermissionReads@', 'ArmReads@'],
    ],
    [
      'a request for something else in a subscription',
      charge('GET', `/subscriptions/${SUBSCRIPTION}/resourceGroups`),
      ['ArmReads@'],
    ],
    ['a request for nothing in a subscription', charge('GET', '/tenants'), []],
  ])('%s is known from the request', (_what, found, expected) => {
    expect(tell(found)).toEqual(expected);
  });

  it.each([
    ['a dictionary', { userAssignedIdentities: { a: {}, b: null, c: {} } }],
    ['a list', { identityIds: ['a', 'b', 'c'] }],
  ])('is each identity that a write carries in %s', (_what, identity) => {
    const found = charge('PATCH', scaleSetPath(), { body: { identity: { type: 'UserAssigned', ...identity } } });

    expect(tell(found)).toContain('IdentityAssignment@westeurope ×3');
    expect(tell(found)).toContain('IdentityAssignmentOfTenant@westeurope ×3');
  });

  it('is the same however the request spells it, and wherever the endpoint begins', () => {
    const usual = charge('GET', scaleSetPath());

    expect(charge('GET', scaleSetPath().toUpperCase())).toEqual(usual);
    expect(charge('GET', `/arm${scaleSetPath()}`)).toEqual(usual);
  });

  it('is nobody else in its place: each page of a list, each scale set and each kind of request has its own', () => {
    const list = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachineScaleSets`;
    const keys = [
      charge('GET', scaleSetPath()),
      charge('PATCH', scaleSetPath()),
      charge('GET', scaleSetPath('api')),
      charge('GET', list),
      chargeOf({ method: 'GET', url: `https://management.azure.com${list}?$skiptoken=2` as ArmUrl }, KNOWN),
    ].map(({ key }) => key);

    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is found out for a link that cannot be decoded, too', () => {
    expect(tell(charge('GET', `${OPERATION}%zz`, { known: NOTHING }))).toContain('ArmReads@');
  });
});
