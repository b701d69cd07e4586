import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CLIENT } from './names.ts';
import { identity, NEVER, type SimulatedAzure, simulatedAzure, valueOf } from './simulated-azure.ts';

let azure: SimulatedAzure;
beforeAll(async () => {
  azure = await simulatedAzure();
});
afterAll(() => azure[Symbol.asyncDispose]());

describe('the right to assign an identity', () => {
  it.each([
    ['everything is allowed', { permissions: [{ scope: '/', actions: ['*'] }] }, true],
    [
      'the role is Managed Identity Operator',
      {
        permissions: [
          {
            scope: '/',
            actions: [
              'Microsoft.ManagedIdentity/userAssignedIdentities/*/read',
              'Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action',
            ],
          },
        ],
      },
      true,
    ],
    ['only reading is allowed', { permissions: [{ scope: '/', actions: ['*/read'] }] }, false],
    [
      'it is taken out of a wider role',
      { permissions: [{ scope: '/', actions: ['*'], notActions: ['*/assign/action'] }] },
      false,
    ],
  ])('is known before a write is spent on it when %s', async (_, rights, expected) => {
    azure.simulator.control.setRights(CLIENT, rights);
    expect(valueOf(await azure.port.mayAssign(identity('one'), NEVER))).toBe(expected);
  });
});
