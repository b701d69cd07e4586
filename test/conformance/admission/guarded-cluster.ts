/** A control plane of a test file's own, with the operator's rights and its admission rules installed, and people in it. */
import { join } from 'node:path';

import { Agent, request } from 'undici';

import { type ControlPlane, startControlPlane } from '../../../dev/control-plane/index.ts';
import { readCertificateAccess } from '../../../dev/control-plane/kubeconfig.ts';
import { eventually } from '../../../dev/demo/wait.ts';
import { DEPLOY } from '../../../dev/deploy/kustomize.ts';
import { ABANDON_ANNOTATION, ABANDON_VALUE } from '../../../src/api/types.ts';
import type { Reply } from '../crds/cluster.ts';
import { binding, ledger } from '../crds/objects.ts';
import { renderedOver } from './overlay.ts';
import { objectsOfPeople, type Person, userOf } from './people.ts';
import { collections, named } from './places.ts';
import { denialOf, POLICIES } from './policies.ts';

const DEFAULT_NAMESPACE = 'vmss-identity-system';
/** To see by whether its status may be written. */
const probe = named(binding(), { name: 'probe' });

export interface Write {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Of the body of a PATCH. Default: a JSON merge patch. */
  readonly type?: 'application/apply-patch+yaml' | 'application/json-patch+json';
}

export interface Answer extends Reply {
  readonly warnings: readonly string[];
}

export interface Guarded {
  readonly controlPlane: ControlPlane;
  send(who: Person | 'master', write: Write): Promise<Answer>;
  read(path: string): Promise<Reply>;
  /** As the administrator who runs the cluster; gives the standard output. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  close(): Promise<void>;
}

/** @param namespace where the operator is installed, by a kustomization of its own */
export async function openGuarded(namespace = DEFAULT_NAMESPACE): Promise<Guarded> {
  const controlPlane = await startControlPlane({ controllerManager: true });
  const { origin, tls } = await readCertificateAccess(controlPlane.kubeconfigPath);
  const agent = new Agent({ connect: tls, connections: 4, allowH2: false });
  const send = async (
    method: Write['method'] | 'GET',
    path: string,
    headers: Headers,
    body?: unknown,
  ): Promise<Answer> => {
    const reply = await request(`${origin}${path}`, {
      method,
      dispatcher: agent,
      headers: { 'content-type': 'application/json', ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const warnings = [reply.headers['warning'] ?? []].flat();
    return { code: reply.statusCode, body: await reply.body.json(), warnings };
  };
  const guarded: Guarded = {
    controlPlane,
    send: (who, { method, path, body, type = 'application/merge-patch+json' }) =>
      send(
        method,
        path,
        { ...impersonated(who, namespace), ...(method === 'PATCH' ? { 'content-type': type } : {}) },
        body,
      ),
    read: (path) => send('GET', path, {}),
    kubectl: async (args, stdin = '') => (await controlPlane.kubectl(args, { stdin })).stdout,
    async close() {
      await agent.close();
      await controlPlane.stop();
    },
  };
  try {
    await install(guarded, namespace);
    await guarded.send('master', { method: 'POST', path: collections.bindings, body: probe });
    await eventually('the rules to be in force', () => areInForce(guarded));
    await guarded.send('master', { method: 'DELETE', path: `${collections.bindings}/${probe.metadata.name}` });
  } catch (error) {
    await guarded.close();
    throw error;
  }
  return guarded;
}

type Headers = Readonly<Record<string, string | string[]>>;

function impersonated(who: Person | 'master', namespace: string): Headers {
  if (who === 'master') return {};
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  const ofOperator = who === 'operator' ? groups : [];
  return {
    'impersonate-user': userOf(who, namespace),
    'impersonate-group': [...ofOperator, 'system:authenticated'],
  };
}

async function install({ kubectl }: Guarded, namespace: string): Promise<void> {
  const apply = ['apply', '--server-side', '--validate=strict'];
  await kubectl([...apply, '--filename', join(DEPLOY, '../crds')]);
  await kubectl(['wait', '--for=condition=Established', 'customresourcedefinition', '--all', '--timeout=60s']);
  await kubectl([...apply, '--filename', '-'], await renderedOver(kubectl, { namespace }));
  await kubectl(
    [...apply, '--filename', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objectsOfPeople }),
  );
}

/** The API server hears of new rules some time after they are stored. */
async function areInForce(guarded: Guarded): Promise<boolean> {
  const { metadata } = probe;
  const abandoned = named(binding(), { annotations: { [ABANDON_ANNOTATION]: ABANDON_VALUE } });
  const probes: readonly Write[] = [
    { method: 'PATCH', path: `${collections.bindings}/${metadata.name}/status?dryRun=All`, body: { status: {} } },
    { method: 'POST', path: `${collections.bindings}?dryRun=All`, body: abandoned },
    { method: 'POST', path: `${collections.ledgers}?dryRun=All`, body: ledger() },
  ];
  const replies = await Promise.all(probes.map((each) => guarded.send('tenant', each)));
  return POLICIES.every((policy) => replies.some((reply) => denialOf(reply)?.policy === policy));
}
