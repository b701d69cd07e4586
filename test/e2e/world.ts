/**
 * One world for each test file: a subscription of its own in a simulated Azure of its own, namespaces of its own in the
 * control plane that all files share, and the built operator as a process between the two.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'vitest';

import { type OperatorOptions, type OperatorProcess, startOperator } from '../../dev/demo/operator-process.ts';
import { establishTrust, type Trust } from '../../dev/demo/trust.ts';
import { eventually } from '../../dev/demo/wait.ts';
import type { Control } from '../../dev/simulator/control/control.ts';
import { type Simulator, startSimulator } from '../../dev/simulator/simulator.ts';
import { API_VERSION, type VmssIdentityLedger, type VmssIdentityPolicySpec } from '../../src/api/types.ts';
import { OperatorAccount } from './account.ts';
import { type ApiServer, type KubeObject, openApiServer } from './api-server.ts';
import { Binding, bindingPath, type Declared } from './binding.ts';
import { Bystanders } from './bystanders.ts';
import { ConditionWatch } from './condition-watch.ts';
import { installDefinitions } from './definitions.ts';
import { KeptObjects, policyPath } from './kept-objects.ts';
import { bundleFor } from './operator-bundle.ts';
import { ScaleSet } from './scale-set.ts';
import { type WholeIdentity, wholeIdentityOf } from './whole-identity.ts';
import { withDefaults } from './with-defaults.ts';
import type { BindOptions, OperatorChanges, ScaleSetOptions, WorldOptions } from './world-options.ts';

const IDENTITIES = ['one', 'two', 'three', 'theirs', 'more'];
/** Whatever looks like a JSON web token, or a header with a token. */
const TOKEN = /\beyJ[\w-]{10,}\.[\w-]{10,}|\bBearer [\w-]{20,}/i;

export async function startWorld(options: WorldOptions): Promise<World> {
  const api = await openApiServer(options.cluster);
  await installDefinitions(api);
  const tenant = randomUUID();
  const subscriptions = Array.from({ length: options.subscriptions ?? 1 }, () => randomUUID());
  const clientIds = Array.from({ length: options.clients ?? 1 }, () => randomUUID());
  const trust = await establishTrust(api.kubectl, { clientId: clientIds[0]!, tenant });
  const principals = clientIds.map((clientId) => ({ ...trust.principal, clientId }));
  const folder = await mkdtemp(join(tmpdir(), 'vmss-identity-e2e-'));
  const groups = [
    { name: 'apps', location: 'westeurope' },
    { name: 'identities', location: 'westeurope', identities: IDENTITIES.map((name) => ({ name })) },
  ];
  const simulator = await startSimulator({
    operationMs: options.operationMs ?? 0,
    caFile: join(folder, 'azure-ca.pem'),
    seed: { principals, subscriptions: subscriptions.map((id) => ({ id, tenant, resourceGroups: groups })) },
  });
  const world = new World({ options, api, folder, simulator, tenant, subscriptions, clientIds, trust });
  try {
    await world.begin();
  } catch (error) {
    await world.release();
    throw error;
  }
  return world;
}

interface Parts {
  readonly options: WorldOptions;
  readonly api: ApiServer;
  readonly folder: string;
  readonly simulator: Simulator;
  readonly tenant: string;
  readonly subscriptions: readonly string[];
  readonly clientIds: readonly string[];
  readonly trust: Trust;
}

