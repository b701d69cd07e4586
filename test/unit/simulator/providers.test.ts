import { describe, expect, it } from 'vitest';

import { computeApiVersions } from '../../../dev/simulator/arm/api-versions.ts';
import { identity, type Parts, type SimulatedAzure, simulatedAzure, subscriptionId, webPath } from './azure.ts';

const version = '2022-12-01';
const providers = `/subscriptions/${subscriptionId}/providers`;
const compute = `${providers}/Microsoft.Compute`;

interface ProviderBody {
  readonly registrationState: string;
  readonly resourceTypes: readonly { readonly resourceType: string; readonly apiVersions: readonly string[] }[];
}

const read = (azure: SimulatedAzure, path = compute): ProviderBody =>
  azure.get(path, { version }).body as unknown as ProviderBody;
const scaleSets = (parts?: Parts) =>
  read(simulatedAzure(parts)).resourceTypes.find(({ resourceType }) => resourceType === 'virtualMachineScaleSets');

describe('the metadata of a provider', () => {
  it('holds its types with their api-versions, newest first, and their locations by name', () => {
    expect(scaleSets()).toMatchObject({ locations: expect.arrayContaining(['East US', 'West Europe']) });
    expect(scaleSets()?.apiVersions).toEqual(computeApiVersions.toReversed());
    expect(scaleSets()?.apiVersions[0]).toBe('2026-04-01');
  });

  it('holds only the api-versions that are on offer', () => {
    const settings = { computeApiVersions: ['2017-12-01', '2018-06-01'] };

    expect(scaleSets({ settings })?.apiVersions).toEqual(['2018-06-01', '2017-12-01']);
  });

  it('is found in any case, and shown under its own name', () => {
    expect(read(simulatedAzure(), `${providers}/microsoft.managedidentity`)).toMatchObject({
      id: `${providers}/Microsoft.ManagedIdentity`,
      namespace: 'Microsoft.ManagedIdentity',
      registrationState: 'Registered',
      registrationPolicy: 'RegistrationRequired',
    });
  });

  it('is listed with all of its subscription', () => {
    const { value } = simulatedAzure().get(providers, { version }).body;

    expect(value.map((provider) => (provider as unknown as { namespace: string }).namespace)).toEqual([
      'Microsoft.Compute',
      'Microsoft.ManagedIdentity',
      'Microsoft.Resources',
      'Microsoft.Authorization',
    ]);
  });

  it('is 404 for a namespace that is not there', () => {
    const reply = simulatedAzure().get(`${providers}/Microsoft.Network`, { version });

    expect(reply.status).toBe(404);
    expect(reply.body.error).toEqual({
      code: 'InvalidResourceNamespace',
      message: "The resource namespace 'Microsoft.Network' is invalid.",
    });
  });

  it('needs the right to read it', () => {
    const permissions = [{ scope: `/subscriptions/${subscriptionId}`, actions: ['Microsoft.Compute/*'] }];
    const azure = simulatedAzure({ principal: { permissions } });

    expect([compute, providers].map((path) => azure.get(path, { version }).status)).toEqual([403, 403]);
  });
});

describe('the registration of a provider', () => {
  const post = (azure: SimulatedAzure, action: string) => azure.ask('POST', `${compute}/${action}`, { version });
  const newSet = webPath.replace(/web$/, 'new');
  const create = (azure: SimulatedAzure) => azure.put(newSet, { location: 'westeurope' });

  it('stands from the start, and registering again changes nothing', () => {
    const azure = simulatedAzure();

    expect(post(azure, 'register').body).toMatchObject({ registrationState: 'Registered' });
    expect(create(azure).status).toBe(201);
  });

  it('is needed to create a resource', () => {
    const azure = simulatedAzure();

    expect(post(azure, 'unregister').body).toMatchObject({ registrationState: 'Unregistered' });

    const refused = create(azure);
    const message =
      "The subscription registration is in 'Unregistered' state. The subscription must be registered to use namespace 'Microsoft.Compute'. See https://aka.ms/rps-not-found for how to register subscriptions.";
    const code = 'MissingSubscriptionRegistration';
    expect(refused.status).toBe(409);
    expect(refused.body.error).toEqual({ code, message, details: [{ code, target: 'Microsoft.Compute', message }] });
    expect(azure.put(identity('new'), { location: 'westeurope' }, { version: '2023-01-31' }).status).toBe(201);
  });

  it('takes time', () => {
    const azure = simulatedAzure({ settings: { operationMs: 5_000 } });
    post(azure, 'unregister');

    expect(post(azure, 'register').body).toMatchObject({ registrationState: 'Registering' });
    azure.wait(3_000);
    expect(post(azure, 'register').body).toMatchObject({ registrationState: 'Registering' });
    azure.wait(2_000);

    expect(read(azure).registrationState).toBe('Registered');
    expect(create(azure).status).toBe(201);
  });

  it('needs a right of that provider', () => {
    const permissions = [{ scope: '/', actions: ['*'], notActions: ['Microsoft.Compute/register/action'] }];

    const reply = post(simulatedAzure({ principal: { permissions } }), 'register');

    expect(reply.status).toBe(403);
    expect(reply.body.error.message).toContain("'Microsoft.Compute/register/action'");
  });

  it('cannot be taken from one that needs none', () => {
    const reply = simulatedAzure().ask('POST', `${providers}/Microsoft.Resources/unregister`, { version });

    expect(reply.body).toMatchObject({ registrationState: 'Registered', registrationPolicy: 'RegistrationFree' });
  });

  it('takes no other method', () => {
    expect(simulatedAzure().get(`${compute}/register`, { version }).status).toBe(405);
  });
});
