/** Several operators of one world that stand for election, told apart by what they sign in to Azure as. */
import type { OperatorProcess } from '../../dev/demo/operator-process.ts';
import { eventually } from '../../dev/demo/wait.ts';
import { holdersAt, LeaseWatch } from './lease-watch.ts';
import type { World } from './world.ts';
import type { OperatorChanges } from './world-options.ts';

export interface Replica {
  readonly client: number;
  readonly process: OperatorProcess;
  /** Under which it stands for election. */
  readonly identity: string;
}

export class Replicas {
  readonly lease = new LeaseWatch();
  readonly #world: World;
  readonly #all: Replica[] = [];

  /** @param world the first of whose operators has been started */
  static async of(world: World): Promise<Replicas> {
    const replicas = new Replicas(world);
    await replicas.lease.start(world.api, world.namespace);
    await replicas.#note(0, world.operator);
    return replicas;
  }

  private constructor(world: World) {
    this.#world = world;
  }

  async start(client: number, changes: Omit<OperatorChanges, 'client'> = {}): Promise<Replica> {
    return this.#note(client, await this.#world.startOperator({ ...changes, client }));
  }

  /** Waits until one of them leads. */
  async leader(): Promise<Replica> {
    return eventually('a leader', () => this.#all.find((one) => this.leads(one)));
  }

  leads({ identity, process }: Replica): boolean {
    return this.lease.holder === identity && process.isRunning();
  }

  async untilLeads(replica: Replica): Promise<void> {
    await eventually(`replica ${String(replica.client)} to lead`, () => this.leads(replica));
  }

  /** A line for each write to Azure by a replica that did not have the Lease any more. */
  strayWrites(): readonly string[] {
    const { control, clientIds } = this.#world;
    const { holdings } = this.lease;
    return control.requests().flatMap(({ method, principal, timeMs, path, sequence }) => {
      if (method !== 'PATCH') return [];
      const writer = clientIds.indexOf(principal ?? '');
      const leaders = holdersAt(holdings, timeMs).map((holder) => this.#clientOf(holder));
      return leaders.includes(writer)
        ? []
        : [`PATCH ${path} (${String(sequence)}) by ${String(writer)}, under ${String(leaders[0])}`];
    });
  }

  #clientOf(holder: string): number | undefined {
    return this.#all.find(({ identity }) => identity === holder)?.client;
  }

  async #note(client: number, process: OperatorProcess): Promise<Replica> {
    const identity = await eventually(
      'a candidate',
      () => /"msg":"stands for election".*?"identity":"([^"]+)"/.exec(process.log())?.[1],
    );
    const replica = { client, process, identity };
    this.#all.push(replica);
    return replica;
  }
}
