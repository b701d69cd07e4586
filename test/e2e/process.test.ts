import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { eventually } from '../../dev/demo/wait.ts';
import { bundleFor, type Ended, launch } from './operator-bundle.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let bundle: string;
beforeAll(async () => {
  world = await startWorld({ name: 'process' });
  bundle = await bundleFor(world.api.kubeconfig);
  await world.allow();
});
afterAll(() => world.close());

const SIGN_IN = {
  AZURE_TENANT_ID: '6ba7b810-9dad-41d1-80b4-00c04fd430c8',
  AZURE_CLIENT_ID: '6ba7b811-9dad-41d1-80b4-00c04fd430c8',
  AZURE_FEDERATED_TOKEN_FILE: '/var/run/token',
};
const run = (args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended> =>
  launch(bundle, args, environment).ended;

describe.concurrent('the command line', () => {
  it('tells all that is wrong at once, and ends with 2', async () => {
    const wrong = { VMSS_IDENTITY_CONCURRENCY: 'many', VMSS_IDENTITY_LOG_FORMAT: 'xml', AZURE_TENANT_ID: '' };
    const { exitCode, stdout, stderr } = await run(
      ['--interval=soon', '--intervall=2s', '--cloud=mars', '--arm-api-version=2017-12-01'],
      wrong,
    );
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    for (const problem of [
      /--interval .*: is "soon", expected a duration/,
      /--intervall.*--interval/,
      /--cloud .*: is "mars", expected one of public/,
      /--arm-api-version .*: 2017-12-01 has no etags to guard a write.*--allow-unguarded-writes/,
      /VMSS_IDENTITY_CONCURRENCY .*: is "many"/,
      /VMSS_IDENTITY_LOG_FORMAT .*: is "xml"/,
      /AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE: not set/,
      /See --help/,
    ]) {
      expect(stderr).toMatch(problem);
    }
  });

  it('tells what it takes with --help', async () => {
    const { exitCode, stdout, stderr } = await run(['--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/--interval <duration>/);
    expect(stdout).toMatch(/VMSS_IDENTITY_INTERVAL/);
  });

  it('tells its version with --version', async () => {
    const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      readonly version: string;
    };
    expect(await run(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('that names a kubeconfig which is not there ends with 1 and says so', async () => {
    const { exitCode, stderr } = await run(['--kubeconfig=/nowhere/kubeconfig', '--listen=127.0.0.1:0'], SIGN_IN);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('/nowhere/kubeconfig');
  });
});

describe('health', () => {
  const get = async (path: string): Promise<{ readonly status: number; readonly body: string }> => {
    const reply = await fetch(`${world.operator.url}${path}`);
    return { status: reply.status, body: await reply.text() };
  };

  it('is good, and ready, once everything is synced', async () => {
    expect(await get('/healthz')).toEqual({ status: 200, body: 'ok\n' });
    expect((await get('/readyz')).status).toBe(200);
  });

  it('does not depend on Azure', async () => {
    const set = world.scaleSet('outage');
    await (await world.bind(world.scaleSet('signed-in'), { userAssigned: ['one'] })).ready();
    const effect = { kind: 'status', status: 503, code: 'ServiceUnavailable', message: 'Later.' } as const;
    world.control.addFault({ match: { path: '^/subscriptions/' }, effect, count: null });
    onTestFinished(() => world.control.clearFaults());
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.shows('AzureUnavailable');
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    world.control.clearFaults();
    await binding.ready();
  });

  it('does not depend on how the operator is set up for Azure: that is one line of the log, a figure, and a reason', async () => {
    const effect = { kind: 'status', status: 400, code: 'NoRegisteredProviderFound', message: 'No provider.' } as const;
    const sets = ['unserved', 'unserved-too'].map((name) => world.scaleSet(name));
    for (const set of sets) set.fault('PATCH', effect, null);
    const bindings = await Promise.all(sets.map((set) => world.bind(set, { userAssigned: ['one'] })));
    for (const binding of bindings) await binding.shows('OperatorMisconfigured');
    expect((await get('/readyz')).status).toBe(200);
    expect((await get('/metrics')).body).toContain(
      'vmss_identity_bindings{ready="False",reason="OperatorMisconfigured"} 2',
    );
    const lines = world.operator.log().split('\n');
    expect(lines.filter((line) => line.includes('"level":"error"') && line.includes('--arm-api-version'))).toHaveLength(
      1,
    );
    for (const binding of bindings) await binding.delete();
  });

  it('comes with the metrics that dashboards of operators look for', async () => {
    const { body } = await get('/metrics');
    expect(body).toMatch(/^controller_runtime_reconcile_total\{.*\} [1-9]/m);
    expect(body).toMatch(/^workqueue_adds_total\{.*\} [1-9]/m);
    expect(body).toMatch(/^workqueue_depth\{.*priority="-100"\} \d/m);
    expect(body).toMatch(/^rest_client_requests_total\{.*\} [1-9]/m);
    expect(body).toMatch(/^leader_election_master_status\{.*\} 1$/m);
    expect(body).toMatch(/^nodejs_eventloop_lag_seconds \d/m);
    expect(body).toMatch(/^vmss_identity_azure_budget_remaining\{.*policy="ArmWrites"\} [1-9]/m);
    expect(body).toMatch(/^vmss_identity_reflector_stale\{name="bindings"\} 0$/m);
    expect(body).toMatch(/^vmss_identity_build_info\{version="\d+\.\d+\.\d+.*"\} 1$/m);
  });

  it('shows how bindings and identities stand, and what was found and done', async () => {
    const figure = async (series: string): Promise<number> => {
      const line = (await get('/metrics')).body.split('\n').find((each) => each.startsWith(`${series} `));
      return Number(line?.slice(series.length));
    };
    const [drift, detaches, orphans, absent] = [
      'vmss_identity_drift_total{kind="user_assigned"}',
      'vmss_identity_detaches_total',
      'vmss_identity_orphans',
      'vmss_identity_bindings{ready="False",reason="ScaleSetNotFound"}',
    ];
    const set = world.scaleSet('counted');
    const binding = await world.bind(set, { userAssigned: ['one', 'two'] });
    await binding.ready();
    expect(await figure('vmss_identity_bindings{ready="True",reason="Assigned"}')).toBeGreaterThanOrEqual(1);
    expect(await figure('vmss_identity_identities{state="Assigned"}')).toBeGreaterThanOrEqual(2);
    expect(await figure(orphans)).toBe(0);
    expect(await figure(absent)).toBe(0);

    const before = await figure(drift);
    set.othersStrip('one');
    await eventually('drift to be counted', async () => (await figure(drift)) === before + 1 || undefined);
    await set.until('has one again', ({ identities }) => identities.includes('one'));

    const detached = await figure(detaches);
    await binding.delete();
    await eventually('detaches to be counted', async () => (await figure(detaches)) === detached + 2 || undefined);
  });
});

describe('the log', () => {
  it('is one JSON object a line, and names requests to Azure by the ids that its support asks for', async () => {
    const lines = world.operator.log().trimEnd().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(entries.every(({ time, level, msg }) => [time, level, msg].every((each) => typeof each === 'string'))).toBe(
      true,
    );
    expect(entries.filter(({ msg }) => msg === 'asked Azure').some(({ requestId }) => requestId !== undefined)).toBe(
      true,
    );
  });

  it('has the id of a pass on each line that a pass writes, and no two passes have the same', async () => {
    const set = world.scaleSet('told');
    await (await world.bind(set, { userAssigned: ['one'] })).ready();
    const entries = world.operator
      .log()
      .split('\n')
      .filter((line) => line.includes(set.id.toLowerCase()))
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(entries.filter(({ msg }) => msg === 'asked Azure').map(({ operation }) => operation)).toContain(
      'patch_identity',
    );
    expect(entries.every(({ reconcileID, key }) => typeof reconcileID === 'string' && key !== undefined)).toBe(true);
  });

  it('has no line but for those who debug while nothing happens', async () => {
    await (await world.bind(world.scaleSet('quiet'), { userAssigned: ['one'] })).ready();
    await world.intervals(2);
    const before = world.operator.log().length;
    await world.intervals(4);
    const lines = world.operator.log().slice(before).trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((line) => !line.includes('"level":"debug"'))).toEqual([]);
  });

  it('is silent about every access token that was given out', async () => {
    const token = world.control.token(world.clientId);
    const [header = ''] = token.split('.');
    expect(header.length).toBeGreaterThan(10);
    expect(world.operator.log()).not.toContain(header);
    expect(world.operator.log()).not.toContain(world.trustedToken.slice(0, 30));
  });
});

describe('--watch-namespace', () => {
  it('leaves the bindings of other namespaces alone', async () => {
    const [watched, other] = [await world.createNamespace('watched'), await world.createNamespace('other')];
    await world.allow({ namespaces: [watched, other] }, 'watched');
    await world.restartOperator({ flags: [`--watch-namespace=${watched}`] });
    const set = world.scaleSet('watched');
    const unseen = await world.bind(set, { userAssigned: ['two'] }, { namespace: other });
    await (await world.bind(set, { userAssigned: ['one'] }, { namespace: watched })).ready();
    await world.intervals(2);
    expect((await unseen.read())?.status.conditions).toBeUndefined();
    expect(set.identities).toEqual(['one']);
    await world.restartOperator();
    await unseen.ready();
    expect(set.identities).toEqual(['one', 'two']);
  });
});

describe('SIGTERM', () => {
  it('ends it with 0 though Azure does not answer', async () => {
    const set = world.scaleSet('unanswering');
    set.fault('GET', { kind: 'hang' });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await set.until('hangs', ({ requests }) => requests.some(({ status }) => status === 'hang'));
    expect(await world.operator.stop()).toBe(0);
    expect(world.operator.log()).toMatch(/"msg":"stopped"\}\n$/);
    await world.startOperator();
    await binding.ready();
  });

  it('for the second time ends it with 1 at once', async () => {
    const set = world.scaleSet('left');
    set.fault('GET', { kind: 'hang' });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await set.until('hangs', ({ requests }) => requests.some(({ status }) => status === 'hang'));
    world.operator.signal('SIGTERM');
    await eventually('a stop', () => world.operator.log().includes('"msg":"stopping"') || undefined);
    expect(await world.operator.stop()).toBe(1);
    expect(world.operator.log()).not.toContain('"msg":"stopped"');
    await world.startOperator();
    await binding.ready();
  });
});
