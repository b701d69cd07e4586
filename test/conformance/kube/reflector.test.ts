import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import type { KubeClient } from '../../../src/kube/client.ts';
import { Reflector } from '../../../src/kube/reflector.ts';
import { ResourceClient, type Stored } from '../../../src/kube/resource-client.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { recordingLogger } from '../../unit/telemetry/recording-logger.ts';
import { clientFor, eventually, makeWidgets, sharedKubeconfig, type Widget } from './widgets.ts';

let client: KubeClient;
let kit: Awaited<ReturnType<typeof makeWidgets>>;
beforeAll(async () => {
  client = clientFor(sharedKubeconfig());
  kit = await makeWidgets(client);
});
afterAll(() => client.close());

const follow = async (pageSize = 500, isReplaced = false) => {
  const heard: string[] = [];
  const tell = (what: string, { metadata, spec }: Stored<Widget>, source: string) =>
    void heard.push(`${what} ${metadata.name} ${spec?.size ?? '-'} by ${source}`);
  const reflector = new Reflector<Widget>({
    client: kit.widgets,
    namespace: kit.namespace,
    clock: realClock,
    random: realRandom,
    logger: recordingLogger(),
    pageSize,
    isReplaced,
    handler: {
      added: (object, source) => tell('added', object, source),
      updated: (_old, object, source) => tell('updated', object, source),
      deleted: (object, source) => tell('deleted', object, source),
    },
  });
  onTestFinished(() => reflector.stop());
  reflector.start();
  expect(await reflector.whenSynced()).toBe(true);
  return { reflector, heard };
};

describe('a reflector', () => {
  it('lists what is there, in pages, and follows what happens', async () => {
    const { widgets, make, namespace } = kit;
    for (const name of ['one', 'two', 'three']) await make(name, { spec: { size: 1 } });
    const { reflector, heard } = await follow(2);
    expect(heard.toSorted()).toEqual(['added one 1 by list', 'added three 1 by list', 'added two 1 by list']);
    heard.length = 0;
    await eventually(() => reflector.state() === 'live');
    const four = await make('four', { spec: { size: 4 } });
    await widgets.mergePatch({ name: 'one', namespace }, { spec: { size: 2 } });
    await widgets.delete(four.metadata);
    await eventually(() => heard.length === 3);
    expect(heard).toEqual(['added four 4 by watch', 'updated one 2 by watch', 'deleted four 4 by watch']);
    expect(reflector.list().map(({ metadata }) => metadata.name)).toEqual(['one', 'three', 'two']);
    expect(reflector.get(`${namespace}/one`)?.metadata).not.toHaveProperty('managedFields');
  });

  it('reads its own writes at once, and hears of each once', async () => {
    const { widgets, make, namespace } = kit;
    const { reflector, heard } = await follow();
    heard.length = 0;
    let object = await make('mine', { spec: { size: 0 } });
    reflector.noteWrite(object);
    for (let size = 1; size <= 20; size++) {
      object = await widgets.replace({ ...object, spec: { size } });
      reflector.noteWrite(object);
      const version = reflector.get(`${namespace}/mine`)!.metadata.resourceVersion;
      expect(BigInt(version)).toBeGreaterThanOrEqual(BigInt(object.metadata.resourceVersion));
    }
    await make('marker');
    await eventually(() => heard.includes('added marker - by watch'));
    const sizes = heard.filter((line) => line.includes(' mine ')).map((line) => Number(line.split(' ')[2]));
    expect(sizes).toEqual(Array.from({ length: 21 }, (_, index) => index));
  });

  it('tells of an object made anew under the name as of two', async () => {
    const { widgets, make } = kit;
    const { heard } = await follow();
    const first = await make('anew', { spec: { size: 1 } });
    await widgets.delete(first.metadata);
    await make('anew', { spec: { size: 2 } });
    await eventually(() => heard.includes('added anew 2 by watch'));
    expect(heard.filter((line) => line.includes(' anew '))).toEqual([
      'added anew 1 by watch',
      'deleted anew 1 by watch',
      'added anew 2 by watch',
    ]);
  });

  it('lists anew when asked to, and tells of differences alone', async () => {
    const { reflector, heard } = await follow();
    const size = reflector.size;
    heard.length = 0;
    expect(await reflector.relist()).toBe(true);
    expect(reflector.size).toBe(size);
    expect(heard).toEqual([]);
  });

  it('keeps what is needed to replace an object, and the server the rest of it', async () => {
    const { descriptor, widgets, namespace } = kit;
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    const kubectl = new ResourceClient<Widget>(client, descriptor, 'kubectl');
    await kubectl.create({ metadata: { name: 'replaced', namespace, annotations }, spec: { size: 1 } });
    const { reflector } = await follow(500, true);
    await widgets.replace({ ...reflector.get(`${namespace}/replaced`)!, spec: { size: 2 } });
    const { metadata } = await widgets.get({ name: 'replaced', namespace });
    expect(metadata.annotations).toEqual(annotations);
    expect(metadata).toMatchObject({ managedFields: [{ manager: 'kubectl' }, {}] });
  });
});
