/** Objects of the kinds, each as small as it may be, and what the API server says of them. */
import { randomUUID } from 'node:crypto';

import { API_VERSION } from '../../../src/api/types.ts';
import type { Cluster, Reply } from './cluster.ts';

export const SUBSCRIPTION = '11111111-2222-4333-8444-55555555abcd';

export const scaleSetId = (name = 'web', group = 'shop'): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;

export const identityId = (name = 'web-id', group = 'shop'): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;

const numbered = (letter: string, length: number, index: number): string =>
  `${letter.repeat(length - 4)}${String(index).padStart(4, '0')}`;

/** As long as an id may be, 345 characters; two of them differ in their last characters only. */
export const longIdentityId = (index: number): string => identityId(numbered('i', 128, index), 'g'.repeat(90));
/** As long as an id may be, 274 characters; two of them differ in their last characters only. */
export const longScaleSetId = (index: number): string => scaleSetId(numbered('s', 64, index), 'g'.repeat(90));

export const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

export interface KubeObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

const object = (kind: string, spec: KubeObject['spec']): KubeObject & { readonly apiVersion: string } => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name: `test-${randomUUID()}` },
  spec,
});

export const binding = (spec: KubeObject['spec'] = {}): KubeObject =>
  object('VmssIdentityBinding', { scaleSet: { resourceId: scaleSetId() }, ...spec });

export const bindingOf = (...userAssigned: readonly string[]): KubeObject =>
  binding({ userAssigned: userAssigned.map((resourceId) => ({ resourceId })) });

export const policy = (spec: KubeObject['spec'] = {}): KubeObject =>
  object('VmssIdentityPolicy', { namespaces: ['shop'], scaleSets: [scaleSetId()], ...spec });

export const ledger = (spec: KubeObject['spec'] = {}): KubeObject =>
  object('VmssIdentityLedger', { scaleSetId: scaleSetId(), ...spec });

const PATHS: Readonly<Record<string, string>> = {
  VmssIdentityBinding: `/apis/${API_VERSION}/namespaces/default/vmssidentitybindings`,
  VmssIdentityPolicy: `/apis/${API_VERSION}/vmssidentitypolicies`,
  VmssIdentityLedger: `/apis/${API_VERSION}/vmssidentityledgers`,
};

export const collectionOf = ({ kind }: KubeObject): string => PATHS[kind]!;
export const pathOf = (subject: KubeObject): string => `${collectionOf(subject)}/${subject.metadata.name}`;

/** What the API server makes of a new object; nothing is stored. */
export const review = (cluster: Cluster, subject: KubeObject): Promise<Reply> =>
  cluster.send('POST', `${collectionOf(subject)}?dryRun=All&fieldValidation=Strict`, subject);

/** Stores an object for the time of `use`. */
export async function withStored<T>(
  cluster: Cluster,
  subject: KubeObject,
  use: (stored: Reply) => Promise<T>,
): Promise<T> {
  const stored = await cluster.send('POST', collectionOf(subject), subject);
  if (stored.code !== 201) throw new Error(`${subject.kind} was not stored: ${refusal(stored).join('; ')}`);
  try {
    return await use(stored);
  } finally {
    await cluster.send('DELETE', pathOf(subject));
  }
}

interface Status {
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly field?: string; readonly message?: string }[] };
}

/** Why a request was refused, one `field: message` each; empty where it was not. */
export function refusal({ code, body }: Reply): readonly string[] {
  if (code < 400) return [];
  const { message, details } = body as Status;
  return details?.causes?.map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`) ?? [message ?? String(code)];
}
