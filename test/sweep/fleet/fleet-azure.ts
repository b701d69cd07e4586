/** The simulated Azure of a fleet, under Azure's own limits. */
import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';

import { createControl } from '../../../dev/simulator/control/control.ts';
import { createInProcessHttpClient } from '../../../dev/simulator/http-client.ts';
import type { Seed, SubscriptionSeed } from '../../../dev/simulator/seed.ts';
import { applySeed } from '../../../dev/simulator/seeding.ts';
import { createState, type State } from '../../../dev/simulator/state.ts';
import type { FleetTime } from './fleet-time.ts';
import { CLIENT, counted, type Fleet, GROUP, identityNameOf, partsOf, scaleSetNameOf, TENANT } from './layout.ts';
import { Traffic } from './traffic.ts';

/** What is read of Resource Manager. */
export type ArmRead = 'lists of scale sets' | 'GETs of scale sets' | 'looks at operations' | 'identities' | 'others';

const TOKEN_SECONDS = 10 * 365 * 24 * 3600;
/** Nobody looks at the log of requests. */
const LOGGED = 1000;

export class FleetAzure {
  /** Its token never ends. */
  readonly token: string;
  readonly traffic: Traffic;
  readonly reads = new Map<ArmRead, number>();
  readonly httpClient: HttpClient;
  /** Answers with 429. */
  throttled = 0;
  /** When the last write was answered. */
  writtenMs = 0;
  readonly #writes = new Map<string, number>();
  readonly #state: State;
  readonly #identities: number;

  constructor(fleet: Fleet, time: FleetTime) {
    const { clock } = time;
    this.traffic = new Traffic(() => time.elapsedMs);
    this.#identities = fleet.identities;
    this.#state = createState({});
    applySeed(this.#state, seedOf(fleet), clock.now());
    this.token = createControl(this.#state, () => clock.now()).token(CLIENT);
    const azure = createInProcessHttpClient(this.#state, clock);
    this.httpClient = {
      sendRequest: async (request) => {
        this.#note(request);
        await clock.sleep(fleet.latencyMs / 2);
        const response = await azure.sendRequest(request);
        await clock.sleep(fleet.latencyMs / 2);
        if (response.status === 429) this.throttled += 1;
        if (request.method !== 'GET') this.writtenMs = time.elapsedMs;
        return response;
      },
    };
  }

  /** Writes beyond one for each scale set that was written to. */
  get extraWrites(): number {
    return this.traffic.writes.total - this.#writes.size;
  }

  /** Whether each scale set has all that it is to have, with the ids that pods need. */
  get isAsWanted(): boolean {
    const sets = [...this.#state.subscriptions.values()].flatMap(({ scaleSets }) => [...scaleSets.values()]);
    return sets.every(({ identity }) => {
      const assigned = [...identity.userAssigned.values()];
      return assigned.length === this.#identities && assigned.every(({ ids }) => ids !== undefined);
    });
  }

  #note({ method, url }: PipelineRequest): void {
    const path = new URL(url).pathname.toLowerCase();
    const isRead = method === 'GET';
    this.traffic.note(isRead ? 'read' : 'write');
    if (isRead) countOne(this.reads, whatIsRead(path));
    else countOne(this.#writes, path);
  }
}

function countOne<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function whatIsRead(path: string): ArmRead {
  if (path.endsWith('/virtualmachinescalesets')) return 'lists of scale sets';
  if (path.includes('/virtualmachinescalesets/')) return 'GETs of scale sets';
  if (path.includes('/operations/')) return 'looks at operations';
  return path.includes('/microsoft.managedidentity/') ? 'identities' : 'others';
}

function seedOf(fleet: Fleet): Seed {
  const { operationMs, pageSize } = fleet;
  return {
    settings: { operationMs, pageSize, throttling: 'On', tokenSeconds: TOKEN_SECONDS, requestLogLimit: LOGGED },
    principals: [{ clientId: CLIENT, tenant: TENANT }],
    subscriptions: subscriptionsOf(fleet),
  };
}

function subscriptionsOf(fleet: Fleet): readonly SubscriptionSeed[] {
  return partsOf(fleet).map(({ subscription, location, scaleSets, identitiesPerSet }) => ({
    id: subscription,
    tenant: TENANT,
    resourceGroups: [
      {
        name: GROUP,
        location,
        identities: counted(identitiesPerSet, (index) => ({ name: identityNameOf(index) })),
        scaleSets: counted(scaleSets, (index) => ({ name: scaleSetNameOf(index) })),
      },
    ],
  }));
}
