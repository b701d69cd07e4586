import { type ObjectHandler, Reflector, type ReflectorObserver } from '../../../src/kube/reflector.ts';
import type { Stored } from '../../../src/kube/resource-client.ts';
import type { Random } from '../../../src/runtime/clock.ts';
import { fixedRandom, settle, VirtualClock } from '../runtime/virtual-clock.ts';
import { recordingLogger } from '../telemetry/recording-logger.ts';
import { listOf, type Widget, widgetClientOf } from './builders.ts';
import { type Answer, type FakeRequest, FakeServer, FakeStream } from './fake-server.ts';

export interface BenchOptions {
  /** Answers to lists, one after the other; the last one goes on. */
  readonly lists?: readonly Answer[];
  /** Answers to watches; after the last one each gets a stream of its own. */
  readonly watches?: readonly Answer[];
  readonly handler?: Partial<ObjectHandler<Stored<Widget>>>;
  readonly namespace?: string;
  readonly random?: Random;
}

/** A reflector on a server whose answers the test tells. */
export const bench = ({
  lists = [{ body: listOf(10) }],
  watches = [],
  handler,
  namespace,
  random,
}: BenchOptions = {}) => {
  const clock = new VirtualClock();
  const logger = recordingLogger();
  /** What the handler heard. */
  const heard: string[] = [];
  /** What the observer heard. */
  const observed: string[] = [];
  const streams: FakeStream[] = [];
  const asked: FakeRequest[] = [];
  const listed = (): readonly FakeRequest[] => asked.filter(({ query }) => query['watch'] === undefined);
  const watched = (): readonly FakeRequest[] => asked.filter(({ query }) => query['watch'] === 'true');

  const server = new FakeServer((request) => {
    asked.push(request);
    if (request.query['watch'] === undefined) return lists[Math.min(listed().length, lists.length) - 1]!;
    const answer = watches[watched().length - 1] ?? new FakeStream();
    if (answer instanceof FakeStream) streams.push(answer);
    return answer;
  });

  const tell = (what: string, object: Stored<Widget>, source: string): void => {
    heard.push(`${what} ${object.metadata.uid}@${object.metadata.resourceVersion} by ${source}`);
  };
  const observer: ReflectorObserver = {
    listed: ({ items }) => void observed.push(`listed ${items}`),
    watchEnded: ({ events, openMs }) => void observed.push(`watch ended after ${events} events, ${openMs / 1000} s`),
    failed: (kind) => void observed.push(`failed: ${kind}`),
    handlerThrew: () => void observed.push('handler threw'),
  };
  const reflector = new Reflector<Widget>({
    client: widgetClientOf(server, clock),
    namespace,
    clock,
    random: random ?? fixedRandom(0.5),
    logger,
    observer,
    handler: {
      added: (object, source) => tell('added', object, source),
      updated: (_old, object, source) => tell('updated', object, source),
      deleted: (object, source) => tell('deleted', object, source),
      ...handler,
    },
  });
  const held = (): readonly string[] =>
    reflector.list().map(({ metadata }) => `${metadata.uid}@${metadata.resourceVersion}`);
  return {
    reflector,
    clock,
    logger,
    heard,
    observed,
    listed,
    watched,
    held,
    /** The stream of the watch that was opened last. */
    stream: (): FakeStream => streams.at(-1)!,
    start: async (): Promise<void> => {
      reflector.start();
      await settle();
    },
  };
};
