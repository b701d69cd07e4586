/** What the metrics answer: queries for dashboards and alerts, held against the metrics that there are. */
import type { MetricRow } from '../../src/telemetry/metric-row.ts';

export interface Question {
  readonly asks: string;
  /** PromQL; above 0, or any result at all, is a reason to look. */
  readonly query: string;
  /** What it means. */
  readonly answer: string;
}

export const questions: readonly Question[] = [
  {
    asks: 'Does anybody lead?',
    query: 'sum by (name) (leader_election_master_status) != 1',
    answer:
      'For longer than a minute: nobody does (0), or replicas that do not belong together share a name (2 or more).',
  },
  {
    asks: 'Has an operator gone quiet?',
    query: 'max by (pod, name) (vmss_identity_reflector_stale) > 0',
    answer: 'It has not heard of the API server for a quarter of an hour; `/readyz` says the same.',
  },
  {
    asks: 'Which bindings need a person?',
    query: 'sum by (reason) (vmss_identity_bindings{ready="False"}) > 0',
    answer: 'For longer than the reason should last: `kubectl get vib --all-namespaces` names them.',
  },
  {
    asks: 'Do passes fail?',
    query: 'sum by (controller) (rate(controller_runtime_reconcile_errors_total[10m])) > 0',
    answer: 'Kubernetes refuses something, or there is a defect; what Azure refuses is on the bindings instead.',
  },
  {
    asks: 'Is Azure refusing or failing requests?',
    query: 'sum by (operation, code) (rate(vmss_identity_azure_requests_total{code!~"2..|404|412"}[10m])) > 0',
    answer: '404 and 412 are everyday answers: a scale set that is not there yet, and one that changed in between.',
  },
  {
    asks: 'Is the operator, or anybody else, at the limits of Azure?',
    query: 'sum by (subscription, location, policy) (increase(vmss_identity_azure_throttles_total[15m])) > 0',
    answer: '`vmss_identity_azure_budget_remaining` tells how much of its own part the operator has left.',
  },
  {
    asks: 'Who undoes what bindings declare?',
    query: 'sum by (kind) (increase(vmss_identity_drift_total[1h])) > 0',
    answer: 'Another tool writes the identity of a scale set whole. Azure’s activity log of the scale set tells who.',
  },
  {
    asks: 'Do two machines fight over an identity?',
    query: 'sum by (kind) (increase(vmss_identity_contested_total[1h])) > 0',
    answer: 'It is put back ever more slowly; bindings with the reason `Contested` name it.',
  },
  {
    asks: 'Is more detached than the limit allows?',
    query:
      'increase(vmss_identity_detach_limit_reached_total[30m]) > 0 or sum(vmss_identity_bindings{reason="DetachLimitReached"}) > 0',
    answer: 'Whatever asks for it may be a mistake: see [operations.md](operations.md#brakes) before the rest goes.',
  },
  {
    asks: 'Does an operator only read?',
    query: 'max by (pod) (vmss_identity_read_only) > 0',
    answer: 'It runs with `--read-only`: nothing is written to Azure until it is started without.',
  },
  {
    asks: 'How fast are identities detached?',
    query: 'sum(increase(vmss_identity_detaches_total[10m]))',
    answer: 'More than a team’s usual change is worth a look at who deleted what.',
  },
  {
    asks: 'How long do changes take in Azure?',
    query:
      'histogram_quantile(0.95, sum by (le) (rate(vmss_identity_azure_operation_duration_seconds_bucket{result="succeeded"}[1h])))',
    answer: 'The 95th percentile, in seconds, of those that Azure did not finish at once.',
  },
  {
    asks: 'Is anything left behind?',
    query: 'sum(vmss_identity_orphans) > 0 or sum(increase(vmss_identity_abandoned_total[1d])) > 0',
    answer:
      'Finalizers were removed by hand, and `kubectl get vil -o yaml` names the identities; or bindings were abandoned, and ' +
      'the log of the operator names them.',
  },
  {
    asks: 'Do workers keep up?',
    query: 'histogram_quantile(0.95, sum by (le, name) (rate(workqueue_queue_duration_seconds_bucket[10m]))) > 10',
    answer: 'Scale sets wait for a worker: raise `--concurrency`, if it is not Azure that is slow.',
  },
];

/** What looks like a metric in a query and is none of these. */
export function namesOutside(rows: readonly MetricRow[], query: string): readonly string[] {
  const series = new Set(
    rows.flatMap(({ name, type }) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
  const unquoted = query.replaceAll(/"[^"]*"/g, '');
  const names = unquoted.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? [];
  return names.filter((name) => name !== 'histogram_quantile' && !series.has(name));
}

/** Labels in a query that the metric does not have, each as `metric{label}`; `pod` is what Prometheus adds. */
export function labelsOutside(rows: readonly MetricRow[], query: string): readonly string[] {
  const row = rows.find(({ name }) => query.includes(name));
  const [, by = ''] = /by \(([^)]*)\)/.exec(query) ?? [];
  const matched = [...query.matchAll(/([a-z_]+)[!=]~?"/g)].map(([, label = '']) => label);
  const known = new Set([...Object.keys(row?.labels ?? {}), 'pod', 'le']);
  return [...by.split(', ').filter(Boolean), ...matched]
    .filter((label) => !known.has(label))
    .map((label) => `${row?.name ?? 'no metric'}{${label}}`);
}
