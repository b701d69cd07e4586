/** Whether anything was written to Kubernetes: every write of an object gives it another version. */
import type { KubeApi } from '../stage/kube-api.ts';
import { LEDGERS } from '../stage/objects.ts';
import { BINDINGS } from './fleet.ts';

type Versions = ReadonlyMap<string, string>;

interface Listed {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
}

/** Of every binding and ledger, by uid. */
export async function versions(api: KubeApi): Promise<Versions> {
  const lists = await Promise.all([BINDINGS, LEDGERS].map((path) => api.list<Listed>(path)));
  return new Map(lists.flat().map(({ metadata }) => [metadata.uid, metadata.resourceVersion]));
}

/** How many objects were changed, made or deleted in between. */
export function changed(before: Versions, after: Versions): number {
  const uids = new Set([...before.keys(), ...after.keys()]);
  return [...uids].filter((uid) => before.get(uid) !== after.get(uid)).length;
}
