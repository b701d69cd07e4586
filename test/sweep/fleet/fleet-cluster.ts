/** The cluster of a fleet: a namespace for each subscription, a binding for each scale set, and a policy for all. */
import type { Dispatcher } from 'undici';

import type { FleetPart } from '../../../dev/bench/ideal/least-requests.ts';
import { API_VERSION, BINDING, POLICY, type VmssIdentityBinding } from '../../../src/api/types.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { seededRandom } from '../../unit/runtime/virtual-clock.ts';
import { OPERATOR_NAMESPACE } from '../incarnation.ts';
import { MemoryApiServer } from '../kube/memory-api-server.ts';
import type { Change } from '../kube/object-store.ts';
import { collectionOf } from '../kube/served-kind.ts';
import type { Coming } from '../kube-seam.ts';
import type { FleetTime } from './fleet-time.ts';
import { counted, type Fleet, identityIdOf, namespaceOf, partsOf, scaleSetIdOf, scaleSetNameOf } from './layout.ts';
import { Traffic } from './traffic.ts';

const BINDINGS = collectionOf(BINDING);
/** As the API server has etcd forget what is older. */
const COMPACT_EVERY_MS = 5 * 60_000;

export class FleetCluster {
  readonly traffic: Traffic;
  readonly #api: MemoryApiServer;
  readonly #time: FleetTime;
  readonly #kubeLatencyMs: number;
  readonly #ready = new Set<string>();

  constructor(fleet: Fleet, time: FleetTime) {
    this.#time = time;
    this.#kubeLatencyMs = fleet.kubeLatencyMs;
    this.traffic = new Traffic(() => time.elapsedMs);
    this.#api = new MemoryApiServer({ clock: time.clock, random: seededRandom() });
    this.#api.users.createNamespace(OPERATOR_NAMESPACE);
    for (const [number, part] of partsOf(fleet).entries()) this.#declare(part, namespaceOf(number));
    this.#api.users.apply(POLICY, policyOf(partsOf(fleet)));
    this.#api.compact();
    this.#api.onChange((change) => this.#note(change));
    this.#compactAfter(this.#api.revision);
  }

  /** How many bindings say of their present spec that all is as declared. */
  get ready(): number {
    return this.#ready.size;
  }

  /** A client's way to it. There are as many connections as it takes. */
  dispatcher(client: string): Dispatcher {
    const { clock } = this.#time;
    const oneWayMs = this.#kubeLatencyMs / 2;
    const comeLater = (next: Coming): void => {
      clock.setTimer(oneWayMs, () => next.deliver());
    };
    return this.#api.dispatcher({
      client,
      seam: {
        call: async (call) => {
          this.traffic.note(call.method === 'GET' ? 'read' : 'write');
          await clock.sleep(oneWayMs);
          const reply = call.perform();
          await clock.sleep(oneWayMs);
          return reply;
        },
        event: comeLater,
        end: comeLater,
      },
    });
  }

  #declare(part: FleetPart, namespace: string): void {
    this.#api.users.createNamespace(namespace);
    const userAssigned = counted(part.identitiesPerSet, (index) => ({ resourceId: identityIdOf(part, index) }));
    for (let index = 0; index < part.scaleSets; index++) {
      this.#api.users.apply(BINDING, {
        apiVersion: API_VERSION,
        kind: BINDING.kind,
        metadata: { name: scaleSetNameOf(index), namespace },
        spec: { scaleSet: { resourceId: scaleSetIdOf(part, index) }, userAssigned },
      } as KubeObject);
    }
  }

  #note({ collection, key, object }: Change): void {
    if (collection !== BINDINGS) return;
    const { metadata, status } = object as object as VmssIdentityBinding;
    const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
    if (ready && status.observedGeneration === metadata.generation) this.#ready.add(key);
    else this.#ready.delete(key);
  }

  #compactAfter(revision: number): void {
    this.#time.clock.setTimer(COMPACT_EVERY_MS, () => {
      this.#api.compact(revision);
      this.#compactAfter(this.#api.revision);
    });
  }
}

function policyOf(parts: readonly FleetPart[]): KubeObject {
  const everything = parts.map(({ subscription }) => `/subscriptions/${subscription}/**`);
  const spec = { namespaces: ['team-*'], scaleSets: everything, userAssigned: everything };
  return { apiVersion: API_VERSION, kind: POLICY.kind, metadata: { name: 'teams' }, spec } as KubeObject;
}
