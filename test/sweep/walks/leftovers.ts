/** What is left when every binding has been deleted, and should not be. */
import type { VmssIdentityLedger } from '../../../src/api/types.ts';
import type { World } from '../world.ts';
import { lower } from './standing.ts';

/**
 * @param ours what the operator attached and has to take off, by history
 * @param mayBeOrphaned whether somebody took a finalizer off: such entries are kept, and nothing else is
 */
export function leftovers(world: World, ours: ReadonlySet<string>, mayBeOrphaned: boolean): readonly string[] {
  const ledgers = world.users.ledgers() as readonly VmssIdentityLedger[];
  const orphans = new Set(ledgers.flatMap(({ spec }) => spec.entries.map(({ resourceId }) => lower(resourceId))));
  const sets = [...world.model().values()];
  const left = sets.flatMap(({ uniqueId, userAssigned }) =>
    userAssigned.filter((id) => ours.has(`${uniqueId} ${id}`) && !orphans.has(id)),
  );
  return [
    ...(mayBeOrphaned ? [] : ledgers.map(({ spec }) => `left: the ledger of ${spec.scaleSetId}`)),
    ...world.users.bindings().map(({ metadata }) => `left: binding ${metadata.namespace}/${metadata.name}`),
    ...left.map((id) => `left: ${id}`),
  ];
}
