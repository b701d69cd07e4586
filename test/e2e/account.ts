/**
 * The operator's account in a world of its own: a service account in the world's namespace, with exactly the rights that a
 * folder of `deploy/` gives the operator, and the admission rules that go with them. What that folder says of a namespace is moved to one of the world.
 */
import { join } from 'node:path';

import { readCertificateAccess, writeKubeconfig } from '../../dev/control-plane/kubeconfig.ts';
import { eventually } from '../../dev/demo/wait.ts';
import {
  type Account,
  accountManifests,
  OPERATOR,
  type Role,
  type RoleBinding,
  userOf,
} from '../../dev/deploy/account.ts';
import { askedForBy, readAuditLog } from '../../dev/deploy/audit-log.ts';
import { DEPLOY, kustomize, type Manifest, manifestsIn } from '../../dev/deploy/kustomize.ts';
import { type AskedFor, compareRights } from '../../dev/deploy/rights.ts';
import { renamedRules, rulePath, untilInForce } from './admission-rules.ts';
import type { ApiServer } from './api-server.ts';

/** Folders of `deploy/` that give the operator rights of their own. */
export type Deployment = 'base' | 'overlays/shards' | 'overlays/single-namespace';

export interface AccountOptions {
  readonly api: ApiServer;
  readonly deployment: Deployment;
  /** Of the world; it is there. */
  readonly namespace: string;
  /** Makes another namespace of the world. */
  readonly createNamespace: (name: string) => Promise<void>;
  /** Gets the kubeconfig. */
  readonly folder: string;
}

/** The flags of `deploy/` that go with the rights. Where Azure is, and the like, is for the world to say. */
const SETTINGS = new Set(['VMSS_IDENTITY_SHARDS', 'VMSS_IDENTITY_WATCH_NAMESPACE']);
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

interface Variable {
  readonly name: string;
  readonly value: string;
}

interface Deployed extends Manifest {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly [{ readonly env: readonly Variable[] }] } };
  };
}

export class OperatorAccount {
  readonly kubeconfig: string;
  readonly user: string;
  readonly roles: readonly Role[];
  /** What the operator has to be started with. */
  readonly flags: readonly string[];
  /** Where bindings are served. */
  readonly servedNamespace: string;
  readonly #options: AccountOptions;
  readonly #paths: string[] = [];

  static async install(options: AccountOptions): Promise<OperatorAccount> {
    const manifests = manifestsIn(await kustomize(options.api.kubectlPath, join(DEPLOY, options.deployment)));
    const account = new OperatorAccount(options, manifests);
    try {
      await account.#install(manifests);
    } catch (error) {
      // Rules that let nobody but this account would refuse every world to come.
      await account.remove();
      throw error;
    }
    return account;
  }

