/** What is left when every binding has been deleted, and should not be. */
import type { VmssIdentityLedger } from '../../../src/api/types.ts';
import type { World } from '../world.ts';
import { lower } from './standing.ts';

/** @param ours what the operator attached and has to take off, by history */
export function leftovers(world: World, ours: ReadonlySet<string>): readonly string[] {
  const ledgers = world.users.ledgers() as readonly VmssIdentityLedger[];
  // Finalizers that were taken off by hand leave entries without anybody: those are kept, and nothing else is.
  const orphans = new Set(ledgers.flatMap(({ spec }) => spec.entries.map(({ resourceId }) => lower(resourceId))));
  const sets = [...world.model().values()];
  const left = sets.flatMap(({ uniqueId, userAssigned }) =>
    userAssigned.filter((id) => ours.has(`${uniqueId} ${id}`) && !orphans.has(id)),
  );
  return [
    ...world.users.bindings().map(({ metadata }) => `left: binding ${metadata.namespace}/${metadata.name}`),
    ...left.map((id) => `left: ${id}`),
  ];
}
