/** What the dashboard shows, as data: the JSON that Grafana takes is made of it, and the picture in the documentation. */

export type Unit = 'short' | 's' | 'bytes' | 'reqps' | 'ops';

export interface Target {
  /** PromQL; `$namespace` and `$__rate_interval` are Grafana's to fill in. */
  readonly expr: string;
  /** With labels as `{{label}}`. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it means, for whoever looks at it at night. */
  readonly description: string;
  readonly unit: Unit;
  readonly stacked?: true;
  readonly targets: readonly Target[];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const HERE = 'namespace=~"$namespace"';
/** For names that every operator has. */
const OURS = `${HERE},job="vmss-identity-operator"`;
const RATE = '[$__rate_interval]';

const quantile = (share: number, histogram: string, matchers: string): string =>
  `histogram_quantile(${String(share)}, sum by (le) (rate(${histogram}_bucket{${matchers}}${RATE})))`;

export const rows: readonly Row[] = [
  {
    title: 'Bindings',
    panels: [
      {
        title: 'Bindings by status of Ready',
        description: 'All bindings that the leader serves.',
        unit: 'short',
        stacked: true,
        targets: [{ expr: `sum by (ready) (vmss_identity_bindings{${HERE}})`, legend: 'Ready {{ready}}' }],
      },
      {
        title: 'Not Ready, by reason',
        description: 'What each reason means, and what to do about it, is in docs/events.md.',
        unit: 'short',
        stacked: true,
        targets: [
          { expr: `sum by (reason) (vmss_identity_bindings{${HERE},ready="False"}) > 0`, legend: '{{reason}}' },
        ],
      },
      {
        title: 'Not Ready for how long',
        description: 'The oldest of each reason. Azure takes seconds to minutes; what is older is worth a look.',
        unit: 's',
        targets: [
          {
            expr: `time() - min by (reason) (vmss_identity_bindings_not_ready_since_timestamp_seconds{${HERE}} > 0)`,
            legend: '{{reason}}',
          },
        ],
      },
      {
        title: 'Identities by state',
        description: 'User-assigned identities in the statuses of bindings; one of two bindings counts twice.',
        unit: 'short',
        stacked: true,
        targets: [{ expr: `sum by (state) (vmss_identity_identities{${HERE}}) > 0`, legend: '{{state}}' }],
      },
    ],
  },
  {
    title: 'What was done',
    panels: [
      {
        title: 'Drift, and what is detached',
        description:
          'Others took identities off that bindings declare; the operator took off what none declares any more.',
        unit: 'short',
        targets: [
          { expr: `sum(increase(vmss_identity_drift_total{${HERE}}${RATE}))`, legend: 'taken off by others' },
          { expr: `sum(increase(vmss_identity_detaches_total{${HERE}}${RATE}))`, legend: 'detached' },
          { expr: `sum(increase(vmss_identity_contested_total{${HERE}}${RATE}))`, legend: 'contested' },
        ],
      },
      {
        title: 'Brakes',
        description: 'Detached within 10 minutes, as --detach-limit counts it, beside the limit; what was left behind.',
        unit: 'short',
        targets: [
          { expr: `sum(vmss_identity_detach_window{${HERE}})`, legend: 'detached in 10 min' },
          { expr: `max(vmss_identity_detach_limit{${HERE}})`, legend: 'detach limit' },
          { expr: `max(vmss_identity_read_only{${HERE}})`, legend: 'read-only' },
          { expr: `sum(vmss_identity_orphans{${HERE}})`, legend: 'orphans' },
        ],
      },
    ],
  },
  {
    title: 'Azure',
    panels: [
      {
        title: 'Requests to Azure',
        description: 'At rest there are lists only, one per subscription and interval.',
        unit: 'reqps',
        stacked: true,
        targets: [
          {
            expr: `sum by (operation) (rate(vmss_identity_azure_requests_total{${HERE}}${RATE}))`,
            legend: '{{operation}}',
          },
        ],
      },
      {
        title: 'Refused or failed',
        description: 'Without 404 and 412, which are everyday answers.',
        unit: 'reqps',
        targets: [
          {
            expr: `sum by (operation, code) (rate(vmss_identity_azure_requests_total{${HERE},code!~"2..|404|412"}${RATE})) > 0`,
            legend: '{{operation}} {{code}}',
          },
        ],
      },
      {
        title: 'How long changes take in Azure',
        description: 'Of those that Azure did not finish at once.',
        unit: 's',
        targets: [0.5, 0.95].map((share) => ({
          expr: quantile(share, 'vmss_identity_azure_operation_duration_seconds', `${HERE},result="succeeded"`),
          legend: `${String(share * 100)} %`,
        })),
      },
      {
        title: 'Throttled for how long yet',
        description: 'Nothing more is sent under these limits of Azure until then.',
        unit: 's',
        targets: [
          {
            expr: `max by (location, policy) (vmss_identity_azure_throttled_seconds{${HERE}}) > 0`,
            legend: '{{policy}} {{location}}',
          },
        ],
      },
      {
        title: "Left of the operator's part of Azure's limits",
        description: 'Below 0, so many requests wait.',
        unit: 'short',
        targets: [
          {
            expr: `min by (policy) (vmss_identity_azure_budget_remaining{${HERE}})`,
            legend: '{{policy}}',
          },
        ],
      },
      {
        title: 'Waited for their turn',
        description: 'Requests that were held back under a limit before they were sent.',
        unit: 'reqps',
        targets: [
          {
            expr: `sum by (policy) (rate(vmss_identity_azure_queued_requests_total{${HERE}}${RATE})) > 0`,
            legend: '{{policy}}',
          },
        ],
      },
    ],
  },
  {
    title: 'The operator',
    panels: [
      {
        title: 'Who leads',
        description: '1 for the replica that leads; with shards, how many each leads.',
        unit: 'short',
        stacked: true,
        targets: [
          {
            expr: `sum by (pod) (leader_election_master_status{${HERE},name=~"vmss-identity-operator.*"})`,
            legend: '{{pod}}',
          },
        ],
      },
      {
        title: 'Passes',
        description: 'Over scale sets, by how they ended.',
        unit: 'ops',
        stacked: true,
        targets: [
          {
            expr: `sum by (result) (rate(controller_runtime_reconcile_total{${HERE},controller="scalesets"}${RATE})) > 0`,
            legend: '{{result}}',
          },
        ],
      },
      {
        title: 'Wait for a worker',
        description: 'For long: raise --concurrency, if it is not Azure that is slow.',
        unit: 's',
        targets: [0.5, 0.95].map((share) => ({
          expr: quantile(share, 'workqueue_queue_duration_seconds', `${HERE},name="scalesets"`),
          legend: `${String(share * 100)} %`,
        })),
      },
      {
        title: 'Last heard of the API server',
        description: 'Per kind; each watch hears something about once a minute.',
        unit: 's',
        targets: [
          {
            expr: `time() - min by (name) (vmss_identity_reflector_last_activity_timestamp_seconds{${HERE}} > 0)`,
            legend: '{{name}}',
          },
        ],
      },
      {
        title: 'Requests to Kubernetes',
        description: 'At rest Leases are renewed, and watches begun again.',
        unit: 'reqps',
        stacked: true,
        targets: [
          {
            expr: `sum by (method, code) (rate(rest_client_requests_total{${OURS}}${RATE})) > 0`,
            legend: '{{method}} {{code}}',
          },
        ],
      },
      {
        title: 'Memory',
        description: 'Resident, by replica.',
        unit: 'bytes',
        targets: [{ expr: `max by (pod) (process_resident_memory_bytes{${OURS}})`, legend: '{{pod}}' }],
      },
    ],
  },
];

/** Every query of the dashboard, with the panel that it is of. */
export const queries: readonly (Target & { readonly panel: string })[] = rows.flatMap(({ panels }) =>
  panels.flatMap(({ title, targets }) => targets.map((target) => ({ ...target, panel: title }))),
);

/** A query as Prometheus takes it: for every namespace, and rates over five minutes unless said. */
export const asPromql = (expr: string, rateInterval = '5m'): string =>
  expr.replaceAll('$namespace', '.*').replaceAll('$__rate_interval', rateInterval);
