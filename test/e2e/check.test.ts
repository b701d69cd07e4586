import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { RoleFile } from '../../dev/checks/azure-roles.ts';
import { fencesOf } from '../../dev/docs/markdown.ts';
import type { GrantSeed } from '../../dev/simulator/seed.ts';
import { assignmentIn, findingsIn, type PrintedFinding, runCheck, troubles } from './check-output.ts';
import type { Ended } from './operator-bundle.ts';
import { makeServiceAccount, type ServiceAccount } from './service-account.ts';
import { startWorld, type World } from './world.ts';
import type { OperatorChanges } from './world-options.ts';

const READ = 'Microsoft.Compute/virtualMachineScaleSets/read';
const WRITE = 'Microsoft.Compute/virtualMachineScaleSets/write';
const READ_IDENTITY = 'Microsoft.ManagedIdentity/userAssignedIdentities/read';
const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
const ASK = 'Microsoft.Authorization/permissions/read';
/** Who checks is another client than the operator of the world, so that Azure's log tells them apart. */
const CHECKER = 1;

let world: World;
let folder: string;
/** Has no rights in Kubernetes; in a namespace where nothing else is. */
let account: ServiceAccount;
let bare: string;
let role: RoleFile;
let apps: string;
let identities: string;

beforeAll(async () => {
  world = await startWorld({ name: 'check', clients: 2 });
  folder = await mkdtemp(join(tmpdir(), 'vmss-identity-check-'));
  role = JSON.parse(
    await readFile(join(import.meta.dirname, '../../deploy/azure/scale-set-role.json'), 'utf8'),
  ) as RoleFile;
  [apps, identities] = ['apps', 'identities'].map(
    (group) => `/subscriptions/${world.subscription}/resourceGroups/${group}`,
  ) as [string, string];
  await world.allow();
  const bound = { web: 'one', api: 'two' };
  for (const [name, identity] of Object.entries(bound)) {
    await (await world.bind(world.scaleSet(name), { userAssigned: [identity] })).ready();
  }
  bare = await world.createNamespace('bare');
  account = await makeServiceAccount(world.api, { namespace: bare, name: 'vmss-identity-operator' }, folder);
});

