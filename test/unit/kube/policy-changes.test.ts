/** Which scale sets are looked at again when a policy changes: those that it speaks of for a namespace that binds them. */
import { describe, expect, it } from 'vitest';

import type { VmssIdentityBinding, VmssIdentityPolicySpec } from '../../../src/api/types.ts';
import { Availability } from '../../../src/kube/availability.ts';
import { Cluster } from '../../../src/kube/cluster.ts';
import { eventDescriptor, type EventObject } from '../../../src/kube/event-object.ts';
import { EventRecorder } from '../../../src/kube/events.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { WorkQueue } from '../../../src/runtime/work-queue.ts';
import { binding, policy, scaleSet } from '../reconcile/objects.ts';
import { seededRandom, settle, VirtualClock } from '../runtime/virtual-clock.ts';
import { identity } from '../simulator/azure.ts';
import { recordingLogger } from '../telemetry/recording-logger.ts';
import { clientOf, listOf } from './builders.ts';
import { FakeServer, FakeStream } from './fake-server.ts';

type Change = 'ADDED' | 'MODIFIED' | 'DELETED';

interface View {
  readonly cluster: Cluster;
  /** A policy is created, changed or deleted. @returns the names of the scale sets that are looked at for it */
  change(type: Change, spec: VmssIdentityPolicySpec): Promise<readonly string[]>;
}

/** A view of these bindings, without a policy. */
async function viewOf(bindings: readonly VmssIdentityBinding[]): Promise<View> {
  const clock = new VirtualClock();
  const policies = new FakeStream();
  const server = new FakeServer(({ path, query }) => {
    const isWatch = query['watch'] === 'true';
    if (path.endsWith('/vmssidentitypolicies')) return isWatch ? policies : { body: listOf(10) };
    if (isWatch) return new FakeStream();
    return { body: listOf(10, path.endsWith('/vmssidentitybindings') ? bindings : []) };
  });
  const client = clientOf(server, clock);
  const parts = { client, clock, random: seededRandom(), logger: recordingLogger() };
  const queue = new WorkQueue<string>({ clock, random: seededRandom() });
  const events = new EventRecorder({
    ...parts,
    client: new ResourceClient<EventObject>(client, eventDescriptor),
    reporter: { controller: 'test.example/view', instance: 'a-pod' },
  });
  const cluster = new Cluster({
    ...parts,
    events,
    availability: new Availability(parts),
    watchNamespaces: undefined,
    changed: (key, urgency) => queue.add(key, { priority: urgency }),
  });
  const queued = async (): Promise<readonly string[]> => {
    await settle();
    const names: string[] = [];
    while (queue.depth() > 0) {
      const key = (await queue.get())!;
      names.push(key.slice(key.lastIndexOf('/') + 1));
      queue.done(key);
    }
    return names.toSorted();
  };
  const started = cluster.start(new AbortController().signal);
  await settle();
  expect(await started).toBe(true);
  await queued();
  let version = 10;
  return {
    cluster,
    change(type, spec) {
      version += 1;
      const metadata = { name: 'policy', uid: 'uid-policy', resourceVersion: String(version), generation: version };
      policies.send({
        type,
        object: { apiVersion: 'vmss-identity.dev/v1alpha1', kind: 'VmssIdentityPolicy', metadata, spec },
      });
      return queued();
    },
  };
}

/** Two scale sets of one namespace, one of another, one of both. */
const BINDINGS = [
  binding('a', { scaleSet: 'web' }),
  binding('b', { scaleSet: 'api' }),
  binding('c', { scaleSet: 'jobs', namespace: 'team-x' }),
  binding('d', { scaleSet: 'both' }),
  binding('e', { scaleSet: 'both', namespace: 'team-x' }),
];

describe('a policy', () => {
  it.each([
    ['of a namespace', { namespaces: ['shop'] }, ['api', 'both', 'web']],
    ['of namespaces by a pattern', { namespaces: ['team-*'] }, ['both', 'jobs']],
    ['of a scale set', { scaleSets: [scaleSet('web')] }, ['web']],
    ['of scale sets by a pattern', { scaleSets: [scaleSet('*b')] }, ['web']],
    ['of both', { namespaces: ['team-x'], scaleSets: [scaleSet('web'), scaleSet('both')] }, ['both']],
    ['of nobody who binds anything', { namespaces: ['else'] }, []],
    ['of no scale set that is bound', { scaleSets: [scaleSet('other')] }, []],
    ['that protects from all', { namespaces: ['else'], protected: [identity('app')] }, ['api', 'both', 'jobs', 'web']],
  ])('%s has those looked at that it speaks of, and only those', async (_what, rules, expected) => {
    const { cluster, change } = await viewOf(BINDINGS);

    expect(await change('ADDED', policy(rules))).toEqual(expected);
    expect(await change('DELETED', policy(rules))).toEqual(expected);
    await cluster.stop();
  });

  it('that is changed has those looked at that it speaks of now, and those that it spoke of', async () => {
    const { cluster, change } = await viewOf(BINDINGS);
    await change('ADDED', policy({ scaleSets: [scaleSet('web')] }));

    expect(await change('MODIFIED', policy({ scaleSets: [scaleSet('api')] }))).toEqual(['api', 'web']);
    await cluster.stop();
  });

  it('that is written again without a change has none looked at', async () => {
    const { cluster, change } = await viewOf(BINDINGS);
    await change('ADDED', policy());

    expect(await change('MODIFIED', policy())).toEqual([]);
    await cluster.stop();
  });
});
