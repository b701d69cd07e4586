import { describe, expect, it } from 'vitest';

import { azureFindings } from '../../../src/check/azure-findings.ts';
import type { GroupRights, ResourceRights, RightState } from '../../../src/check/azure-rights.ts';
import {
  ASSIGN_IDENTITY,
  type AzureAction,
  READ_IDENTITY,
  READ_PERMISSIONS,
  READ_SCALE_SET,
  WRITE_SCALE_SET,
} from '../../../src/identity/azure-actions.ts';
import { groupId, identity, scaleSet, SIGNED_IN, SUBSCRIPTION } from './samples.ts';

type Resource = ResourceRights['id'];
const MISSING: RightState = { is: 'missing' };
const GRANTED: RightState = { is: 'granted' };

function rights(id: Resource, states: Partial<Record<AzureAction, RightState>>, mayNotAsk = false): ResourceRights {
  const stateOf = (action: AzureAction): RightState => states[action] ?? GRANTED;
  return { id, actions: Object.keys(states) as AzureAction[], stateOf, mayNotAsk };
}

const apps = (...resources: readonly ResourceRights[]): GroupRights => ({
  group: { subscriptionId: SUBSCRIPTION, resourceGroup: 'apps' },
  resources,
});

const command = (role: string, scope: string): string =>
  'az role assignment create --assignee-object-id 22222222-2222-4222-8222-222222222222 ' +
  `--assignee-principal-type ServicePrincipal --role '${role}' --scope ${scope}`;

describe('a right in Azure', () => {
  it('is told once for all the resources of a group that share it', () => {
    const sets = ['a', 'b', 'c', 'd'].map((name) => rights(scaleSet(name), { [READ_SCALE_SET]: GRANTED }));
    expect(azureFindings([apps(...sets)], SIGNED_IN)).toEqual([
      {
        verdict: 'ok',
        check: 'azure-right',
        says: `${READ_SCALE_SET} on 4 scale sets in ${groupId('apps')} (a, b, c, …)`,
      },
    ]);
  });

  it('that is missing on one resource is granted on that one alone', () => {
    const web = scaleSet('web');
    const states = [
      rights(web, { [WRITE_SCALE_SET]: MISSING }),
      rights(scaleSet('api'), { [WRITE_SCALE_SET]: GRANTED }),
    ];
    expect(azureFindings([apps(...states)], SIGNED_IN)).toEqual([
      {
        verdict: 'missing',
        check: 'azure-right',
        says: `${WRITE_SCALE_SET} on ${web.resourceId}`,
        command: command('VMSS Identity Operator', web.resourceId),
      },
      { verdict: 'ok', check: 'azure-right', says: `${WRITE_SCALE_SET} on ${scaleSet('api').resourceId}` },
    ]);
  });

  it('that is missing on several is granted on their group', () => {
    const states = ['web', 'api'].map((name) => rights(scaleSet(name), { [WRITE_SCALE_SET]: MISSING }));
    expect(azureFindings([apps(...states)], SIGNED_IN)).toMatchObject([
      { verdict: 'missing', command: command('VMSS Identity Operator', groupId('apps')) },
    ]);
  });

  it('on identities is that of Managed Identity Operator', () => {
    const one = identity('one', 'apps');
    expect(azureFindings([apps(rights(one, { [ASSIGN_IDENTITY]: MISSING }))], SIGNED_IN)).toMatchObject([
      { command: command('Managed Identity Operator', one.resourceId) },
    ]);
  });

  it('that could not be found out is told with why', () => {
    const why = 'Azure gave no answer.';
    const found = azureFindings(
      [apps(rights(scaleSet('web'), { [READ_SCALE_SET]: { is: 'unknown', why } }))],
      SIGNED_IN,
    );
    expect(found).toEqual([
      { verdict: 'failed', check: 'azure-right', says: `${READ_SCALE_SET} on ${scaleSet('web').resourceId}: ${why}` },
    ]);
  });

  it('to ask about oneself is one of them, and has the role of what was asked about', () => {
    const one = identity('one', 'apps');
    const [, asking] = azureFindings([apps(rights(one, { [READ_IDENTITY]: GRANTED }, true))], SIGNED_IN);
    expect(asking).toEqual({
      verdict: 'missing',
      check: 'azure-right',
      says: `${READ_PERMISSIONS} on ${one.resourceId}`,
      command: command('Managed Identity Operator', one.resourceId),
    });
  });

  it('is granted to a person as to a person', () => {
    const states = rights(scaleSet('web'), { [READ_SCALE_SET]: MISSING });
    const [found] = azureFindings([apps(states)], { ...SIGNED_IN, principalType: 'User' });
    expect(found?.command).toContain('--assignee-principal-type User ');
  });
});
