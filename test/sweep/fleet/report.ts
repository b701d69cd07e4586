/** The figures of a fleet as a person reads them. */
import type { FleetRecord, RequestFigures } from './record.ts';

export function reportOf(record: FleetRecord): string {
  const { fleet, conditions, converged, arm, kubernetes, atRest } = record;
  const requests = (what: string, { total, meanPerSecond, peakPerSecond }: RequestFigures, ideal?: number): string =>
    row(what, whole(total), meanPerSecond.toFixed(1), whole(peakPerSecond), ideal === undefined ? '' : whole(ideal));
  const minutes = whole(atRest.seconds / 60);
  return [
    `${whole(fleet.subscriptions)} subscriptions of ${whole(fleet.scaleSets)} scale sets, ${fleet.locations} regions, ` +
      `${fleet.identities} identities each; ${conditions.latencyMs} ms to Azure, operations of ${conditions.operationMs} ms`,
    '',
    row('', 'measured', '', '', 'ideal'),
    row('virtual seconds until all are written', whole(converged.writtenSeconds)),
    row('virtual seconds until all are Ready', whole(converged.seconds), '', '', whole(converged.idealSeconds)),
    row('of the ideal', converged.ratio.toFixed(4)),
    `(${decidedBy(converged.slowestLimit)})`,
    '',
    row('', 'requests', 'mean / s', 'peak / s', 'ideal'),
    requests('Azure, reads', arm.reads, arm.reads.ideal),
    ...Object.entries(arm.readsOf).map(([what, count]) => row(`  ${what}`, whole(count), '', '', '')),
    requests('Azure, writes', arm.writes, arm.writes.ideal),
    requests('Kubernetes, reads', kubernetes.reads),
    requests('Kubernetes, writes', kubernetes.writes),
    '',
    row('reads of Azure for each write', arm.readsPerWrite.toFixed(2)),
    row('writes beyond one for each scale set', whole(arm.extraWrites)),
    row('refused by Azure as too many', whole(arm.throttled)),
    row(`at rest, ${minutes} min: reads of Azure`, whole(atRest.armReads)),
    row(`at rest, ${minutes} min: writes to Azure`, whole(atRest.armWrites)),
    row(`at rest, ${minutes} min: writes to Kubernetes`, whole(atRest.kubernetesWrites)),
    '',
    `${whole(record.wallSeconds)} s on ${record.cores} cores with Node ${record.node}, ${whole(record.peakRssMib)} MiB at most`,
    '',
  ].join('\n');
}

function decidedBy(limit: string | null): string {
  return limit === null ? 'latency and operations decide' : `the limit ${limit} decides`;
}

function row(what: string, ...cells: readonly string[]): string {
  return [what.padEnd(42), ...cells.map((cell) => cell.padStart(12))].join('').trimEnd();
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
