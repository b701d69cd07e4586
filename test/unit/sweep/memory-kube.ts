/** An API server in memory and clients of it, on a clock that stands. */
import { LEDGER, type VmssIdentityLedger } from '../../../src/api/types.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import { anonymousConnection } from '../../../src/kube/connection.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { Reflector } from '../../../src/kube/reflector.ts';
import { ResourceClient, type Stored } from '../../../src/kube/resource-client.ts';
import type { ClientConnection } from '../../sweep/kube/client-connection.ts';
import { MemoryApiServer } from '../../sweep/kube/memory-api-server.ts';
import type { StoreSnapshot } from '../../sweep/kube/object-store.ts';
import type { Seam } from '../../sweep/kube/seam.ts';
import { seededRandom, VirtualClock } from '../runtime/virtual-clock.ts';
import { recordingLogger } from '../telemetry/recording-logger.ts';

type Ledger = KubeObject & { readonly spec: Partial<VmssIdentityLedger['spec']> };

export const ledger = (name: string): Ledger => ({ metadata: { name }, spec: { scaleSetId: `/scale-sets/${name}` } });

export const foreign = (...ids: readonly string[]) => ({ spec: { foreign: ids } });

export interface Client {
  readonly connection: ClientConnection;
  readonly ledgers: ResourceClient<Ledger>;
  /** What a reflector is told, from now on. */
  follow(): { readonly heard: readonly string[]; readonly reflector: Reflector<Ledger> };
}

export const startServer = (from?: StoreSnapshot) => {
  const clock = new VirtualClock();
  const server = new MemoryApiServer({ clock, random: seededRandom(), ...(from === undefined ? {} : { from }) });
  const connect = (client: string, seam: Seam = {}): Client => {
    const connection = server.dispatcher({ client, seam });
    const kube = new KubeClient({ connection: anonymousConnection('http://in-memory'), clock, dispatcher: connection });
    const ledgers = new ResourceClient<Ledger>(kube, LEDGER);
    return { connection, ledgers, follow: () => follow(ledgers, clock) };
  };
  return { clock, server, connect };
};

const follow = (client: ResourceClient<Ledger>, clock: VirtualClock): ReturnType<Client['follow']> => {
  const heard: string[] = [];
  const tell = (what: string, { metadata, spec }: Stored<Ledger>) =>
    void heard.push(`${what} ${metadata.name} [${spec.foreign?.join(' ') ?? ''}]`);
  const reflector = new Reflector<Ledger>({
    client,
    clock,
    random: seededRandom(),
    logger: recordingLogger(),
    handler: {
      added: (object) => tell('added', object),
      updated: (_old, object) => tell('updated', object),
      deleted: (object) => tell('deleted', object),
    },
  });
  reflector.start();
  return { heard, reflector };
};