afterAll(async () => {
  try {
    await world.api.kubectl([
      'delete',
      'clusterrole,clusterrolebinding',
      '--selector=made-for=check-test',
      '--ignore-not-found',
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await world.close();
  }
});

/** Exactly what `deploy/azure/` grants, but for some actions. */
function grants(...without: readonly string[]): readonly GrantSeed[] {
  const operator = [READ_IDENTITY, ASSIGN, ASK];
  const left = (actions: readonly string[]): string[] => actions.filter((action) => !without.includes(action));
  return [
    { scope: apps, actions: left(role.Actions) },
    { scope: identities, actions: left(operator) },
  ];
}

const checker = (): string => world.clientIds[CHECKER]!;

function principalOf(): { readonly objectId: string; readonly tenantId: string } {
  const { objectId } = world.control.snapshot().principals.find(({ clientId }) => clientId === checker())!;
  return { objectId, tenantId: world.control.identity(world.identityId('one')).tenantId };
}

beforeEach(() => {
  // As strict as Azure may be: one has to be allowed to ask, and to list.
  world.control.settings({ permissionsRead: 'ByRole', listRights: 'Refuse' });
  world.control.setRights(checker(), { permissions: grants() });
});

const check = (changes: OperatorChanges = {}): Promise<Ended> => runCheck(world, { client: CHECKER, ...changes });

/** Does what a printed command would: in Azure by its control API, in Kubernetes by the command itself. */
async function obey({ command = '' }: PrintedFinding): Promise<void> {
  if (command.startsWith('kubectl ')) {
    const binary = process.env['VMSS_TEST_KUBECTL'] ?? 'kubectl';
    const shell = `set -e; kubectl() { '${binary}' --kubeconfig '${world.api.kubeconfig}' --cache-dir '${folder}/cache' "$@"; }\n${command}`;
    await promisify(execFile)('bash', ['-c', shell]);
    return;
  }
  const { principal, role: name, scope } = assignmentIn(command);
  expect(principal).toBe(principalOf().objectId);
  const grant =
    name === role.Name ? { scope, actions: [...role.Actions] } : { scope, role: 'Managed Identity Operator' as const };
  world.control.grant(checker(), grant);
}

describe('a check of an installation with all it needs', () => {
  it('says so, ends with 0, and writes nothing anywhere', async () => {
    const since = world.control.requests().at(-1)?.sequence ?? 0;
    const ended = await check();
    expect(troubles(ended)).toEqual([]);
    expect(ended.stdout).toMatch(/^\d+ ok, 0 missing, 0 failed$/m);
    expect(ended.exitCode).toBe(0);
    const requests = world.control.requests(since).filter(({ principal }) => principal === checker());
    expect(requests.length).toBeGreaterThan(0);
    expect(requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('tells as whom it is signed in', async () => {
    const token = findingsIn(await check()).find(({ check: name }) => name === 'azure-token');
    const { objectId, tenantId } = principalOf();
    expect(token?.says).toBe(
      `principal ${objectId} of tenant ${tenantId}, audience https://management.azure.com, issuer https://sts.windows.net/${tenantId}/`,
    );
  });

  it('asks about each resource group once, however many scale sets are in it', async () => {
    const since = world.control.requests().at(-1)?.sequence ?? 0;
    await check();
    const asked = world.control
      .requests(since)
      .filter(({ principal, path }) => principal === checker() && path.endsWith('/permissions'));
    expect(
      asked.map(({ path }) => path.replace('/providers/Microsoft.Authorization/permissions', '')).toSorted(),
    ).toEqual([apps, identities]);
  });

  it('prints objects with --log-format json', async () => {
    const { stdout, exitCode } = await check({ environment: { VMSS_IDENTITY_LOG_FORMAT: 'json' } });
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines.at(0)).toMatchObject({ verdict: 'ok', check: 'configuration' });
    expect(lines.at(-1)).toEqual({ ok: lines.length - 1, missing: 0, failed: 0 });
    expect(exitCode).toBe(0);
  });
});

describe('a right in Azure that is missing', () => {
  it.each([READ, WRITE, READ_IDENTITY, ASSIGN])('is told with the command that grants it: %s', async (action) => {
    world.control.setRights(checker(), { permissions: grants(action) });
    const ended = await check();
    const missing = troubles(ended);
    const place = action.startsWith('Microsoft.Compute/') ? apps : identities;
    expect(missing.map(({ verdict, check: name }) => `${verdict} ${name}`)).toEqual(['missing azure-right']);
    expect(missing[0]?.says).toContain(`${action} on `);
    expect(missing[0]?.says).toContain(place);
    expect(ended.exitCode).toBe(1);

    await obey(missing[0]!);
    expect(troubles(await check())).toEqual([]);
  });

  it('to ask what one may do leaves open what only that tells', async () => {
    world.control.setRights(checker(), { permissions: grants(ASK) });
    const missing = troubles(await check());
    expect(missing.map(({ verdict, says }) => `${verdict} ${says.split(' ')[0] ?? ''}`).toSorted()).toEqual(
      [`failed ${WRITE}`, `failed ${ASSIGN}`, `missing ${ASK}`, `missing ${ASK}`].toSorted(),
    );
    for (const each of missing) if (each.command !== undefined) await obey(each);
    expect(troubles(await check())).toEqual([]);
  });
});

describe('a binding that no policy permits', () => {
  it('is counted, and Azure is not asked about what it names', async () => {
    const namespace = await world.createNamespace('unpermitted');
    const secret = world.scaleSetToCome('secret', 'elsewhere');
    const binding = await world.bind(secret, { userAssigned: ['three'] }, { namespace });
    const since = world.control.requests().at(-1)?.sequence ?? 0;
    const ended = await check();
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain('asked about what 2 of 3 bindings name; no policy permits the others');
    const paths = world.control.requests(since).map(({ path }) => path);
    expect(paths.filter((path) => path.includes('elsewhere') || path.endsWith('/three'))).toEqual([]);
    await binding.delete();
    await binding.untilGone();
  });

  it('is not even looked at where its namespace is not watched', async () => {
    const ended = await check({ flags: [`--watch-namespace=${world.namespace}`] });
    expect(troubles(ended)).toEqual([]);
    expect(ended.stdout).toContain('asked about all that 2 bindings name');
    expect(ended.stdout).toContain(
      `patch vmssidentitybindings.vmss-identity.dev/status in namespace ${world.namespace}`,
    );
  });
});

describe('a token that is not to be had', () => {
  it('is told with the federated credential that Entra lacks', async () => {
    const tokenFile = join(folder, 'strange-token');
    const { stdout: token } = await world.api.kubectl([
      'create',
      'token',
      'vmss-identity-operator',
      `--namespace=${bare}`,
      '--audience=api://AzureADTokenExchange',
    ]);
    await writeFile(tokenFile, token.trim());
    const ended = await check({ environment: { AZURE_FEDERATED_TOKEN_FILE: tokenFile } });
    const [lacking, notAsked] = troubles(ended);
    expect(lacking).toMatchObject({ verdict: 'missing', check: 'azure-token' });
    expect(lacking?.says).toMatch(/AADSTS70021\d?/);
    expect(lacking?.command).toMatch(/^az identity federated-credential create .* --issuer https:\/\/\S+ /);
    expect(lacking?.command).toContain(`--subject ${account.user} --audiences api://AzureADTokenExchange`);
    expect(notAsked).toMatchObject({ verdict: 'failed', check: 'azure-right', says: 'not asked: there is no token' });
    expect(ended.exitCode).toBe(1);
  });

  it('is told with the file that is not there', async () => {
    const [failed] = troubles(await check({ environment: { AZURE_FEDERATED_TOKEN_FILE: join(folder, 'nowhere') } }));
    expect(failed).toMatchObject({ verdict: 'failed', check: 'azure-token' });
    expect(failed?.says).toContain(join(folder, 'nowhere'));
  });
});

describe('an API server that does not answer', () => {
  it('is told, and Azure is looked at as far as it goes', async () => {
    const kubeconfig = join(folder, 'nobody.kubeconfig');
    const whole = await readFile(account.kubeconfig, 'utf8');
    await writeFile(kubeconfig, whole.replace(/server: .*/, 'server: https://127.0.0.1:1'));
    const ended = await check({ kubeconfig });
    const told = findingsIn(ended).map(({ verdict, check: name }) => `${verdict} ${name}`);
    expect(told).toEqual(['ok configuration', 'failed api-server', 'ok azure-token', 'failed azure-right']);
    expect(troubles(ended)[0]?.says).toContain('ECONNREFUSED');
    expect(ended.exitCode).toBe(1);
  });

  it('is told when nobody says where it is', async () => {
    const [failed] = troubles(await check({ kubeconfig: join(folder, 'nowhere') }));
    expect(failed).toMatchObject({ verdict: 'failed', check: 'api-server' });
    expect(failed?.says).toContain(join(folder, 'nowhere'));
  });
});

describe('a configuration that is not accepted', () => {
  it('ends with 2 before anything is looked at', async () => {
    const ended = await check({ flags: ['--interval=soon'] });
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toContain('--interval');
  });
});

/** Last: it gives the account its rights, bit by bit. */
describe('rights in Kubernetes that are missing', () => {
  const asAccount = (): Promise<Ended> => check({ kubeconfig: account.kubeconfig, flags: [`--namespace=${bare}`] });

  it('are told with commands that grant them: all of them, to an account that has none', async () => {
    const ended = await asAccount();
    const missing = troubles(ended).filter(({ check: name }) => name === 'kubernetes-right');
    expect(ended.exitCode).toBe(1);
    expect(
      findingsIn(ended).filter(({ check: name, verdict }) => name === 'kubernetes-right' && verdict === 'ok'),
    ).toEqual([]);
    expect(
      findingsIn(ended)
        .filter(({ check: name }) => name === 'definition')
        .map(({ verdict }) => verdict),
    ).toEqual(['ok', 'ok', 'ok']);
    expect(troubles(ended).at(-1)?.says).toContain('what bindings name is not known');

    // All but one, which the next test is about.
    for (const each of missing) if (!each.says.includes('/status')) await obey(each);
    const marked = ['label', 'clusterrole,clusterrolebinding', 'made-for=check-test'];
    const { stdout } = await world.api.kubectl(['get', 'clusterrole', '--output=name']);
    const made = stdout.split('\n').filter((name) => name.includes('vmss-identity-operator-may-'));
    const names = made.map((name) => name.slice(name.indexOf('/') + 1));
    await world.api.kubectl([...marked.slice(0, 2), ...names, ...marked.slice(2)]);
  });

  it('are told as the documentation shows it', async () => {
    world.control.setRights(checker(), { permissions: grants(WRITE, ASSIGN) });
    const page = await readFile(join(import.meta.dirname, '../../docs/check.md'), 'utf8');
    const shown = fencesOf(page).find(({ language }) => language === 'text')?.text;
    expect(asShown(await asAccount())).toBe(shown);
  });

  it('are no trouble any more when all commands were obeyed', async () => {
    const [status] = troubles(await asAccount());
    await obey(status!);
    const names = ['vmss-identity-operator-may-patch-vmssidentitybindings-status'];
    await world.api.kubectl(['label', 'clusterrole,clusterrolebinding', ...names, 'made-for=check-test']);
    const ended = await asAccount();
    expect(troubles(ended)).toEqual([]);
    expect(ended.exitCode).toBe(0);
  });
});

/** With the ids and addresses of the documentation. */
function asShown({ stdout }: Ended): string {
  const { objectId, tenantId } = principalOf();
  return stdout
    .replaceAll(bare, 'vmss-identity-system')
    .replaceAll(world.subscription, '11111111-1111-1111-1111-111111111111')
    .replaceAll(objectId, '22222222-2222-2222-2222-222222222222')
    .replaceAll(tenantId, '33333333-3333-3333-3333-333333333333')
    .replace(/\(https:\/\/127\.0\.0\.1:\d+\)/, '(https://management.azure.com)')
    .replace(/https:\/\/127\.0\.0\.1:\d+ answers \(v[^)]+\)/, 'https://10.0.0.1:443 answers (v1.36.3)');
}
