/** Ledgers as the cluster has them: read from a reflector, written under the version that was read. */
import { API_VERSION, LEDGER, type VmssIdentityLedger } from '../api/types.ts';
import { type ArmKey, armKey, parseScaleSetId } from '../identity/arm-id.ts';
import type { Ledger } from '../identity/ledger.ts';
import { ledgerName } from '../reconcile/ledger-name.ts';
import type { KubeClient } from './client.ts';
import { isKubeError } from './errors.ts';
import type { OwnWrites } from './own-writes.ts';
import type { ChangeSource, ObjectHandler, Reflector } from './reflector.ts';
import { ResourceClient, type Stored } from './resource-client.ts';
import { type Urgency, urgencyOf } from './urgency.ts';

type StoredLedger = Stored<VmssIdentityLedger>;

export interface LedgersOptions {
  readonly client: KubeClient;
  readonly ownWrites: OwnWrites;
  readonly changed: (scaleSet: ArmKey, urgency: Urgency) => void;
  /** Makes the reflector, not started yet. */
  readonly reflect: (
    client: ResourceClient<VmssIdentityLedger>,
    handler: ObjectHandler<StoredLedger>,
  ) => Reflector<VmssIdentityLedger>;
}

export class Ledgers {
  readonly reflector: Reflector<VmssIdentityLedger>;
  readonly #client: ResourceClient<VmssIdentityLedger>;
  readonly #options: LedgersOptions;

  constructor(options: LedgersOptions) {
    this.#options = options;
    this.#client = new ResourceClient(options.client, LEDGER);
    this.reflector = options.reflect(this.#client, this.#handler());
  }

  of(scaleSet: ArmKey): VmssIdentityLedger | undefined {
    const ledger = this.reflector.get(nameFor(scaleSet));
    return ledger !== undefined && armKey(ledger.spec.scaleSetId) === scaleSet ? ledger : undefined;
  }

  /** The scale sets that something is on record of. */
  scaleSets(): readonly ArmKey[] {
    return this.reflector.list().map(({ spec }) => armKey(spec.scaleSetId));
  }

  async save(
    scaleSet: ArmKey,
    current: VmssIdentityLedger | undefined,
    spec: Ledger,
    signal: AbortSignal,
  ): Promise<VmssIdentityLedger> {
    const { ownWrites, changed } = this.#options;
    const object = current === undefined ? newLedger(scaleSet, spec) : { ...current, spec };
    const write = async (): Promise<StoredLedger> => {
      const saved =
        current === undefined
          ? await this.#client.create(object, { signal })
          : await this.#client.replace(object, { signal });
      this.reflector.noteWrite(saved);
      return saved;
    };
    try {
      return await ownWrites.run(nameOfWrites(scaleSet), () => changed(scaleSet, 'high'), write);
    } catch (error) {
      await this.#lookAfter(error, object, signal);
      throw error;
    }
  }

  async delete(current: VmssIdentityLedger, signal: AbortSignal): Promise<void> {
    const { uid, resourceVersion } = current.metadata;
    try {
      await this.#client.delete(current.metadata, { uid, resourceVersion, signal });
    } catch (error) {
      await this.#lookAfter(error, current, signal);
      throw error;
    }
    this.reflector.noteDeletion(current);
  }

  /**
   * What a write was refused for shows that it was planned on an old view, and the watch may have fallen silent: so that
   * the next pass goes by what is there, it is read by itself.
   */
  async #lookAfter(error: unknown, { metadata }: VmssIdentityLedger, signal: AbortSignal): Promise<void> {
    if (!isKubeError(error, 'conflict', 'alreadyExists', 'notFound')) return;
    try {
      this.reflector.noteWrite(await this.#client.get(metadata, { signal }));
    } catch (unread) {
      if (!isKubeError(unread, 'notFound')) return;
      const known = this.reflector.get(metadata.name);
      if (known !== undefined) this.reflector.noteDeletion(known);
    }
  }

  #handler(): ObjectHandler<StoredLedger> {
    const { ownWrites, changed } = this.#options;
    const look = ({ metadata, spec }: StoredLedger, source: ChangeSource): void => {
      const scaleSet = armKey(spec.scaleSetId);
      if (source === 'write' || ownWrites.mayBe(nameOfWrites(scaleSet), metadata.resourceVersion)) return;
      changed(scaleSet, urgencyOf(source));
    };
    return { added: look, updated: (_old, ledger, source) => look(ledger, source), deleted: look };
  }
}

function nameOfWrites(scaleSet: ArmKey): string {
  return `ledger ${scaleSet}`;
}

function nameFor(scaleSet: ArmKey): string {
  const parsed = parseScaleSetId(scaleSet);
  return ledgerName({ key: scaleSet, name: parsed.ok ? parsed.id.name : '' });
}

/** The server gives it the rest of its metadata. */
function newLedger(scaleSet: ArmKey, spec: Ledger): VmssIdentityLedger {
  const metadata = { name: nameFor(scaleSet) } as VmssIdentityLedger['metadata'];
  return { apiVersion: API_VERSION, kind: 'VmssIdentityLedger', metadata, spec };
}
