/** What one test file keeps in the cluster that all files share, and how all of it goes again. */
import { eventually } from '../../dev/demo/wait.ts';
import { API_VERSION, type VmssIdentityBinding, type VmssIdentityLedger } from '../../src/api/types.ts';
import type { ApiServer } from './api-server.ts';
import { bindingPath } from './binding.ts';

const LEDGERS = `/apis/${API_VERSION}/vmssidentityledgers`;

export const policyPath = (name: string): string => `/apis/${API_VERSION}/vmssidentitypolicies/${name}`;

export class KeptObjects {
  readonly namespaces = new Set<string>();
  readonly policies = new Set<string>();
  readonly #api: ApiServer;
  readonly #subscriptions: readonly string[];

  constructor(api: ApiServer, subscriptions: readonly string[]) {
    this.#api = api;
    this.#subscriptions = subscriptions;
  }

  async bindings(): Promise<readonly VmssIdentityBinding[]> {
    const all = await this.#api.list<VmssIdentityBinding>(`/apis/${API_VERSION}/vmssidentitybindings`);
    return all.filter(({ metadata }) => this.namespaces.has(metadata.namespace));
  }

  async ledgers(): Promise<readonly VmssIdentityLedger[]> {
    const all = await this.#api.list<VmssIdentityLedger>(LEDGERS);
    return all.filter(({ spec }) => this.#subscriptions.some((each) => spec.scaleSetId.includes(each)));
  }

  /** Deletes every binding, and waits until the operator has let go of all of them and has nothing left on record. */
  async deleteAll(): Promise<void> {
    for (const { metadata } of await this.bindings()) await this.#api.delete(bindingPath(metadata));
    const left = async (): Promise<readonly unknown[]> => [...(await this.bindings()), ...(await this.ledgers())];
    try {
      await eventually('every binding and every ledger to be gone', async () => (await left()).length === 0);
    } catch (error) {
      throw new Error(`left behind: ${JSON.stringify(await left(), undefined, 1)}`, { cause: error });
    }
  }

  /** Takes away what is left, so that the next file finds the cluster empty after a failure as well. */
  async sweep(): Promise<void> {
    // What a world brought that did not come about refuses everything for a second or so after it is gone.
    await eventually('everything to be swept', async () => {
      await this.#sweepOnce();
      return true;
    });
  }

  async #sweepOnce(): Promise<void> {
    for (const { metadata } of await this.bindings()) {
      await this.#api.patch(bindingPath(metadata), { metadata: { finalizers: null } });
      await this.#api.delete(bindingPath(metadata));
    }
    for (const { metadata } of await this.ledgers()) await this.#api.delete(`${LEDGERS}/${metadata.name}`);
    for (const policy of this.policies) await this.#api.delete(policyPath(policy));
  }
}
