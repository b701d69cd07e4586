/** Who has had the Lease of a world's operators, from when on, as the API server told it. */
import { eventually } from '../../dev/demo/wait.ts';
import type { ApiServer } from './api-server.ts';

interface Lease {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: {
    readonly holderIdentity: string;
    readonly renewTime: string;
    readonly leaseTransitions: number;
  };
}

export interface Holding {
  /** Empty when nobody has it. */
  readonly holder: string;
  /** When this process heard of it, epoch milliseconds. */
  readonly heardAt: number;
}

/** What the API server tells may arrive so much later than what Azure saw, in milliseconds. */
const HEARING_MS = 1500;

/** Takes down who has it now, if that is another one than before. */
export function noteHolder(holdings: Holding[], holder: string): void {
  if (holdings.at(-1)?.holder !== holder) holdings.push({ holder, heardAt: Date.now() });
}

/** Who had it at that time, as far as can be told. */
export function holdersAt(holdings: readonly Holding[], timeMs: number): readonly string[] {
  const before = holdings.findLast(({ heardAt }) => heardAt <= timeMs);
  const next = holdings.find(({ heardAt }) => heardAt > timeMs && heardAt <= timeMs + HEARING_MS);
  return [before, next].flatMap((holding) => holding?.holder ?? []);
}

export class LeaseWatch {
  readonly #holdings: Holding[] = [];
  #renewals = 0;
  #transitions = 0;

  async start(api: ApiServer, namespace: string): Promise<void> {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
    await api.watch<Lease>(path, ({ type, object: { spec } }) => {
      if (type === 'DELETED') return;
      this.#renewals += 1;
      this.#transitions = spec.leaseTransitions;
      noteHolder(this.#holdings, spec.holderIdentity);
    });
  }

  get holder(): string {
    return this.#holdings.at(-1)?.holder ?? '';
  }

  /** Every change of hands, in order. */
  get holdings(): readonly Holding[] {
    return this.#holdings;
  }

  /** How often it has passed on, as it says itself. */
  get transitions(): number {
    return this.#transitions;
  }

  /** Waits until it has been written so many times more. */
  async untilRenewed(times: number): Promise<void> {
    const until = this.#renewals + times;
    await eventually(`${String(times)} renewals of the Lease`, () => this.#renewals >= until);
  }
}
