/** Every benchmark there is, in the order in which they are shown. */
import type { Scenario } from '../scenario.ts';
import { type Cold, cold, idealSeconds, WITHOUT_BUDGET } from './cold.ts';
import { failover } from './failover.ts';
import { headOfLine } from './head-of-line.ts';
import { idle } from './idle.ts';
import { life } from './life.ts';
import { poison } from './poison.ts';
import { shared } from './shared.ts';

const LATENCY_MS = 50;
const PAGE_SIZE = 100;
const SHARE = 0.5;
/** What design §11 allows over the ideal where Azure's limits decide. */
const OVER_IDEAL = 1.2;

const ideal = (scaleSets: number, share: number, operationMs = 0): number =>
  idealSeconds(scaleSets, { pageSize: PAGE_SIZE, share, latencyMs: LATENCY_MS, operationMs });

const unlimited = (name: string, scaleSets: number, more: Partial<Cold> = {}): Scenario =>
  cold({
    name,
    about: `${shown(scaleSets)} scale sets, one identity each, no budget`,
    scaleSets,
    flags: WITHOUT_BUDGET,
    ideals: { onArm: ideal(scaleSets, 0, more.azure?.operationMs) },
    ...more,
  });

const limited = (name: string, scaleSets: number, more: Partial<Cold> = {}): Scenario => {
  const seconds = ideal(scaleSets, SHARE);
  return cold({
    name,
    about: `${shown(scaleSets)} scale sets, all defaults, Azure counts and refuses`,
    scaleSets,
    azure: { throttling: 'On' },
    ideals: { onArm: seconds, allReady: seconds },
    targets: { allReady: OVER_IDEAL * seconds, throttled: 0 },
    ...more,
  });
};

function shown(count: number): string {
  return count.toLocaleString('en');
}

const SIX_SECONDS = { operationMs: 6000, throttling: 'On' } as const;

export const scenarios: readonly Scenario[] = [
  idle,
  unlimited('cold-20', 20),
  unlimited('cold-200', 200, { targets: { onArm: 1.5, allReady: 2.5 } }),
  unlimited('cold-2000', 2000),
  unlimited('cold-10000', 10_000),
  limited('cold-200-defaults', 200, { targets: { allReady: 8, throttled: 0 } }),
  unlimited('cold-200-6s', 200, {
    about: '200 scale sets, operations of 6 s, no budget, Azure counts and refuses',
    azure: SIX_SECONDS,
    targets: { allReady: 10, throttled: 0 },
  }),
  unlimited('cold-200-kube-5ms', 200, { about: '200 scale sets, Kubernetes 5 ms away', kubeLatencyMs: 5 }),
  unlimited('cold-200-kube-50ms', 200, { about: '200 scale sets, Kubernetes 50 ms away', kubeLatencyMs: 50 }),
  limited('cold-2000-defaults', 2000, { isLong: true }),
  limited('cold-10000-defaults', 10_000, { isLong: true }),
  life({
    name: 'life-1000',
    about: 'A thousand scale sets: at rest, a change, drift, a restart',
    scaleSets: 1000,
    intervalSeconds: 10,
    targets: { steadyWrites: 0, steadyKubeWrites: 0, steadyReads: 0, restartWrites: 0 },
  }),
  life({
    name: 'life-10000',
    about: 'Ten thousand scale sets: at rest, a change, drift, a restart',
    scaleSets: 10_000,
    intervalSeconds: 40,
    targets: {
      steadyWrites: 0,
      steadyKubeWrites: 0,
      steadyReads: 0,
      restCpu: 1,
      steadyRss: 250,
      steadyStall: 50,
      restartWrites: 0,
      restartKubeWrites: 0,
    },
  }),
  headOfLine,
  poison,
  shared,
  failover,
];
