import { describe, expect, it } from 'vitest';

import { viewScaleSet } from '../../../dev/simulator/arm/scale-set-view.ts';
import { findScaleSet } from '../../../dev/simulator/resource-id.ts';
import type { Settings } from '../../../dev/simulator/settings.ts';
import {
  identity,
  latest,
  lowerGroupIdentity,
  scaleSetsPath,
  simulatedAzure,
  subscriptionId,
  webPath,
} from './azure.ts';

const attachA = { type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: {} } };
const managedIdentity = { version: '2023-01-31' };

describe('the spelling of ids', () => {
  const spelled = (idCasing: Settings['idCasing']) => {
    const azure = simulatedAzure({ settings: { idCasing, operationMs: 0 } });
    azure.patchIdentity(attachA);
    return azure;
  };

  it.each([
    ['AsSent', webPath, identity('a'), lowerGroupIdentity('a')],
    ['Lower', webPath.toLowerCase(), identity('a').toLowerCase(), identity('a').toLowerCase()],
    [
      'LowerResourcegroups',
      webPath.replace('resourceGroups', 'resourcegroups'),
      lowerGroupIdentity('a'),
      lowerGroupIdentity('a'),
    ],
    [
      'UpperGroups',
      webPath.replace('/shop/', '/SHOP/'),
      identity('a').replace('/shop/', '/SHOP/'),
      lowerGroupIdentity('a').replace('/shop/', '/SHOP/'),
    ],
  ] as const)('%s is that of scale sets, of their keys and of identities', (idCasing, setId, key, identityId) => {
    const azure = spelled(idCasing);

    const { body } = azure.get(webPath);
    expect(body).toHaveProperty('id', setId);
    expect(Object.keys(body.identity.userAssignedIdentities)).toEqual([key]);
    expect(azure.get(webPath, { version: '2017-12-01' }).body.identity).toHaveProperty('identityIds', [key]);
    expect(azure.get(scaleSetsPath).body.value).toEqual([body]);
    expect(azure.get(identity('a'), managedIdentity).body).toHaveProperty('id', identityId);
  });

  it('is that of the reply to a write too', () => {
    const { body } = simulatedAzure({ settings: { idCasing: 'Lower' } }).patchIdentity(attachA);

    expect(Object.keys(body.identity.userAssignedIdentities)).toEqual([identity('a').toLowerCase()]);
  });

  it.each(['LinkedAuthorizationFailed', 'FailedIdentityOperation'] as const)('is that of the refusal %s', (code) => {
    const azure = simulatedAzure({ settings: { idCasing: 'Lower', missingIdentity: code } });
    const none = identity('None');

    const { message } = azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities: { [none]: {} } }).body
      .error;

    expect(message).toContain(`'${none.toLowerCase()}'`);
  });

  it('may change while the identities stay the same', () => {
    const azure = spelled('AsSent');
    azure.control.settings({ idCasing: 'UpperGroups' });
    const [key = ''] = Object.keys(azure.get(webPath).body.identity.userAssignedIdentities);

    azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities: { [key]: null, [identity('b')]: {} } });

    expect(azure.control.scaleSet(webPath).userAssigned).toMatchObject([{ id: identity('b') }]);
  });
});

describe('a scale set without any identity', () => {
  it('leaves the member out', () => {
    const azure = simulatedAzure({ web: { identity: { systemAssigned: true }, operationMs: 0 } });

    expect(azure.patchIdentity({ type: 'None' }).body).not.toHaveProperty('identity');
  });

  it.each(['2017-03-30', '2017-12-01', latest])('may say so with the type None, in %s', (version) => {
    const azure = simulatedAzure({
      web: { identity: { systemAssigned: true }, operationMs: 0 },
      settings: { noneIdentity: 'TypeNone' },
    });

    azure.patchIdentity({ type: 'None' });

    expect(azure.get(webPath, { version }).body.identity).toEqual({ type: 'None' });
  });

  it('says nothing of it where there were no identities yet', () => {
    const azure = simulatedAzure({ settings: { noneIdentity: 'TypeNone' } });

    expect(azure.get(webPath, { version: '2016-03-30' }).body).not.toHaveProperty('identity');
  });

  it('takes back what it says', () => {
    const azure = simulatedAzure({ settings: { noneIdentity: 'TypeNone' } });

    expect(azure.patchIdentity(azure.get(webPath).body.identity).status).toBe(200);
  });
});

describe('the real body size', () => {
  const many = Array.from({ length: 40 }, (_, index) => ({ name: `set-${String(index)}` }));
  const real = () => simulatedAzure({ scaleSets: many, settings: { bodySize: 'Real' } });

  it('is 4 to 15 kB a scale set, and of several sizes', () => {
    const sizes = real()
      .get(scaleSetsPath)
      .body.value.map((set) => JSON.stringify(set).length);

    expect(Math.min(...sizes)).toBeGreaterThan(4_000);
    expect(Math.max(...sizes)).toBeLessThan(15_500);
    expect(Math.max(...sizes)).toBeGreaterThan(11_000);
    expect(new Set(sizes.map((size) => Math.round(size / 1_000))).size).toBeGreaterThan(2);
  });

  it('has a whole model around the members that matter', () => {
    const { body } = real().get(webPath);

    expect(Object.keys(body.properties['virtualMachineProfile'] as object)).toEqual(
      expect.arrayContaining(['osProfile', 'storageProfile', 'networkProfile', 'extensionProfile']),
    );
    expect(body.properties).toMatchObject({ upgradePolicy: { mode: 'Manual' }, provisioningState: 'Succeeded' });
  });

  it('leaves room for what was written', () => {
    const azure = real();
    const virtualMachineProfile = { priority: 'Spot' };

    azure.patch(webPath, { properties: { virtualMachineProfile } });

    expect(azure.get(webPath).body.properties).toMatchObject({ virtualMachineProfile, overprovision: false });
  });

  it('costs no memory: scale sets share their models', () => {
    const { state } = real();
    const profiles = ['web', ...many.map(({ name }) => name)].map((name) => {
      const set = findScaleSet(state, { subscriptionId, resourceGroup: 'shop', name })!;
      return (viewScaleSet(state, set, latest)['properties'] as Record<string, unknown>)['virtualMachineProfile'];
    });

    expect(profiles).toHaveLength(41);
    expect(new Set(profiles).size).toBeLessThanOrEqual(4);
  });
});
