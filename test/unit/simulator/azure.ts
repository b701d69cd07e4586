import { createControl } from '../../../dev/simulator/control/control.ts';
import { handleRequest } from '../../../dev/simulator/core.ts';
import type { Answer } from '../../../dev/simulator/http.ts';
import type { PrincipalSeed, ScaleSetSeed, Seed } from '../../../dev/simulator/seed.ts';
import { applySeed } from '../../../dev/simulator/seeding.ts';
import type { Settings } from '../../../dev/simulator/settings.ts';
import { createState } from '../../../dev/simulator/state.ts';

export const subscriptionId = '11111111-1111-4111-8111-111111111111';
export const tenantId = '22222222-2222-4222-8222-222222222222';
export const clientId = '33333333-3333-4333-8333-333333333333';
export const objectId = '44444444-4444-4444-8444-444444444444';
export const otherTenantId = '55555555-5555-4555-8555-555555555555';
export const otherSubscriptionId = '66666666-6666-4666-8666-666666666666';
export const origin = 'https://azure.test';
export const latest = '2026-04-01';

export const scaleSetsPath = `/subscriptions/${subscriptionId}/providers/Microsoft.Compute/virtualMachineScaleSets`;
const group = `/subscriptions/${subscriptionId}/resourceGroups/shop`;
export const webPath = `${group}/providers/Microsoft.Compute/virtualMachineScaleSets/web`;

/** The id of an identity in the group `shop`, as Compute is usually told it. */
export function identity(name: string): string {
  return `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
}

/** The same id as Microsoft.ManagedIdentity itself writes it. */
export function lowerGroupIdentity(name: string): string {
  return identity(name).replace('resourceGroups', 'resourcegroups');
}

export interface Parts {
  readonly web?: Omit<ScaleSetSeed, 'name'>;
  readonly scaleSets?: readonly ScaleSetSeed[];
  readonly identities?: readonly string[];
  readonly settings?: Partial<Settings>;
  readonly principal?: Partial<PrincipalSeed>;
}

/** One subscription with the scale set `web` and the identities `a`, `b`, `c`; and a subscription of another tenant. */
export function seedOf(parts: Parts = {}): Seed {
  const names = parts.identities ?? ['a', 'b', 'c'];
  return {
    settings: { operationMs: 5_000, ...parts.settings },
    subscriptions: [
      {
        id: subscriptionId,
        tenant: tenantId,
        resourceGroups: [
          {
            name: 'shop',
            location: 'westeurope',
            identities: names.map((name) => ({ name })),
            scaleSets: [{ name: 'web', ...parts.web }, ...(parts.scaleSets ?? [])],
          },
        ],
      },
      { id: otherSubscriptionId, tenant: otherTenantId },
    ],
    principals: [{ clientId, objectId, tenant: tenantId, secret: 's3cret', managedIdentity: true, ...parts.principal }],
  };
}

export interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed. What of it is there depends on the answer; undefined for an empty one. */
  readonly body: Body;
}

/** Every member that some answer has. */
export interface Body {
  readonly name: string;
  readonly tags: unknown;
  readonly sku: { readonly capacity: number };
  readonly identity: {
    readonly type: string;
    readonly principalId: string;
    readonly userAssignedIdentities: Readonly<Record<string, unknown>>;
  };
  readonly properties: Readonly<Record<string, unknown>>;
  readonly error: { readonly code: string; readonly message: string };
  readonly value: readonly Body[];
  readonly nextLink: string;
  readonly status: string;
  readonly access_token: string;
  readonly token_endpoint: string;
  readonly expires_on: string;
}

interface AskOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** `''`: none. Default: the latest. */
  readonly version?: string;
  /** `''`: none. Default: a valid one. */
  readonly token?: string;
}

/** A simulated Azure under a clock that only the test moves. */
export function simulatedAzure(parts: Parts = {}) {
  const state = createState({});
  const clock = { nowMs: Date.UTC(2026, 4, 7, 7, 32, 41) };
  applySeed(state, seedOf(parts), clock.nowMs);
  const control = createControl(state, () => clock.nowMs);

  function send(method: string, path: string, options: AskOptions = {}): Answer {
    const url = new URL(path, origin);
    const version = options.version ?? latest;
    if (version !== '' && !url.searchParams.has('api-version')) url.searchParams.set('api-version', version);
    const token = options.token ?? control.token(clientId);
    const { body } = options;
    return handleRequest(
      state,
      {
        method,
        url: url.href,
        headers: { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...options.headers },
        body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
      },
      clock.nowMs,
    );
  }

  function ask(method: string, path: string, options: AskOptions = {}): Asked {
    return read(send(method, path, options));
  }

  return {
    state,
    control,
    clock,
    send,
    ask,
    get: (path: string, options: AskOptions = {}) => ask('GET', path, options),
    put: (path: string, body: unknown, options: AskOptions = {}) => ask('PUT', path, { ...options, body }),
    patch: (path: string, body: unknown, options: AskOptions = {}) => ask('PATCH', path, { ...options, body }),
    /** A PATCH of the identity of `web`. */
    patchIdentity: (change: unknown, options: AskOptions = {}) =>
      ask('PATCH', webPath, { ...options, body: { identity: change } }),
    del: (path: string, options: AskOptions = {}) => ask('DELETE', path, options),
    /** A form to the token endpoint. */
    askToken: (form: Readonly<Record<string, string>>, tenant = tenantId) =>
      ask('POST', `/${tenant}/oauth2/v2.0/token`, {
        body: new URLSearchParams(form).toString(),
        token: '',
        version: '',
      }),
    wait: (ms: number) => {
      clock.nowMs += ms;
    },
  };
}

export type SimulatedAzure = ReturnType<typeof simulatedAzure>;

export function read(answer: Answer): Asked {
  if (answer.kind !== 'response') throw new Error(`expected a response, got ${answer.kind}`);
  const body = (answer.body === '' ? undefined : JSON.parse(answer.body)) as Body;
  return { status: answer.status, headers: answer.headers, body };
}

/** The body of an ARM error. */
export function armError(code: string, message: string, target?: string): unknown {
  return { error: { code, ...(target === undefined ? {} : { target }), message } };
}
