/** What is known of Kubernetes, and who may write. */
import type { Mutant } from './mutant.ts';
import { AT_REST, STALE_VIEW, TIME_OUT, TWO_LEADERS, WATCH_EVENT } from './sweeps.ts';

export const ofKubernetes: readonly Mutant[] = [
  {
    name: 'a status is written onto any spec, and any status',
    file: 'src/kube/cluster.ts',
    edits: [
      ["    { op: 'test', path: '/metadata/generation', value: metadata.generation },\n", ''],
      ["    { op: 'test', path: '/status/observedGeneration', value: seen.observedGeneration },\n", ''],
      ["    { op: 'test', path: '/status/conditions', value: seen.conditions ?? null },\n", ''],
    ],
    sweep: 'workloads/detach',
    test: TIME_OUT,
  },
  {
    name: 'a status is written in every pass',
    file: 'src/reconcile/report.ts',
    edits: [['isDeepStrictEqual(status, binding.status) || ', '']],
    sweep: 'workloads/first-attach',
    test: AT_REST,
  },
  {
    name: 'every replica leads',
    file: 'src/operator.ts',
    edits: [
      ['...(config.leaderElect ? fencedBy', '...(clock.now() === 0 ? fencedBy'],
      ['    if (!config.leaderElect) {\n', '    if (clock.now() > 0) {\n', 'src/shards.ts'],
    ],
    sweep: 'workloads/several-bindings',
    test: TWO_LEADERS,
  },
  {
    name: 'whoever leads a shard serves all of them',
    file: 'src/shards.ts',
    edits: [
      ['        serves: (scaleSet) => shardOfScaleSet(scaleSet, shards) === shard,\n', '        serves: () => true,\n'],
      ['?.term.remainingMs() ?? 0;\n', '?.term.remainingMs() ?? Number.POSITIVE_INFINITY;\n'],
    ],
    sweep: 'shards',
    test: 'through a crash and a roll-out (seed 1)',
  },
  {
    name: 'the fence is gone',
    file: 'src/azure/fence.ts',
    edits: [
      [
        '    return tookMs < limitMs && fence.remainingMs(subscriptionId) >= limitMs - Math.max(0, tookMs);\n',
        '    return tookMs > -1;\n',
      ],
    ],
    sweep: 'workloads/detach',
    test: TWO_LEADERS,
  },
  {
    name: 'a new leader goes by its watch',
    file: 'src/term.ts',
    edits: [['      if (await cluster.relist(signal)) {\n', '      if (!signal.aborted) {\n']],
    sweep: 'workloads/foreign-writer',
    test: STALE_VIEW,
  },
  {
    name: 'a watch that is too old is not listed again',
    file: 'src/kube/reflector.ts',
    edits: [["    if (next.then === 'list') this.#wanted = this.#store.lastListBegun + 1;\n", '']],
    sweep: 'workloads/detach',
    test: WATCH_EVENT,
  },
];
