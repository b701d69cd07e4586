/** The files of `examples/flows/`, put where a test's world has its scale sets, its identities and its namespaces. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parseAllDocuments } from 'yaml';

import type { KubeObject } from './api-server.ts';

const FOLDER = join(import.meta.dirname, '../../examples/flows');
const GROUP = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/myResourceGroup/providers';

/** What takes the place of the names that all of the examples have. */
export interface Place {
  /** In place of `myVMSS`. */
  readonly scaleSetId: string;
  /** In place of those of the group. */
  readonly identityId: (name: string) => string;
  /** In place of `my-team`. */
  readonly namespace: string;
}

/** What the bindings of the examples are called. */
export const EXAMPLE_BINDING = 'myvmss';

export async function readExample(
  file: string,
  { scaleSetId, identityId, namespace }: Place,
): Promise<readonly KubeObject[]> {
  const text = (await readFile(join(FOLDER, `${file}.yaml`), 'utf8'))
    .replaceAll(`${GROUP}/Microsoft.Compute/virtualMachineScaleSets/myVMSS`, scaleSetId)
    .replaceAll(`${GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/`, identityId(''))
    .replaceAll('my-team', namespace);
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
}
