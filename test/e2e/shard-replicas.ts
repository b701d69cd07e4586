/** Several operators of one world that lead shards, told apart by what they sign in to Azure as, and who may write when. */
import type { OperatorProcess } from '../../dev/demo/operator-process.ts';
import { eventually } from '../../dev/demo/wait.ts';
import { shardOf } from '../../src/reconcile/shard.ts';
import { holdersAt, type Holding, noteHolder } from './lease-watch.ts';
import type { World } from './world.ts';

export interface ShardReplica {
  readonly client: number;
  readonly shards: number;
  readonly process: OperatorProcess;
}

interface Lease {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly holderIdentity: string };
}

const COMMON = 'vmss-identity-operator';

export class ShardReplicas {
  readonly #world: World;
  readonly #all: ShardReplica[] = [];
  readonly #holdings = new Map<string, Holding[]>();

  /** @param world the first of whose operators has been started, with one shard */
  static async of(world: World): Promise<ShardReplicas> {
    const replicas = new ShardReplicas(world);
    const path = `/apis/coordination.k8s.io/v1/namespaces/${world.namespace}/leases`;
    await world.api.watch<Lease>(path, ({ type, object: { metadata, spec } }) => {
      if (type !== 'DELETED') replicas.#note(metadata.name, spec.holderIdentity);
    });
    replicas.#all.push({ client: 0, shards: 1, process: world.operator });
    return replicas;
  }

  private constructor(world: World) {
    this.#world = world;
  }

  async start(client: number, shards: number): Promise<ShardReplica> {
    const process = await this.#world.startOperator({ client, flags: [`--shards=${String(shards)}`] });
    const replica = { client, shards, process };
    this.#all.push(replica);
    return replica;
  }

  /** The shards that it has the Leases of. */
  ledBy(replica: ShardReplica): readonly number[] {
    const { shards, process } = replica;
    if (!process.isRunning()) return [];
    return Array.from({ length: shards }, (_, shard) => shard).filter(
      (shard) => this.#clientOf(this.#holderOf(leaseOf(shard, shards))) === replica.client,
    );
  }

  /** Waits until these lead all shards between them. */
  async untilLed(...replicas: readonly ShardReplica[]): Promise<void> {
    await eventually('all shards to be led', () => {
      return replicas.flatMap((each) => this.ledBy(each)).length === replicas[0]?.shards;
    });
  }

  /** A line for each write to Azure by a replica that had not the Leases under which it may write to that subscription. */
  strayWrites(): readonly string[] {
    return this.#world.control.requests().flatMap(({ method, principal, timeMs, path, sequence }) => {
      if (method !== 'PATCH') return [];
      const writer = this.#all.find(({ client }) => this.#world.clientIds[client] === principal);
      const subscription = path.split('/')[2] ?? '';
      if (writer !== undefined && this.#mayWrite(writer, subscription, timeMs)) return [];
      return [`PATCH ${path} (${String(sequence)}) by ${String(writer?.client)}`];
    });
  }

  /** Who has written to the subscription, in order, repetitions left out. */
  writersOf(subscription: string): readonly number[] {
    const writes = this.#world.control
      .requests()
      .filter(({ method, path }) => method === 'PATCH' && path.split('/')[2] === subscription);
    const clients = writes.map(({ principal }) => this.#world.clientIds.indexOf(principal ?? ''));
    return clients.filter((client, index) => client !== clients[index - 1]);
  }

  #mayWrite({ client, shards }: ShardReplica, subscription: string, timeMs: number): boolean {
    if (shards === 1) return this.#held(COMMON, timeMs).some((holder) => this.#clientOf(holder) === client);
    const lease = leaseOf(shardOf(subscription, shards), shards);
    const isLeader = this.#held(lease, timeMs).some((holder) => this.#clientOf(holder) === client);
    return isLeader && this.#held(COMMON, timeMs).includes(`${COMMON}-${String(shards)}`);
  }

  /** Who had the Lease at that time, as far as can be told. */
  #held(lease: string, timeMs: number): readonly string[] {
    return holdersAt(this.#holdings.get(lease) ?? [], timeMs);
  }

  #holderOf(lease: string): string {
    return this.#holdings.get(lease)?.at(-1)?.holder ?? '';
  }

  #clientOf(holder: string): number | undefined {
    return this.#all.find(({ process }) => holder !== '' && process.log().includes(`"identity":"${holder}"`))?.client;
  }

  #note(lease: string, holder: string): void {
    const holdings = this.#holdings.get(lease) ?? [];
    this.#holdings.set(lease, holdings);
    noteHolder(holdings, holder);
  }
}

/** What the shards of such a number are led by. */
export function leasesOf(shards: number): readonly string[] {
  return Array.from({ length: shards }, (_, shard) => leaseOf(shard, shards));
}

function leaseOf(shard: number, shards: number): string {
  return shards === 1 ? COMMON : `${COMMON}-${String(shards)}-${String(shard)}`;
}
