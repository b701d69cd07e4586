import { describe, expect, it } from 'vitest';

import { Metrics } from '../../../src/telemetry/metrics.ts';

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

  it('show a queue as client-go does', async () => {
    const metrics = new Metrics();
    const queue = metrics.workQueue('binding');
    metrics.readQueue('binding', { depth: () => 3, runningMs: () => [500, 2_000] });
    queue.added();
    queue.taken(100);
    queue.done(200);
    queue.retried();
    const text = await metrics.metrics();
    expect(text).toContain('workqueue_depth{name="binding"} 3');
    expect(text).toContain('workqueue_adds_total{name="binding"} 1');
    expect(text).toContain('workqueue_queue_duration_seconds_sum{name="binding"} 0.1');
    expect(text).toContain('workqueue_work_duration_seconds_sum{name="binding"} 0.2');
    expect(text).toContain('workqueue_unfinished_work_seconds{name="binding"} 2.5');
    expect(text).toContain('workqueue_longest_running_processor_seconds{name="binding"} 2');
    expect(text).toContain('workqueue_retries_total{name="binding"} 1');
  });

  it('show a reflector: its state, what it holds, when it last heard of the server, and its failures', async () => {
    const metrics = new Metrics();
    const reflector = metrics.reflector('bindings');
    metrics.readReflector('bindings', { state: () => 'live', lastActivity: () => 1_700_000_000_000, size: 7 });
    reflector.listed({ items: 7, durationMs: 40 });
    reflector.watchEnded({ events: 5, openMs: 250_000 });
    reflector.failed('network');
    reflector.handlerThrew();
    const text = await metrics.metrics();
    expect(text).toContain('vmss_identity_reflector_state{name="bindings",state="live"} 1');
    expect(text).toContain('vmss_identity_reflector_state{name="bindings",state="backoff"} 0');
    expect(text).toContain('vmss_identity_reflector_last_activity_timestamp_seconds{name="bindings"} 1700000000');
    expect(text).toContain('vmss_identity_reflector_objects{name="bindings"} 7');
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
    const limit = { subscription: 'sub', location: 'westeurope', policy: 'Writes' };
    const budgets = metrics.azureBudgets();
    budgets.queued('Writes');
    budgets.throttled(limit);
    let figures = [{ ...limit, left: -3, closedForMs: 2_500 }];
    metrics.readAzureBudgets(() => figures);
    const text = await metrics.metrics();
    const labels = '{subscription="sub",location="westeurope",policy="Writes"}';
    expect(text).toContain(`vmss_identity_azure_budget_remaining${labels} -3`);
    expect(text).toContain(`vmss_identity_azure_throttled_seconds${labels} 2.5`);
    expect(text).toContain(`vmss_identity_azure_throttles_total${labels} 1`);
    expect(text).toContain('vmss_identity_azure_queued_requests_total{policy="Writes"} 1');
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
