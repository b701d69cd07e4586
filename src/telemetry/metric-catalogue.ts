/**
 * Every metric: its name, one line of doc, and its labels with the values that are known beforehand. `docs/metrics.md` is
 * generated from here. No label ever holds a name that a tenant chose, or the text of an error.
 */
import {
  azureOperations,
  azurePolicies,
  bindingReasons,
  driftKinds,
  eventResults,
  identityStates,
  kubeFailures,
  listedKinds,
  listLevels,
  notReadyReasons,
  operationResults,
  passResults,
  queuePriorities,
  readyStatuses,
  reflectorStates,
} from './metric-labels.ts';
import { counter, gauge, histogram } from './metric-row.ts';

/** controller-runtime's buckets for the duration of a pass, in seconds. */
const passBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
/** client-go's for work queues. */
const queueBuckets = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000];
/** client-go's for requests. */
const requestBuckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
/** How long a watch stays open: the server ends it after 240 to 290 s. */
const watchBuckets = [1, 10, 60, 120, 240, 300];
/** Azure takes seconds to minutes; after 30 min an operation counts as timed out. */
const operationBuckets = [2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800];

const none = {};
const controller = { controller: 'The controller: `scalesets`' };
/** controller-runtime gives a queue the name of its controller, and shows it twice. */
const queue = { name: 'The queue: `scalesets`', ...controller };
const lease = { name: 'Name of the Lease' };
const host = 'Host and port of the API server';
const reflector = { name: '`bindings`, `policies`, `ledgers`; with `--watch-namespace` `bindings in …` for each' };
const limit = {
  subscription: 'The subscription; empty for a limit of the tenant',
  location: 'The region; empty for a limit of a whole subscription',
  policy: azurePolicies,
};

