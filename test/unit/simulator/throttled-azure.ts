import type { LimitSizes } from '../../../dev/simulator/throttling/limits.ts';
import { identity, type Parts, type SimulatedAzure, simulatedAzure, tenantId, webPath } from './azure.ts';

export const apiPath = webPath.replace(/web$/, 'api');
export const farPath = webPath.replace(/web$/, 'far');
export const link = 'azure-asyncoperation';
export const resourceHeader = 'x-ms-ratelimit-remaining-resource';
export const newSet = { location: 'westeurope', properties: {} };

/** A simulated Azure with throttling on: `web` and `api` in westeurope, `far` in northeurope. */
export function throttledAzure(throttlingLimits: LimitSizes = {}, parts: Parts = {}): SimulatedAzure {
  return simulatedAzure({
    scaleSets: [{ name: 'api' }, { name: 'far', location: 'northeurope' }],
    ...parts,
    settings: { throttling: 'On', operationMs: 0, throttlingLimits, ...parts.settings },
  });
}

/** What makes a request that of another principal, who may do everything too. */
export function otherCaller({ control }: SimulatedAzure): { readonly token: string } {
  const clientId = '77777777-7777-4777-8777-777777777777';
  control.seed({ principals: [{ clientId, tenant: tenantId }] });
  return { token: control.token(clientId) };
}

export function attach(...names: readonly string[]) {
  return {
    type: 'UserAssigned',
    userAssignedIdentities: Object.fromEntries(names.map((name) => [identity(name), {}])),
  };
}

/** The policies that an answer shows, each with its tokens. */
export function shownTokens(headers: Readonly<Record<string, string>>): string | undefined {
  return headers[resourceHeader]?.replaceAll('Microsoft.Compute/', '');
}

/** The statuses of so many requests, one after the other. */
export function times(count: number, ask: () => { readonly status: number }): readonly number[] {
  return Array.from({ length: count }, () => ask().status);
}
