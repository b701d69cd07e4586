import { describe, expect, it } from 'vitest';

import type { VmssIdentityBinding, VmssIdentityLedger } from '../../../src/api/types.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';

const bindingOf = (reason: string): VmssIdentityBinding =>
  ({
    metadata: { uid: 'another' },
    status: {
      observedGeneration: 1,
      conditions: [{ type: 'Ready', status: 'False', reason, message: '', lastTransitionTime: '2026-03-01T10:00:00Z' }],
      userAssigned: [{ resourceId: 'app', state: 'Assigned', attachedByUs: true, lastTransitionTime: '' }],
    },
  }) as unknown as VmssIdentityBinding;

describe('metrics', () => {
  it('start at 0 for every result of a pass, under the names of controller-runtime', async () => {
    const metrics = new Metrics();
    metrics.controller('binding', 4);
    const text = await metrics.metrics();
    for (const result of ['error', 'requeue', 'requeue_after', 'success']) {
      expect(text).toContain(`controller_runtime_reconcile_total{controller="binding",result="${result}"} 0`);
    }
    for (const name of [
      'reconcile_errors_total',
      'terminal_reconcile_errors_total',
      'reconcile_panics_total',
      'reconcile_timeouts_total',
      'active_workers',
    ]) {
      expect(text).toContain(`controller_runtime_${name}{controller="binding"} 0`);
    }
    expect(text).toContain('controller_runtime_max_concurrent_reconciles{controller="binding"} 4');
  });

  it('count passes', async () => {
    const metrics = new Metrics();
    const controller = metrics.controller('binding', 1);
    controller.started();
    expect(await metrics.metrics()).toContain('controller_runtime_active_workers{controller="binding"} 1');
    controller.ended({ result: 'error', durationMs: 1_200, timedOut: true, defect: true });
    const text = await metrics.metrics();
    expect(text).toContain('controller_runtime_active_workers{controller="binding"} 0');
    expect(text).toContain('controller_runtime_reconcile_total{controller="binding",result="error"} 1');
    expect(text).toContain('controller_runtime_reconcile_errors_total{controller="binding"} 1');
    expect(text).toContain('controller_runtime_reconcile_panics_total{controller="binding"} 1');
    expect(text).toContain('controller_runtime_reconcile_timeouts_total{controller="binding"} 1');
    expect(text).toContain('controller_runtime_reconcile_time_seconds_sum{controller="binding"} 1.2');
  });

  it('show a queue as controller-runtime does, which labels it twice and tells priorities apart', async () => {
    const metrics = new Metrics();
    const queue = metrics.workQueue('binding');
    metrics.readQueue('binding', { depth: (priority) => (priority === 'high' ? 3 : 1), runningMs: () => [500, 2_000] });
    queue.added();
    queue.taken(100);
    queue.done(200);
    queue.retried();
    const text = await metrics.metrics();
    const labels = 'name="binding",controller="binding"';
    expect(text).toContain(`workqueue_depth{${labels},priority="0"} 3`);
    expect(text).toContain(`workqueue_depth{${labels},priority="-100"} 1`);
    expect(text).toContain(`workqueue_adds_total{${labels}} 1`);
    expect(text).toContain(`workqueue_queue_duration_seconds_sum{${labels}} 0.1`);
    expect(text).toContain(`workqueue_work_duration_seconds_sum{${labels}} 0.2`);
    expect(text).toContain(`workqueue_unfinished_work_seconds{${labels}} 2.5`);
    expect(text).toContain(`workqueue_longest_running_processor_seconds{${labels}} 2`);
    expect(text).toContain(`workqueue_retries_total{${labels}} 1`);
  });

  it('go on counting when a queue and a controller come again, and read the newest', async () => {
    const metrics = new Metrics();
    const figures = { runningMs: () => [] };
    const term = (depth: number) => {
      metrics.readQueue('binding', { ...figures, depth: () => depth });
      return { queue: metrics.workQueue('binding'), controller: metrics.controller('binding', 1) };
    };
    const first = term(7);
    first.queue.done(1000);
    first.controller.started();
    term(2);
    const text = await metrics.metrics();
    expect(text).toContain('workqueue_work_duration_seconds_count{name="binding",controller="binding"} 1');
    expect(text).toContain('controller_runtime_active_workers{controller="binding"} 1');
    expect(text).toContain('workqueue_depth{name="binding",controller="binding",priority="0"} 2');
  });

  it('tell who leads, by the name of the Lease, and how often it could not be renewed', async () => {
    const metrics = new Metrics();
    const election = metrics.election('operator');
    const before = await metrics.metrics();
    election.leading(true);
    election.renewalFailed();
    const leading = await metrics.metrics();
    election.leading(false);
    expect(before).toContain('leader_election_master_status{name="operator"} 0');
    expect(before).toContain('leader_election_slowpath_total{name="operator"} 0');
    expect(leading).toContain('leader_election_master_status{name="operator"} 1');
    expect(leading).toContain('leader_election_slowpath_total{name="operator"} 1');
    expect(await metrics.metrics()).toContain('leader_election_master_status{name="operator"} 0');
  });

  it('show a reflector: its state, what it holds, when it last heard of the server, and its failures', async () => {
    const metrics = new Metrics();
    const reflector = metrics.reflector('bindings');
    const figures = { state: () => 'live', lastActivity: () => 1_700_000_000_000, isStale: () => true, size: 7 };
    metrics.readReflector('bindings', figures);
    const before = await metrics.metrics();
    reflector.listed({ items: 7, durationMs: 40 });
    reflector.watchEnded({ events: 5, openMs: 250_000 });
    reflector.failed('network');
    reflector.handlerThrew();
    const text = await metrics.metrics();
    expect(text).toContain('vmss_identity_reflector_state{name="bindings",state="live"} 1');
    expect(text).toContain('vmss_identity_reflector_state{name="bindings",state="backoff"} 0');
    expect(text).toContain('vmss_identity_reflector_last_activity_timestamp_seconds{name="bindings"} 1700000000');
    expect(text).toContain('vmss_identity_reflector_stale{name="bindings"} 1');
    expect(text).toContain('vmss_identity_reflector_objects{name="bindings"} 7');
    expect(before).toContain('vmss_identity_reflector_failures_total{name="bindings",kind="gone"} 0');
    expect(text).toContain('vmss_identity_reflector_events_total{name="bindings"} 5');
    expect(text).toContain('vmss_identity_reflector_failures_total{name="bindings",kind="network"} 1');
    expect(text).toContain('vmss_identity_reflector_handler_errors_total{name="bindings"} 1');
  });

  it('count requests and events', async () => {
    const metrics = new Metrics();
    const request = { method: 'GET', host: 'kube.test', durationMs: 12 };
    metrics.kubeRequests().requestEnded({ ...request, outcome: 200 });
    metrics.kubeRequests().requestEnded({ ...request, outcome: 'timeout' });
    metrics.kubeEvents().eventEnded('written');
    const text = await metrics.metrics();
    expect(text).toContain('rest_client_requests_total{code="200",method="GET",host="kube.test"} 1');
    expect(text).toContain('rest_client_requests_total{code="timeout",method="GET",host="kube.test"} 1');
    expect(text).toContain('vmss_identity_kubernetes_events_total{result="written"} 1');
    expect(text).toContain('vmss_identity_kubernetes_events_total{result="dropped"} 0');
  });

  it('show what is left of the limits of Azure, which of them are throttled, and forget those that are no more', async () => {
    const metrics = new Metrics();
    const limit = { subscription: 'sub', location: 'westeurope', policy: 'ArmWrites' } as const;
    const budgets = metrics.azureBudgets();
    budgets.queued('ArmWrites');
    budgets.throttled(limit);
    let figures = [{ ...limit, left: -3, closedForMs: 2_500 }];
    metrics.readAzureBudgets(() => figures);
    const text = await metrics.metrics();
    const labels = '{subscription="sub",location="westeurope",policy="ArmWrites"}';
    expect(text).toContain(`vmss_identity_azure_budget_remaining${labels} -3`);
    expect(text).toContain(`vmss_identity_azure_throttled_seconds${labels} 2.5`);
    expect(text).toContain(`vmss_identity_azure_throttles_total${labels} 1`);
    expect(text).toContain('vmss_identity_azure_queued_requests_total{policy="ArmWrites"} 1');
    figures = [];
    expect(await metrics.metrics()).not.toContain('vmss_identity_azure_budget_remaining{');
  });

  it('count subscriptions by how they are listed', async () => {
    const metrics = new Metrics();
    metrics.readInventory(() => ({ scale_sets: ['subscription', 'resource', 'resource'], identities: [] }));
    const text = await metrics.metrics();
    const line = (resource: string, level: string, count: number): string =>
      `vmss_identity_azure_list_subscriptions{resource="${resource}",level="${level}"} ${String(count)}`;
    expect(text).toContain(line('scale_sets', 'subscription', 1));
    expect(text).toContain(line('scale_sets', 'resourceGroup', 0));
    expect(text).toContain(line('scale_sets', 'resource', 2));
    expect(text).toContain(line('identities', 'subscription', 0));
  });

  it('count what passes find and do', async () => {
    const metrics = new Metrics();
    const before = await metrics.metrics();
    const passes = metrics.passes();
    passes.driftFound('user_assigned', 2);
    passes.operationEnded('timed_out', 1_800_000);
    passes.detached(3);
    passes.contested('user_assigned');
    passes.abandoned(2);
    const text = await metrics.metrics();
    for (const kind of ['user_assigned', 'system_assigned']) {
      expect(before).toContain(`vmss_identity_drift_total{kind="${kind}"} 0`);
    }
    for (const result of ['succeeded', 'failed', 'unknown', 'timed_out']) {
      expect(before).toContain(`vmss_identity_azure_operation_duration_seconds_count{result="${result}"} 0`);
    }
    expect(before).toContain('vmss_identity_detaches_total 0');
    expect(text).toContain('vmss_identity_drift_total{kind="user_assigned"} 2');
    expect(text).toContain('vmss_identity_contested_total{kind="user_assigned"} 1');
    expect(text).toContain('vmss_identity_azure_operation_duration_seconds_sum{result="timed_out"} 1800');
    expect(text).toContain('vmss_identity_detaches_total 3');
    expect(before).toContain('vmss_identity_abandoned_total 0');
    expect(text).toContain('vmss_identity_abandoned_total 2');
  });

  it('show the operator’s own brakes, and count when the limit is reached', async () => {
    const metrics = new Metrics();
    let inWindow = 0;
    metrics.brakes(true, 100, () => inWindow);
    inWindow = 7;
    metrics.detachLimitReached();
    const text = await metrics.metrics();
    expect(text).toContain('vmss_identity_read_only 1');
    expect(text).toContain('vmss_identity_detach_limit 100');
    expect(text).toContain('vmss_identity_detach_window 7');
    expect(text).toContain('vmss_identity_detach_limit_reached_total 1');
  });

  it('count bindings, identities and orphans anew at each scrape, while this process leads', async () => {
    const metrics = new Metrics();
    const attached = {
      resourceId: 'app',
      phase: 'Attached',
      since: '',
      for: [{ namespace: 'n', name: 'b', uid: 'u' }],
    };
    const ledger = { spec: { scaleSetId: 'web', entries: [attached] } } as unknown as VmssIdentityLedger;
    let leads = true;
    metrics.readCluster(() => (leads ? { bindings: [bindingOf('Odd')], ledgers: [ledger, ledger] } : undefined));
    const leading = await metrics.metrics();
    leads = false;
    const standby = await metrics.metrics();
    expect(leading).toContain('vmss_identity_bindings{ready="False",reason="other"} 1');
    expect(leading).toContain('vmss_identity_bindings{ready="True",reason="Assigned"} 0');
    expect(leading).toMatch(/^vmss_identity_bindings_not_ready_since_timestamp_seconds\{reason="other"\} 17\d{8}$/m);
    expect(leading).toContain('vmss_identity_identities{state="Assigned"} 1');
    expect(leading).toContain('vmss_identity_orphans 2');
    expect(standby).not.toContain('vmss_identity_bindings{ready="False",reason="other"}');
    expect(standby).toContain('vmss_identity_bindings{ready="True",reason="Assigned"} 0');
    expect(standby).toContain('vmss_identity_bindings_not_ready_since_timestamp_seconds{reason="other"} 0');
    expect(standby).toContain('vmss_identity_identities{state="Assigned"} 0');
    expect(standby).toContain('vmss_identity_orphans 0');
  });

  it('count errors that nobody handled, and name the version', async () => {
    const metrics = new Metrics();
    metrics.addBuildInfo('1.2.3');
    metrics.unexpectedError();
    const text = await metrics.metrics();
    expect(text).toContain('vmss_identity_build_info{version="1.2.3"} 1');
    expect(text).toContain('vmss_identity_unexpected_errors_total 1');
  });

  it('belong to their instance', async () => {
    const [one, other] = [new Metrics(), new Metrics()];
    one.workQueue('binding').added();
    expect(await other.metrics()).not.toContain('workqueue_adds_total{');
  });

  it('hold those of the process only when asked for', async () => {
    const metrics = new Metrics();
    expect(await metrics.metrics()).not.toContain('process_resident_memory_bytes');
    metrics.addProcessMetrics();
    expect(await metrics.metrics()).toContain('process_resident_memory_bytes');
  });
});
