/** A cluster and an Azure in which all is as declared, given out as text, an object at a time. */
import { once } from 'node:events';
import { Readable } from 'node:stream';

import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import type { Dispatcher } from 'undici';

import { API_VERSION } from '../../src/api/types.ts';
import { armKey } from '../../src/identity/arm-id.ts';
import { anonymousConnection } from '../../src/kube/connection.ts';
import { ledgerName } from '../../src/reconcile/ledger-name.ts';

const SUBSCRIPTION = '/subscriptions/11111111-1111-4111-8111-111111111111';
const GROUP = `${SUBSCRIPTION}/resourceGroups/team-production-westeurope`;
const IDENTITIES = ['orders-queue-sender', 'orders-storage-reader'].map(
  (name) => `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
);
const TIME = '2026-03-01T00:00:00Z';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** A token without a claim but whose it is. */
export const CREDENTIAL = {
  getToken: () => {
    const claims = Buffer.from(JSON.stringify({ oid: guid(0, 9) })).toString('base64url');
    return Promise.resolve({ token: `e30.${claims}.`, expiresOnTimestamp: Date.now() + 3_600_000_000 });
  },
};

export class Fleet {
  readonly size: number;
  /** Writes to bindings and ledgers. */
  writes = 0;
  /** Of the first binding, as the operator wrote it. */
  status: Readonly<Record<string, unknown>> | undefined;
  readonly connection = anonymousConnection('http://bench.invalid');
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- all of it that is called
  readonly kubernetes = { request: (options: Dispatcher.RequestOptions) => this.#kubernetes(options) } as Dispatcher;
  readonly azure: HttpClient = {
    sendRequest: (request) => {
      const { pathname, searchParams } = new URL(request.url);
      const readableStreamBody = Readable.from([Buffer.from(this.#azure(pathname, Number(searchParams.get('skip'))))]);
      const headers = createHttpHeaders({ 'content-type': 'application/json' });
      return Promise.resolve({ request, status: 200, headers, readableStreamBody });
    },
  };

  constructor(size: number, status?: Readonly<Record<string, unknown>>) {
    this.size = size;
    this.status = status;
  }

  #kubernetes({ path, method, body, signal }: Dispatcher.RequestOptions): Promise<unknown> {
    const url = new URL(path, 'http://bench.invalid');
    if (method !== 'GET') return Promise.resolve(answer(JSON.stringify(this.#written(url.pathname, body as string))));
    if (url.searchParams.get('watch') === 'true')
      return Promise.resolve({ ...answer(''), body: silence(signal as AbortSignal) });
    const make = url.pathname.endsWith('bindings') ? bindingOf : url.pathname.endsWith('ledgers') ? ledgerOf : policyOf;
    const [count, from, limit] = [
      make === policyOf ? 1 : this.size,
      ...['continue', 'limit'].map((name) => Number(url.searchParams.get(name))),
    ];
    const end = Math.min(count, (from ?? 0) + (limit === undefined || limit === 0 ? count : limit));
    const items = Array.from({ length: end - (from ?? 0) }, (_, at) => make((from ?? 0) + at, this.status));
    const metadata = { resourceVersion: '9', ...(end < count ? { continue: String(end) } : {}) };
    return Promise.resolve(answer(JSON.stringify({ metadata, items })));
  }

  #written(path: string, body: string): unknown {
    if (!path.includes(API_VERSION)) return { metadata: { name: 'event', uid: 'event', resourceVersion: '9' } };
    this.writes += 1;
    const written = JSON.parse(body) as readonly { readonly path: string; readonly value: unknown }[];
    const status = written.find((operation) => operation.path === '/status')?.value as Fleet['status'];
    if (!path.endsWith('/status') || status === undefined) throw new Error(`${path} ${body}`);
    this.status = status;
    const binding = bindingOf(0, status) as { readonly metadata: object };
    return { ...binding, metadata: { ...binding.metadata, resourceVersion: '10' } };
  }

  #azure(path: string, skip: number): string {
    if (path.toLowerCase().endsWith('userassignedidentities'))
      return JSON.stringify({ value: IDENTITIES.map(identityOf) });
    if (!path.toLowerCase().endsWith('virtualmachinescalesets'))
      return JSON.stringify(scaleSetOf(Number(/\d+$/.exec(path)?.[0])));
    const end = Math.min(this.size, skip + 100);
    const value = Array.from({ length: end - skip }, (_, at) => scaleSetOf(skip + at));
    const nextLink = `https://management.azure.com${path}?api-version=2026-04-01&skip=${String(end)}`;
    return JSON.stringify({ value, ...(end < this.size ? { nextLink } : {}) });
  }
}