  private constructor(options: AccountOptions, manifests: readonly Manifest[]) {
    const { namespace, folder, deployment } = options;
    this.#options = options;
    this.kubeconfig = join(folder, 'operator.kubeconfig');
    this.user = userOf(this.#account);
    this.roles = accountManifests(manifests, OPERATOR).roles;
    this.servedNamespace = deployment === 'overlays/single-namespace' ? this.#moved('shop') : namespace;
    const deployed = manifests.find((each): each is Deployed => each.kind === 'Deployment');
    const variables = deployed?.spec.template.spec.containers[0].env ?? [];
    const isSetting = ({ name }: Variable): boolean => SETTINGS.has(name);
    this.flags = variables
      .filter(isSetting)
      .map(({ name, value }) => flagOf(name, value === 'shop' ? this.servedNamespace : value));
  }

  get #account(): Account {
    return { namespace: this.#options.namespace, name: OPERATOR.name };
  }

  /** Names more Leases to the operator's Role, as an administrator does before the number of shards changes. */
  async allowLeases(...resourceNames: readonly string[]): Promise<void> {
    const { namespace } = this.#options;
    const metadata = { name: 'more-leases', namespace };
    const rules = [
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames, verbs: ['get', 'update'] },
    ];
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name };
    const subjects = [{ kind: 'ServiceAccount', ...this.#account }];
    await this.#apply({ apiVersion, kind: 'Role', metadata, rules } as Role);
    await this.#apply({ apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects } as RoleBinding);
    for (const name of resourceNames) await this.#untilAllowed({ verb: 'update', resource: 'leases', name, namespace });
  }

  /** Everything that the operator has asked Kubernetes for so far; a watch is there when it has ended. */
  async askedFor(): Promise<readonly AskedFor[]> {
    const { auditLogPath } = this.#options.api;
    if (auditLogPath === undefined) throw new Error('the control plane writes no audit log');
    return askedForBy(this.user, await readAuditLog(auditLogPath));
  }

  /** What the operator has asked for and has no right to, as far as that is written down. */
  async refused(): Promise<readonly string[]> {
    if (this.#options.api.auditLogPath === undefined) return [];
    return compareRights([], await this.askedFor()).missing;
  }

  /** Takes away all that `install` has brought, the namespace aside. */
  async remove(): Promise<void> {
    for (const path of this.#paths.splice(0).toReversed()) await this.#options.api.delete(path);
  }

  async #install(manifests: readonly Manifest[]): Promise<void> {
    const { account, roles, bindings } = accountManifests(manifests, OPERATOR);
    const { namespace, createNamespace } = this.#options;
    if (this.servedNamespace !== namespace) await createNamespace(this.servedNamespace);
    for (const role of roles) await this.#apply({ ...role, metadata: this.#placed(role) });
    for (const binding of bindings) await this.#apply(this.#movedBinding(binding));
    await this.#apply({ ...account, metadata: { name: account.metadata.name, namespace } });
    for (const rule of renamedRules(manifests, (name) => this.#renamed(name))) await this.#apply(rule);
    await this.#writeKubeconfig();
    await this.#untilAllowed({ verb: 'get', resource: 'leases', name: OPERATOR.name, namespace });
    await this.#untilAllowed({ verb: 'watch', resource: 'vmssidentitybindings', namespace: this.servedNamespace });
    await untilInForce(this.#options.api, namespace);
  }

  #movedBinding(binding: RoleBinding): RoleBinding {
    return {
      ...binding,
      metadata: this.#placed(binding),
      roleRef: { ...binding.roleRef, name: this.#renamed(binding.roleRef.name) },
      subjects: [{ kind: 'ServiceAccount', ...this.#account }],
    };
  }

  /** Names are of the world, for in `default` and in the cluster there may be those of another one. */
  #placed({ metadata: { name, namespace } }: Manifest): Manifest['metadata'] {
    return { name: this.#renamed(name), ...(namespace === undefined ? {} : { namespace: this.#moved(namespace) }) };
  }

  #renamed(name: string): string {
    return `${name}-${this.#options.namespace}`;
  }

  #moved(namespace: string): string {
    const own = this.#options.namespace;
    if (namespace === 'default') return namespace;
    return namespace === OPERATOR.namespace ? own : `${own}-${namespace}`;
  }

  async #apply(manifest: Manifest): Promise<void> {
    const path = pathOf(manifest);
    this.#paths.push(path);
    await this.#options.api.apply(path, manifest);
  }

  async #writeKubeconfig(): Promise<void> {
    const { api, namespace } = this.#options;
    const { origin, tls } = await readCertificateAccess(api.kubeconfig);
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${OPERATOR.name}/token`;
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { status } = await api.create<{ readonly status: { readonly token: string } }>(path, request);
    const user = { type: 'token', token: status.token } as const;
    await writeKubeconfig(this.kubeconfig, { url: origin, caPem: tls.ca, user, namespace });
  }

  /** The authorizer hears of what was applied a moment later. */
  async #untilAllowed(resource: Readonly<Record<string, string>>): Promise<void> {
    const group = resource['resource'] === 'leases' ? 'coordination.k8s.io' : 'vmss-identity.dev';
    const spec = { user: this.user, resourceAttributes: { ...resource, group } };
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
    await eventually(`the right to ${JSON.stringify(resource)}`, async () => {
      const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
      const { status } = await this.#options.api.create<{ readonly status: { readonly allowed: boolean } }>(
        path,
        review,
      );
      return status.allowed;
    });
  }
}

function pathOf(manifest: Manifest): string {
  const { kind, metadata } = manifest;
  const { name, namespace } = metadata;
  const base = kind === 'ServiceAccount' ? '/api/v1' : RBAC;
  const place = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return rulePath(manifest) ?? `${base}${place}/${kind.toLowerCase()}s/${name}`;
}

/** As a flag, for flags that a test gives come beside it. */
function flagOf(variable: string, value: string): string {
  return `--${variable
    .replace(/^VMSS_IDENTITY_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}=${value}`;
}