export const METRICS = {
  // As controller-runtime names them.
  passes: counter('controller_runtime_reconcile_total', 'Passes, by how they ended.', {
    ...controller,
    result: passResults,
  }),
  passErrors: counter('controller_runtime_reconcile_errors_total', 'Passes that failed.', controller),
  passTerminalErrors: counter(
    'controller_runtime_terminal_reconcile_errors_total',
    'Failed passes that are not tried again: always 0, every one is.',
    controller,
  ),
  passPanics: counter(
    'controller_runtime_reconcile_panics_total',
    'Failed passes whose error is a defect of the program (a TypeError and its like).',
    controller,
  ),
  passTimeouts: counter(
    'controller_runtime_reconcile_timeouts_total',
    'Passes that reached their time limit.',
    controller,
  ),
  passSeconds: histogram('controller_runtime_reconcile_time_seconds', 'Duration of passes.', passBuckets, controller),
  workers: gauge(
    'controller_runtime_max_concurrent_reconciles',
    'Passes that may run at once, in each shard.',
    controller,
  ),
  activeWorkers: gauge('controller_runtime_active_workers', 'Passes that run now.', controller),

  // As client-go and controller-runtime name them.
  queueDepth: gauge(
    'workqueue_depth',
    'Keys that wait for a worker; priority 0 goes first, -100 is looked at again to be sure.',
    { ...queue, priority: Object.values(queuePriorities) },
  ),
  queueAdds: counter('workqueue_adds_total', 'Keys added to the queue.', queue),
  queueSeconds: histogram(
    'workqueue_queue_duration_seconds',
    'How long keys waited for a worker.',
    queueBuckets,
    queue,
  ),
  workSeconds: histogram('workqueue_work_duration_seconds', 'How long workers had keys.', queueBuckets, queue),
  unfinishedSeconds: gauge(
    'workqueue_unfinished_work_seconds',
    'Sum of the time that keys being worked on have taken.',
    queue,
  ),
  longestSeconds: gauge(
    'workqueue_longest_running_processor_seconds',
    'The longest time of a key being worked on.',
    queue,
  ),
  queueRetries: counter(
    'workqueue_retries_total',
    'Keys added to come later: after a failure, or when a pass said so.',
    queue,
  ),
  requests: counter(
    'rest_client_requests_total',
    'Requests to the Kubernetes API, by HTTP status or, without one, by what ended them.',
    { code: 'HTTP status, or what ended the request without one', method: 'HTTP method', host },
  ),
  requestSeconds: histogram(
    'rest_client_request_duration_seconds',
    'Duration of requests to the Kubernetes API; of watches, until they were open.',
    requestBuckets,
    { verb: 'HTTP method', host },
  ),
  leader: gauge(
    'leader_election_master_status',
    '1 while this process leads, 0 while it is a candidate; with shards, for the Lease of each.',
    lease,
  ),
  slowRenewals: counter(
    'leader_election_slowpath_total',
    'Attempts to renew the Lease that failed, so that it was read before the next.',
    lease,
  ),

  // Reflectors: the copies of what the API server holds.
  reflectorState: gauge('vmss_identity_reflector_state', '1 for the state that a reflector is in: live is good.', {
    ...reflector,
    state: reflectorStates,
  }),
  reflectorActivity: gauge(
    'vmss_identity_reflector_last_activity_timestamp_seconds',
    'When the API server was last heard of; 0 for never.',
    reflector,
  ),
  reflectorStale: gauge(
    'vmss_identity_reflector_stale',
    '1 when the API server has not been heard of for so long that what is known must be taken for old.',
    reflector,
  ),
  reflectorObjects: gauge('vmss_identity_reflector_objects', 'Objects that a reflector holds.', reflector),
  reflectorListSeconds: histogram(
    'vmss_identity_reflector_list_duration_seconds',
    'Duration of complete lists.',
    requestBuckets,
    reflector,
  ),
  reflectorWatchSeconds: histogram(
    'vmss_identity_reflector_watch_duration_seconds',
    'How long watches were open.',
    watchBuckets,
    reflector,
  ),
  reflectorEvents: counter(
    'vmss_identity_reflector_events_total',
    'Watch events received, bookmarks included; counted when the watch ends.',
    reflector,
  ),
  reflectorFailures: counter('vmss_identity_reflector_failures_total', 'Lists and watches that failed.', {
    ...reflector,
    kind: kubeFailures,
  }),
  handlerErrors: counter(
    'vmss_identity_reflector_handler_errors_total',
    'Handlers that threw: each is a defect.',
    reflector,
  ),
  events: counter(
    'vmss_identity_kubernetes_events_total',
    'Kubernetes events: written, suppressed by the rate limit, dropped with a full queue, or failed to be written.',
    { result: eventResults },
  ),

  // Azure.
  azureRequests: counter(
    'vmss_identity_azure_requests_total',
    'Requests to Azure Resource Manager, by what they were for and the HTTP status or error they ended with.',
    {
      operation: azureOperations,
      code: 'HTTP status; `TimeoutError`, `ECONNRESET`, `AADSTS…` and the like without one',
    },
  ),
  azureRequestSeconds: histogram(
    'vmss_identity_azure_request_duration_seconds',
    'Duration of requests to Azure Resource Manager.',
    requestBuckets,
    { operation: azureOperations },
  ),
  azureOperationSeconds: histogram(
    'vmss_identity_azure_operation_duration_seconds',
    'How long Azure worked on writes that it did not finish at once, as far as looks at them tell; timed_out ones are told of when their time is up.',
    operationBuckets,
    { result: operationResults },
  ),
  azureBudget: gauge(
    'vmss_identity_azure_budget_remaining',
    "Requests left of the operator's part of a limit of Azure's; below 0, so many wait.",
    limit,
  ),
  azureQueued: counter(
    'vmss_identity_azure_queued_requests_total',
    'Requests that had to wait for their turn under a limit before they were sent.',
    { policy: azurePolicies },
  ),
  azureThrottles: counter(
    'vmss_identity_azure_throttles_total',
    'Requests that Azure refused or failed because there were too many, by the limit that was exceeded.',
    limit,
  ),
  azureThrottledSeconds: gauge(
    'vmss_identity_azure_throttled_seconds',
    'How long nothing more is sent under a limit because Azure throttles it; of limits of single scale sets, the longest.',
    limit,
  ),
  listLevels: gauge(
    'vmss_identity_azure_list_subscriptions',
    'Subscriptions whose scale_sets or identities are listed as a whole (subscription), by resourceGroup, or not at all (resource), as the rights of the operator allow.',
    { resource: listedKinds, level: listLevels },
  ),

  // What the operator is for.
  bindings: gauge(
    'vmss_identity_bindings',
    'Bindings, by status and reason of their condition Ready; shown by the process that leads (their shard), 0 on all others.',
    { ready: readyStatuses, reason: bindingReasons },
  ),
  notReadySince: gauge(
    'vmss_identity_bindings_not_ready_since_timestamp_seconds',
    'Since when the binding that has been not Ready for the longest is so, by reason; 0 for none, for suspended ones, and where not leading.',
    { reason: notReadyReasons },
  ),
  identities: gauge(
    'vmss_identity_identities',
    'User-assigned identities in the statuses of bindings, by state; one of two bindings counts twice. 0 where not leading.',
    { state: identityStates },
  ),
  orphans: gauge(
    'vmss_identity_orphans',
    'Identities on record for a binding that is gone without a trace: they stay attached until someone declares them. 0 where not leading.',
    none,
  ),
  drift: counter(
    'vmss_identity_drift_total',
    'Identities of ours that others took off a scale set, system-assigned ones that others turned off; each counts once until it is back.',
    { kind: driftKinds },
  ),
  detaches: counter(
    'vmss_identity_detaches_total',
    'Identities that were detached, system-assigned ones that were turned off, by writes that Azure accepted.',
    none,
  ),
  contested: counter(
    'vmss_identity_contested_total',
    'Times that an identity of ours was not put back at once, because others keep taking it off.',
    { kind: driftKinds },
  ),
  detachWindow: gauge(
    'vmss_identity_detach_window',
    'Identities that were detached in the last 10 minutes, as --detach-limit counts them; with shards, in those that this process leads. 0 where not leading.',
    none,
  ),
  detachLimit: gauge('vmss_identity_detach_limit', 'What --detach-limit is set to.', none),
  detachLimitReached: counter(
    'vmss_identity_detach_limit_reached_total',
    'Times that the detach limit was reached: something waits for it, and nothing did for 20 minutes before.',
    none,
  ),
  readOnly: gauge('vmss_identity_read_only', '1 while the operator runs with --read-only.', none),
  abandoned: counter(
    'vmss_identity_abandoned_total',
    'Identities that stay on a scale set because a person released their binding with the annotation `vmss-identity.dev/abandon`.',
    none,
  ),
  lostIdentities: counter(
    'vmss_identity_lost_in_race_total',
    'Identities that others took off at the moment of an unguarded write (api-version 2017-12-01 only).',
    none,
  ),

  // The process.
  unexpectedErrors: counter(
    'vmss_identity_unexpected_errors_total',
    'Exceptions and rejections that nobody handled: each is a defect, and ends the process.',
    none,
  ),
  build: gauge('vmss_identity_build_info', 'Always 1.', { version: 'Version of the operator' }),
} as const;