function answer(text: string): object {
  return { statusCode: 200, headers: {}, body: { text: () => Promise.resolve(text) } };
}

/** A watch on which nothing happens until it is given up. */
async function* silence(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  await once(signal, 'abort');
  yield new Uint8Array();
  signal.throwIfAborted();
}

function guid(index: number, kind: number): string {
  return `${String(kind).repeat(8)}-0000-4000-8000-${String(index).padStart(12, '0')}`;
}

function scaleSetId(index: number): string {
  return `${GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/web-${String(index)}`;
}

function metadataOf(name: string, index: number, kind: number): Readonly<Record<string, unknown>> {
  const fields = { 'f:spec': { 'f:scaleSet': { 'f:resourceId': {} }, 'f:userAssigned': {}, 'f:mode': {} } };
  return {
    name,
    uid: guid(index, kind),
    resourceVersion: String(100_000 + index),
    generation: 1,
    creationTimestamp: TIME,
    managedFields: [{ manager: 'flux', operation: 'Apply', apiVersion: API_VERSION, time: TIME, fieldsV1: fields }],
  };
}

/** As a GitOps tool applies it. */
function bindingOf(index: number, status: Fleet['status']): unknown {
  const name = `web-${String(index)}`;
  const spec = {
    scaleSet: { resourceId: scaleSetId(index) },
    systemAssigned: 'Unmanaged',
    userAssigned: IDENTITIES.map((resourceId) => ({ resourceId, adopt: false })),
    mode: 'Additive',
    deletionPolicy: 'Detach',
    managementPolicy: 'Manage',
    staleIdentities: 'Report',
    suspend: false,
  };
  return {
    apiVersion: API_VERSION,
    kind: 'VmssIdentityBinding',
    metadata: {
      ...metadataOf(name, index, 1),
      namespace: `team-${String(index % 50)}`,
      finalizers: ['vmss-identity.dev/detach'],
      labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
      annotations: { [LAST_APPLIED]: JSON.stringify(spec) },
    },
    spec,
    status: status === undefined ? { observedGeneration: -1 } : ofScaleSet(status, index),
  };
}

function ofScaleSet(status: Readonly<Record<string, unknown>>, index: number): unknown {
  return { ...status, scaleSet: { ...(status['scaleSet'] as object | undefined), name: `web-${String(index)}` } };
}

function ledgerOf(index: number): unknown {
  const scaleSetId_ = scaleSetId(index);
  const name = ledgerName({ name: `web-${String(index)}`, key: armKey(scaleSetId_) });
  const member = { namespace: `team-${String(index % 50)}`, name: `web-${String(index)}`, uid: guid(index, 1) };
  const entries = IDENTITIES.map((resourceId) => ({ resourceId, phase: 'Attached', since: TIME, for: [member] }));
  const spec = { scaleSetId: scaleSetId_, uniqueId: guid(index, 3), entries, foreign: [] };
  return { apiVersion: API_VERSION, kind: 'VmssIdentityLedger', metadata: metadataOf(name, index, 2), spec };
}

function policyOf(): unknown {
  const everything = [`${SUBSCRIPTION}/**`];
  const switches = { systemAssigned: 'Deny', exclusive: 'Deny', adopt: 'Deny', protected: [] };
  const spec = { namespaces: ['team-*'], scaleSets: everything, userAssigned: everything, ...switches };
  return { apiVersion: API_VERSION, kind: 'VmssIdentityPolicy', metadata: metadataOf('teams', 0, 4), spec };
}

function scaleSetOf(index: number): unknown {
  const working = IDENTITIES.map((id, at) => [id, { principalId: guid(at, 5), clientId: guid(at, 6) }]);
  return {
    id: scaleSetId(index),
    name: `web-${String(index)}`,
    location: 'westeurope',
    tags: { team: 'orders', environment: 'production' },
    etag: `"${guid(index, 7)}"`,
    identity: { type: 'UserAssigned', userAssignedIdentities: Object.fromEntries(working) as object },
    properties: { provisioningState: 'Succeeded', uniqueId: guid(index, 3), orchestrationMode: 'Uniform' },
  };
}

function identityOf(id: string, at: number): unknown {
  const properties = { principalId: guid(at, 5), clientId: guid(at, 6), tenantId: guid(0, 8) };
  return { id, name: id.slice(id.lastIndexOf('/') + 1), location: 'westeurope', properties };
}
