/** One binding in the cluster. */
import { eventually } from '../../dev/demo/wait.ts';
import type { Reason } from '../../src/api/reasons.ts';
import {
  API_VERSION,
  type Condition,
  FINALIZER,
  type IdentityStatus,
  REQUESTED_AT_ANNOTATION,
  type VmssIdentityBinding,
  type VmssIdentityBindingSpec,
} from '../../src/api/types.ts';
import type { ApiServer, KubeObject } from './api-server.ts';
import { nameOf } from './identity-writes.ts';

/** What a test declares; identities by name. */
export interface Declared extends Partial<Omit<VmssIdentityBindingSpec, 'scaleSet' | 'userAssigned'>> {
  readonly userAssigned?: readonly string[];
  /** Of those, the ones with `adopt: true`. */
  readonly adopt?: readonly string[];
}

export interface BindingParts {
  readonly api: ApiServer;
  readonly namespace: string;
  readonly name: string;
  readonly scaleSetId: string;
  readonly identityId: (name: string) => string;
}

export const bindingPath = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `/apis/${API_VERSION}/namespaces/${namespace}/vmssidentitybindings/${name}`;

export const readyOf = ({ status }: VmssIdentityBinding): Condition | undefined =>
  status.conditions?.find(({ type }) => type === 'Ready');

/** Reconciling or Stalled, whichever it shows. */
export const companionOf = ({ status }: VmssIdentityBinding): string | undefined =>
  status.conditions?.find(({ type }) => type !== 'Ready')?.type;

/** What a binding says of one identity. */
export function identityOf({ status }: VmssIdentityBinding, name: string): IdentityStatus {
  const found = status.userAssigned?.find(({ resourceId }) => nameOf(resourceId) === name);
  if (found === undefined) throw new Error(`the binding says nothing of ${name}`);
  return found;
}

/** Its Ready condition speaks of the spec that is there now, and of every request to look again. */
const isCurrent = ({ metadata, status }: VmssIdentityBinding): boolean =>
  status.observedGeneration === metadata.generation &&
  status.lastHandledReconcileAt === metadata.annotations?.[REQUESTED_AT_ANNOTATION];

export class Binding {
  readonly path: string;
  readonly namespace: string;
  readonly name: string;
  readonly #parts: BindingParts;
  #requests = 0;

  constructor(parts: BindingParts) {
    this.#parts = parts;
    this.namespace = parts.namespace;
    this.name = parts.name;
    this.path = bindingPath(parts);
  }

  /** The object as a person would write it. */
  manifest({ userAssigned = [], adopt = [], ...rest }: Declared): KubeObject & { readonly spec: unknown } {
    const { namespace, name, scaleSetId, identityId } = this.#parts;
    const identities = userAssigned.map((identity) => ({
      resourceId: identity.startsWith('/') ? identity : identityId(identity),
      ...(adopt.includes(identity) ? { adopt: true } : {}),
    }));
    const spec = { scaleSet: { resourceId: scaleSetId }, userAssigned: identities, ...rest };
    return { apiVersion: API_VERSION, kind: 'VmssIdentityBinding', metadata: { name, namespace }, spec };
  }

  /** Creates it, or changes its spec to this. */
  async apply(declared: Declared): Promise<VmssIdentityBinding> {
    return this.#parts.api.apply(this.path, this.manifest(declared));
  }

  async read(): Promise<VmssIdentityBinding | undefined> {
    return this.#parts.api.get<VmssIdentityBinding>(this.path);
  }

  /** Waits until it is as a test wants it, with a status that speaks of its present spec. */
  async until(what: string, holds: (binding: VmssIdentityBinding) => boolean): Promise<VmssIdentityBinding> {
    try {
      return await eventually(`${this.name} ${what}`, async () => {
        const found = await this.read();
        return found !== undefined && isCurrent(found) && holds(found) && found;
      });
    } catch (error) {
      const found = await this.read();
      const shown = JSON.stringify({ ...found?.metadata, managedFields: undefined, ...found?.status }, undefined, 1);
      throw new Error(`waited in vain until ${this.name} ${what}: ${shown}`, { cause: error });
    }
  }

  /** Waits until its Ready condition has this reason. */
  async shows(reason: Reason): Promise<VmssIdentityBinding> {
    return this.until(`shows ${reason}`, (found) => readyOf(found)?.reason === reason);
  }

  async ready(): Promise<VmssIdentityBinding> {
    return this.until('is ready', (found) => readyOf(found)?.status === 'True');
  }

  /** Asks the operator for a pass at once. */
  async askAgain(): Promise<void> {
    this.#requests += 1;
    await this.annotate(REQUESTED_AT_ANNOTATION, `request-${String(this.#requests)}`);
  }

  async annotate(name: string, value: string): Promise<void> {
    await this.#parts.api.patch(this.path, { metadata: { annotations: { [name]: value } } });
  }

  async isFinalized(): Promise<boolean> {
    return (await this.read())?.metadata.finalizers?.includes(FINALIZER) === true;
  }

  /** Asks for its deletion. */
  async delete(): Promise<void> {
    await this.#parts.api.delete(this.path);
  }

  async isGone(): Promise<boolean> {
    return (await this.read()) === undefined;
  }

  async untilGone(): Promise<void> {
    try {
      await eventually(`${this.name} to be gone`, () => this.isGone());
    } catch (error) {
      throw new Error(`${this.name} did not go: ${JSON.stringify(await this.read(), undefined, 1)}`, { cause: error });
    }
  }
}
