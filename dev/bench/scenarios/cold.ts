/** Scale sets that are bound already, and an operator that starts and has never seen them. */
import type { Settings } from '../../simulator/settings.ts';
import type { Metrics } from '../../stage/metrics.ts';
import { trafficOf } from '../azure-traffic.ts';
import { bindingOf, indices } from '../fleet.ts';
import { idealOf, type IdealOptions } from '../ideal/ideal.ts';
import type { OperatorProcess } from '../operator-process.ts';
import { openPlace, type Place } from '../place.ts';
import { type FigureSpec, type Goals, type Measured, type Scenario, type Tell, withGoals } from '../scenario.ts';
import { usageDuring } from '../watch-usage.ts';

export interface Cold extends Goals {
  readonly name: string;
  readonly about: string;
  readonly scaleSets: number;
  readonly flags?: readonly string[];
  readonly azure?: Partial<Settings>;
  readonly azureLatencyMs?: number;
  readonly kubeLatencyMs?: number;
  readonly isLong?: boolean;
}

/** Nothing waits for a limit that Azure has not shown. */
export const WITHOUT_BUDGET = ['--azure-budget-share=0'] as const;

const LIMIT_MS = 3 * 60 * 60_000;

/** Until all have their one identity. */
export function idealSeconds(scaleSets: number, conditions: Omit<IdealOptions, 'fleet'>): number {
  const fleet = [{ subscription: 'any', location: 'westeurope', scaleSets, identitiesPerSet: 1 }];
  return idealOf({ ...conditions, fleet }).totalMs / 1000;
}

const figures = {
  onArm: { about: 'from work to the last identity on its scale set', unit: 's' },
  allReady: { about: 'from work to the last binding Ready', unit: 's' },
  atWork: { about: 'from the start of the process to work', unit: 's' },
  reads: { about: 'reads of Azure', unit: '' },
  writes: { about: 'writes to Azure', unit: '' },
  throttled: { about: 'requests that Azure refused with 429', unit: '' },
  kubeWrites: { about: 'writes to Kubernetes, events aside', unit: '' },
  cpu: { about: 'CPU time of the operator, from work on', unit: 's' },
  othersCpu: { about: 'CPU time of kube-apiserver, etcd and the simulated Azure meanwhile', unit: 's' },
  rss: { about: 'resident memory of the operator at most', unit: 'MiB' },
  stall: { about: 'the event loop stood still for at most', unit: 'ms' },
} as const satisfies Readonly<Record<string, FigureSpec>>;

export function cold(options: Cold): Scenario {
  const { name, about, isLong = false } = options;
  return { name, about, isLong, figures: withGoals(figures, options), run: (tell) => runCold(options, tell) };
}

async function runCold(options: Cold, tell: Tell): Promise<Measured> {
  const { scaleSets, flags = [], azure = {}, azureLatencyMs, kubeLatencyMs } = options;
  const place = await openPlace({
    scaleSets,
    flags,
    azure: { operationMs: 0, ...azure },
    ...(azureLatencyMs === undefined ? {} : { azureLatencyMs }),
    ...(kubeLatencyMs === undefined ? {} : { kubeLatencyMs }),
  });
  try {
    await place.create(indices(scaleSets).map((index) => bindingOf(index)));
    await place.quiet();
    const operator = await place.startOperator();
    const measured = await converge(place, operator);
    for (const trouble of await operator.troubles()) tell(trouble);
    await operator.end();
    return measured;
  } finally {
    await place.close();
  }
}

/** From the start of the operator until every binding is Ready. */
async function converge(place: Place, operator: OperatorProcess): Promise<Measured> {
  const { scaleSets, azure } = place.options;
  await operator.ready();
  const othersBefore = await place.othersCpuSeconds();
  const { result: readyAt, usage } = await usageDuring(operator, () => place.readiness.allReady(scaleSets, LIMIT_MS));
  const othersCpu = (await place.othersCpuSeconds()) - othersBefore;
  const workAt = await operator.said('at work');
  const traffic = trafficOf(await place.azure.requests(0), azure.operationMs);
  return {
    onArm: ((traffic.lastWriteAt ?? Number.NaN) - workAt) / 1000,
    allReady: (readyAt - workAt) / 1000,
    atWork: (workAt - operator.startedAt) / 1000,
    reads: traffic.reads,
    writes: traffic.writes,
    throttled: traffic.throttled,
    kubeWrites: kubeWritesIn(await operator.metrics()),
    cpu: usage.cpuSeconds,
    othersCpu,
    rss: usage.peakRssMib,
    stall: usage.stallMs,
  };
}

/** Requests that change something, but for events; a renewal of the Lease now and then is among them. */
function kubeWritesIn(metrics: Metrics): number {
  const methods = ['POST', 'PUT', 'PATCH', 'DELETE'];
  const sent = methods.reduce((sum, method) => sum + metrics.sum('rest_client_requests_total', { method }), 0);
  return sent - metrics.sum('vmss_identity_kubernetes_events_total', { result: 'written' });
}
