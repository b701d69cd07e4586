/** Worlds in which an identity of ours was created again under the same name. */
import { identity } from '../simulator/azure.ts';
import { binding, type BindingOptions } from './objects.ts';
import { MINUTE, SECOND, World, type WorldParts } from './world.ts';

/** A binding that asks for stale identities to be reattached. */
export function reattaching(name: string, options: BindingOptions = {}) {
  return binding(name, { staleIdentities: 'Reattach', ...options });
}

/** `app`, or all of `names`, were attached and assigned, and are others now; the scale set goes on showing their old ids. */
export async function recreated(parts: WorldParts = {}, names: readonly string[] = ['app']): Promise<World> {
  const world = new World({ bindings: [reattaching('one')], ...parts });
  await world.pass();
  await world.run(MINUTE);
  await world.listIdentities();
  await world.clock.advance(MINUTE);
  for (const name of names) world.control.recreateIdentity(identity(name));
  await world.listIdentities();
  await world.clock.advance(SECOND);
  world.take();
  world.cluster.takeEvents();
  return world;
}

/** The client id that the scale set shows is that of the identity there is. */
export function works(world: World, name = 'app'): boolean {
  const { identities, scaleSets } = world.control.snapshot();
  const present = identities.find(({ id }) => id.endsWith(`/${name}`))?.clientId;
  const shown = scaleSets.flatMap(({ userAssigned }) => userAssigned).find(({ id }) => id.endsWith(`/${name}`));
  return present !== undefined && shown?.clientId === present;
}

export function phaseOf(world: World, name = 'app'): string | undefined {
  const entries = world.cluster.ledgerOf(world.key())?.spec.entries ?? [];
  return entries.find(({ resourceId }) => resourceId.endsWith(`/${name}`))?.phase;
}