export class World {
  readonly api: ApiServer;
  readonly control: Control;
  readonly bystanders: Bystanders;
  readonly subscriptions: readonly string[];
  /** The first of them. */
  readonly subscription: string;
  readonly clientIds: readonly string[];
  /** Where most bindings of the file are. */
  readonly namespace: string;
  readonly #parts: Parts;
  readonly #conditions = new ConditionWatch();
  readonly #kept: KeptObjects;
  readonly #operators: OperatorProcess[] = [];
  #account: OperatorAccount | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.api = parts.api;
    this.control = parts.simulator.control;
    this.subscriptions = parts.subscriptions;
    this.subscription = parts.subscriptions[0]!;
    this.clientIds = parts.clientIds;
    this.bystanders = new Bystanders(this.control);
    this.#kept = new KeptObjects(parts.api, parts.subscriptions);
    this.namespace = `${parts.options.name}-${randomUUID().slice(0, 8)}`;
  }

  async begin(): Promise<void> {
    await this.#createNamespace(this.namespace);
    this.#account = await OperatorAccount.install({
      api: this.api,
      deployment: this.#parts.options.deployment ?? 'base',
      namespace: this.namespace,
      createNamespace: (name) => this.#createNamespace(name),
      folder: this.#parts.folder,
    });
    await this.#conditions.start(this.api, this.#kept.namespaces);
    await this.startOperator();
  }

  /** Who the operator is to Kubernetes. */
  get account(): OperatorAccount {
    if (this.#account === undefined) throw new Error('the world has not begun');
    return this.#account;
  }

  /** What the operator signs in to Azure as. */
  get clientId(): string {
    return this.clientIds[0]!;
  }

  /** Deletes a binding without its finalizer, which the operator would put back at once: it stands still meanwhile. */
  async tearOut(binding: Binding): Promise<void> {
    this.operator.signal('SIGSTOP');
    try {
      await this.api.patch(binding.path, { metadata: { finalizers: null } });
      await binding.delete();
    } finally {
      this.operator.signal('SIGCONT');
    }
  }

  get operators(): readonly OperatorProcess[] {
    return this.#operators;
  }

  get operator(): OperatorProcess {
    return this.#operators.at(-1)!;
  }

  /** Where Azure answers who does not ask by HTTPS. */
  get azureUrl(): string {
    return this.#parts.simulator.httpUrl;
  }

  /** What the operator signs in with. */
  get tokenFile(): string {
    return join(this.#parts.folder, 'token');
  }

  /** What an operator is told of Azure that a test starts by itself. */
  get azure(): { readonly url: string; readonly caFile: string; readonly tenantId: string } {
    const { simulator, tenant } = this.#parts;
    return { url: simulator.httpsUrl, caFile: simulator.caPath ?? '', tenantId: tenant };
  }

  get trustedToken(): string {
    return this.#parts.trust.token;
  }

  identityId(name: string): string {
    return `/subscriptions/${this.subscription}/resourceGroups/identities/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
  }

  /** Where the operator looks for identities that are gone, or another one's. */
  get identityListPath(): string {
    return `/subscriptions/${this.subscription}/providers/Microsoft.ManagedIdentity/userAssignedIdentities`;
  }

  /** Where the operator looks for drift. */
  get listPath(): string {
    return `/subscriptions/${this.subscription}/providers/Microsoft.Compute/virtualMachineScaleSets`;
  }

  /** A scale set that is there. */
  scaleSet(name: string, options: ScaleSetOptions = {}): ScaleSet {
    const { foreign = [], systemAssigned = false, subscription = this.subscription, ...seed } = options;
    const { tenant } = this.#parts;
    const identity = { systemAssigned, userAssigned: foreign.map((each) => this.identityId(each)) };
    const group = { name: 'apps', location: 'westeurope', scaleSets: [{ name, identity, ...seed }] };
    this.control.seed({ subscriptions: [{ id: subscription, tenant, resourceGroups: [group] }] });
    const set = this.scaleSetToCome(name, 'apps', subscription);
    this.bystanders.watch(set.id);
    return set;
  }

  /** A scale set that is not there. */
  scaleSetToCome(name: string, resourceGroup = 'apps', subscription = this.subscription): ScaleSet {
    const id = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;
    const { control, bystanders } = this;
    return new ScaleSet({ id, control, bystanders, identityId: (identity) => this.identityId(identity) });
  }

  /** A binding of the scale set, not applied yet. */
  binding(set: ScaleSet, { name = set.name, namespace = this.namespace }: BindOptions = {}): Binding {
    const identityId = (identity: string): string => this.identityId(identity);
    return new Binding({ api: this.api, namespace, name, scaleSetId: set.id, identityId });
  }

  async bind(set: ScaleSet, declared: Declared, options: BindOptions = {}): Promise<Binding> {
    const binding = this.binding(set, options);
    await binding.apply(declared);
    return binding;
  }

  async createNamespace(name: string): Promise<string> {
    const unique = `${name}-${randomUUID().slice(0, 8)}`;
    await this.#createNamespace(unique);
    return unique;
  }

  /** Applies a policy; by default one that allows the world's namespace everything in the world's subscriptions. */
  async allow(spec: Partial<VmssIdentityPolicySpec> = {}, name = 'all'): Promise<string> {
    const everything = this.subscriptions.map((each) => `/subscriptions/${each}/**`);
    const unique = `${this.namespace}-${name}`;
    const whole = { namespaces: [this.namespace], scaleSets: everything, userAssigned: everything, ...spec };
    const policy = { apiVersion: API_VERSION, kind: 'VmssIdentityPolicy', metadata: { name: unique }, spec: whole };
    await this.#applyPolicy(policy);
    return unique;
  }

  /** Applies namespaces, policies and bindings one after the other, as a person would. */
  async applyAll(manifests: readonly KubeObject[]): Promise<void> {
    for (const manifest of manifests) {
      const { kind, metadata } = manifest;
      const { name, namespace = '' } = metadata;
      if (kind === 'Namespace') await this.#createNamespace(name);
      else if (kind === 'VmssIdentityBinding') await this.api.apply(bindingPath({ name, namespace }), manifest);
      else await this.#applyPolicy(manifest);
    }
  }

  async disallow(policy: string): Promise<void> {
    await this.api.delete(policyPath(policy));
  }

  /** As Azure shows it; undefined where the scale set has none. */
  wholeIdentity({ id }: ScaleSet): WholeIdentity | undefined {
    return wholeIdentityOf(this.#parts.simulator.state, id);
  }

  async ledgerOf({ id }: ScaleSet): Promise<VmssIdentityLedger | undefined> {
    return (await this.#kept.ledgers()).find(({ spec }) => spec.scaleSetId.toLowerCase() === id.toLowerCase());
  }

  /** Waits until the operator has looked for drift so many times from now on, and has done what came of it. */
  async intervals(count: number): Promise<void> {
    const since = this.control.requests().at(-1)?.sequence ?? 0;
    await eventually(`${String(count)} intervals`, () => {
      const lists = this.control
        .requests(since)
        .filter(({ path, status }) => path === this.listPath && status !== undefined);
      // The passes over one list are done when the next one comes.
      return lists.length > count;
    });
  }

  async startOperator(changes: OperatorChanges = {}): Promise<OperatorProcess> {
    const operator = await startOperator(await this.optionsOf(changes));
    this.#operators.push(operator);
    return operator;
  }

  /** How an operator of this world is started. */
  async optionsOf(changes: OperatorChanges): Promise<OperatorOptions> {
    const { token = this.trustedToken, kubeconfig = this.account.kubeconfig } = changes;
    const { flags = [], client = 0, environment = {} } = changes;
    const { simulator, tenant, options } = this.#parts;
    await writeFile(this.tokenFile, token, { mode: 0o600 });
    return {
      bundle: await bundleFor(this.api.kubeconfig),
      kubeconfig,
      azureUrl: simulator.httpsUrl,
      caFile: simulator.caPath ?? '',
      tenantId: tenant,
      clientId: this.clientIds[client]!,
      tokenFile: this.tokenFile,
      environment,
      flags: withDefaults(
        [...this.account.flags, ...(options.flags ?? []), ...flags],
        [
          '--interval=1s',
          '--exclusive-delay=2s',
          '--log-level=debug',
          `--namespace=${this.namespace}`,
          // Who follows one that was killed waits for it to run out.
          `--lease-duration=${String(options.leaseSeconds ?? 15)}s`,
        ],
      ),
    };
  }

  /** Ends it at once, as a node that dies does. */
  async killOperator(): Promise<void> {
    await this.operator.stop('SIGKILL');
  }

  async restartOperator(changes: OperatorChanges = {}): Promise<void> {
    expect(await this.operator.stop()).toBe(0);
    await this.startOperator(changes);
  }

  /** Deletes everything, and asserts what must hold at the end of every file, whatever its tests did. */
  async close(): Promise<void> {
    const { control } = this;
    control.clearFaults();
    control.settings({ operationMs: 0 });
    control.finishOperations();
    try {
      await this.#kept.deleteAll();
      expect(this.bystanders.harmed()).toEqual([]);
      expect(this.#operators.filter((operator) => !operator.isRunning() && !operator.wasStopped())).toEqual([]);
      for (const operator of this.#operators) if (operator.isRunning()) expect(await operator.stop()).toBe(0);
      expect(await this.account.refused()).toEqual([]);
      expect(this.#conditions.broken).toEqual([]);
      expect(this.#conditions.seen).toBeGreaterThan(0);
      for (const operator of this.#operators) {
        const log = operator.log();
        expect(log).not.toMatch(TOKEN);
        expect(log).not.toContain("ValidatingAdmissionPolicy 'vmss-identity-operator");
        // Nothing but the operator's own lines: no warning of Node's, no stack trace.
        expect(log.split('\n').filter((line) => line !== '' && !line.startsWith('{"time":'))).toEqual([]);
      }
    } finally {
      await this.release();
    }
  }

  /** Ends everything, and leaves nothing behind. */
  async release(): Promise<void> {
    for (const operator of this.#operators) await operator.stop('SIGKILL');
    try {
      await this.#kept.sweep();
    } finally {
      // Its rules would refuse every world to come.
      await this.#account?.remove();
      await this.api.close();
      await this.#parts.simulator.stop();
      await rm(this.#parts.folder, { recursive: true, force: true });
    }
  }

  async #applyPolicy(policy: KubeObject): Promise<void> {
    await this.api.apply(policyPath(policy.metadata.name), policy);
    this.#kept.policies.add(policy.metadata.name);
  }

  async #createNamespace(name: string): Promise<void> {
    await this.api.apply(`/api/v1/namespaces/${name}`, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    this.#kept.namespaces.add(name);
  }
}
