import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

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

/** Every metric: its name, its labels, and one line of doc. */
export const defineMetrics = (registry: Registry) => {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
    new Histogram({ name, help, buckets, labelNames, registers });
  return {
    // As controller-runtime names them.
    passes: counter('controller_runtime_reconcile_total', 'Passes, by how they ended.', 'controller', 'result'),
    passErrors: counter('controller_runtime_reconcile_errors_total', 'Passes that failed.', 'controller'),
    passTerminalErrors: counter(
      'controller_runtime_terminal_reconcile_errors_total',
      'Failed passes that are not tried again: always 0, every one is.',
      'controller',
    ),
    passPanics: counter(
      'controller_runtime_reconcile_panics_total',
      'Failed passes whose error is a defect of the program (a TypeError and its like).',
      'controller',
    ),
    passTimeouts: counter(
      'controller_runtime_reconcile_timeouts_total',
      'Passes that reached their time limit.',
      'controller',
    ),
    passSeconds: histogram(
      'controller_runtime_reconcile_time_seconds',
      'Duration of passes.',
      passBuckets,
      'controller',
    ),
    workers: gauge('controller_runtime_max_concurrent_reconciles', 'Passes that may run at once.', 'controller'),
    activeWorkers: gauge('controller_runtime_active_workers', 'Passes that run now.', 'controller'),

    // As client-go names them.
    queueDepth: gauge('workqueue_depth', 'Keys that wait for a worker.', 'name'),
    queueAdds: counter('workqueue_adds_total', 'Keys added to the queue.', 'name'),
    queueSeconds: histogram(
      'workqueue_queue_duration_seconds',
      'How long keys waited for a worker.',
      queueBuckets,
      'name',
    ),
    workSeconds: histogram('workqueue_work_duration_seconds', 'How long workers had keys.', queueBuckets, 'name'),
    unfinishedSeconds: gauge(
      'workqueue_unfinished_work_seconds',
      'Sum of the time that keys being worked on have taken.',
      'name',
    ),
    longestSeconds: gauge(
      'workqueue_longest_running_processor_seconds',
      'The longest time of a key being worked on.',
      'name',
    ),
    queueRetries: counter('workqueue_retries_total', 'Keys added with back-off.', 'name'),
    requests: counter(
      'rest_client_requests_total',
      'Requests to the Kubernetes API, by HTTP status or, without one, by what ended them.',
      'code',
      'method',
      'host',
    ),
    requestSeconds: histogram(
      'rest_client_request_duration_seconds',
      'Duration of requests to the Kubernetes API; of watches, until they were open.',
      requestBuckets,
      'verb',
      'host',
    ),

    // Ours.
    reflectorState: gauge(
      'vmss_identity_reflector_state',
      '1 for the state that a reflector is in: live is good.',
      'name',
      'state',
    ),
    reflectorActivity: gauge(
      'vmss_identity_reflector_last_activity_timestamp_seconds',
      'When the API server was last heard of; 0 for never.',
      'name',
    ),
    reflectorObjects: gauge('vmss_identity_reflector_objects', 'Objects that a reflector holds.', 'name'),
    reflectorListSeconds: histogram(
      'vmss_identity_reflector_list_duration_seconds',
      'Duration of complete lists.',
      requestBuckets,
      'name',
    ),
    reflectorWatchSeconds: histogram(
      'vmss_identity_reflector_watch_duration_seconds',
      'How long watches were open.',
      watchBuckets,
      'name',
    ),
    reflectorEvents: counter(
      'vmss_identity_reflector_events_total',
      'Watch events received, bookmarks included.',
      'name',
    ),
    reflectorFailures: counter(
      'vmss_identity_reflector_failures_total',
      'Lists and watches that failed.',
      'name',
      'kind',
    ),
    handlerErrors: counter(
      'vmss_identity_reflector_handler_errors_total',
      'Handlers that threw: each is a defect.',
      'name',
    ),
    azureRequests: counter(
      'vmss_identity_azure_requests_total',
      'Requests to Azure Resource Manager, by what they were for and the HTTP status or error they ended with.',
      'operation',
      'code',
    ),
    azureRequestSeconds: histogram(
      'vmss_identity_azure_request_duration_seconds',
      'Duration of requests to Azure Resource Manager.',
      requestBuckets,
      'operation',
    ),
    azureBudget: gauge(
      'vmss_identity_azure_budget_remaining',
      "Requests left of the operator's part of a limit of Azure's; below 0, so many wait.",
      'subscription',
      'location',
      'policy',
    ),
    azureQueued: counter(
      'vmss_identity_azure_queued_requests_total',
      'Requests that had to wait for their turn under a limit before they were sent.',
      'policy',
    ),
    azureThrottles: counter(
      'vmss_identity_azure_throttles_total',
      'Requests that Azure refused or failed because there were too many, by the limit that was exceeded.',
      'subscription',
      'location',
      'policy',
    ),
    azureThrottledSeconds: gauge(
      'vmss_identity_azure_throttled_seconds',
      'How long nothing more is sent under a limit because Azure throttles it; of limits of single scale sets, the longest.',
      'subscription',
      'location',
      'policy',
    ),
    listLevels: gauge(
      'vmss_identity_azure_list_subscriptions',
      'Subscriptions whose scale_sets or identities are listed as a whole (subscription), by resourceGroup, or not at all (resource), as the rights of the operator allow.',
      'resource',
      'level',
    ),
    lostIdentities: counter(
      'vmss_identity_lost_in_race_total',
      'Identities that others took off at the moment of an unguarded write (api-version 2017-12-01 only).',
    ),
    events: counter(
      'vmss_identity_kubernetes_events_total',
      'Kubernetes events: written, suppressed by the rate limit, dropped with a full queue, or failed to be written.',
      'result',
    ),
  };
};
