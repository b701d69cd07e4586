/** The operator asks for every right that `deploy/` gives it, and for no other. */
import { describe, expect, it, onTestFinished } from 'vitest';

import { eventually } from '../../dev/demo/wait.ts';
import { compareRights, rightsGiven } from '../../dev/deploy/rights.ts';
import { type FaultProxy, startFaultProxy } from '../../dev/fault-proxy/index.ts';
import { ABANDON_ANNOTATION } from '../../src/api/types.ts';
import type { Deployment } from './account.ts';
import { startWorld, type World } from './world.ts';

/** A whole life of the operator, on a machine that does other heavy work. */
const LIMIT_MS = 300_000;

/** A world whose operator is behind a proxy. Both end with the test, whatever becomes of it. */
async function openWorld(deployment: Deployment): Promise<{ readonly world: World; readonly proxy: FaultProxy }> {
  const name = `rights-${deployment.replace('overlays/', '')}`;
  const world = await startWorld({ name, deployment, operationMs: 300 });
  const proxy = await startFaultProxy({ kubeconfigPath: world.account.kubeconfig });
  onTestFinished(async () => {
    await world.release();
    await proxy.stop();
  });
  await world.restartOperator({ kubeconfig: proxy.kubeconfigPath });
  return { world, proxy };
}

/** From now on no event of the kind reaches the operator, and nothing says so. */
async function silence(proxy: FaultProxy, plural: string): Promise<void> {
  const match = { kind: 'watch', path: new RegExp(`/${plural}$`) } as const;
  await eventually(`a watch of ${plural}`, () => proxy.strike(match, { type: 'halfOpen' }) > 0);
}

/** Attaches, repairs what others undo, twice, so that the events of it are counted, and detaches. */
async function serve(world: World): Promise<void> {
  const set = world.scaleSet('served');
  const binding = await world.bind(set, { userAssigned: ['one'] }, { namespace: world.account.servedNamespace });
  await binding.ready();
  for (const time of ['once', 'twice']) {
    set.othersStrip('one');
    await set.until(`is repaired ${time}`, ({ identities }) => identities.includes('one'));
    await binding.ready();
  }
  await binding.delete();
  await binding.untilGone();
}

/** A ledger that somebody has written to meanwhile. */
async function meetConflict(world: World, proxy: FaultProxy): Promise<void> {
  const set = world.scaleSet('overtaken');
  const binding = await world.bind(set, { userAssigned: ['one'] }, { namespace: world.account.servedNamespace });
  await binding.ready();
  const ledger = (await world.ledgerOf(set))!;
  await silence(proxy, 'vmssidentityledgers');
  const path = `/apis/${ledger.apiVersion}/vmssidentityledgers/${ledger.metadata.name}`;
  await world.api.patch(path, { metadata: { annotations: { 'example.com/note': 'read by a person' } } });
  await binding.apply({ userAssigned: ['one', 'two'] });
  await binding.ready();
}

/** A binding that another controller has put its finalizer on meanwhile. */
async function meetFinalizer(world: World, proxy: FaultProxy): Promise<void> {
  const namespace = world.account.servedNamespace;
  const set = world.scaleSet('shared');
  const binding = await world.bind(set, { userAssigned: ['three'] }, { namespace });
  await binding.shows('NotPermitted');
  await silence(proxy, 'vmssidentitybindings');
  await world.api.patch(binding.path, { metadata: { finalizers: ['example.com/backup'] } });
  await world.allow({ namespaces: [namespace] }, 'late');
  await binding.ready();
  await world.api.patch(binding.path, { metadata: { finalizers: null } });
}

/** What is told in the operator's own namespace, and what of an object that has none. */
async function tellOperators(world: World): Promise<void> {
  const namespace = world.account.servedNamespace;
  const locked = world.scaleSet('locked');
  const abandoned = await world.bind(locked, { userAssigned: ['one'] }, { namespace });
  await abandoned.ready();
  locked.fault('PATCH', { kind: 'status', status: 409, code: 'ScopeLocked', message: 'Locked.' }, null);
  await abandoned.delete();
  await abandoned.shows('BlockedByAdministrator');
  await abandoned.annotate(ABANDON_ANNOTATION, 'true');
  await abandoned.untilGone();

  const torn = await world.bind(world.scaleSet('torn'), { userAssigned: ['one'] }, { namespace });
  await torn.ready();
  await world.tearOut(torn);
  await eventually('the event of an orphan', async () => {
    const { stdout } = await world.api.kubectl(['get', 'events', '--namespace=default', '--output=name']);
    return stdout.includes('/torn-');
  });
}

describe('the operator with the rights of deploy/', () => {
  it.each(['base', 'overlays/shards', 'overlays/single-namespace'] as const)(
    '%s asks for each of them, and for no other',
    async (deployment) => {
      const { world, proxy } = await openWorld(deployment);
      const namespace = world.account.servedNamespace;
      await world.allow({ namespaces: [namespace], userAssigned: [world.identityId('one'), world.identityId('two')] });

      await serve(world);
      await tellOperators(world);
      await meetConflict(world, proxy);
      await meetFinalizer(world, proxy);
      expect(await world.operator.stop()).toBe(0);

      const given = rightsGiven(world.account.roles);
      // Watches are written down when they have ended.
      await eventually('the watches of all kinds', async () => {
        const watched = (await world.account.askedFor()).filter(({ verb }) => verb === 'watch');
        return new Set(watched.map(({ resource }) => resource)).size === 3;
      });
      expect(compareRights(given, await world.account.askedFor())).toEqual({ missing: [], unused: [] });
    },
    LIMIT_MS,
  );
});
