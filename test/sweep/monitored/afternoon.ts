/**
 * Two hours in the life of the operator, scraped every minute: the whole operator in two replicas, on virtual time, with
 * the simulated Azure and the API server in memory.
 */
import { type Sample, samplesOf } from '../../../dev/monitoring/page.ts';
import { identityIdOf, scaleSetIdOf } from '../names.ts';
import { beginningOf, World } from '../world.ts';

export interface Scrape {
  /** Virtual, from the beginning. */
  readonly atMs: number;
  readonly pod: string;
  readonly samples: readonly Sample[];
}

const MINUTE = 60_000;
export const LENGTH_MS = 120 * MINUTE;
const SETS = Array.from({ length: 24 }, (_, index) => `web-${String(index + 1)}`);
const FLAGS = ['--lease-duration', '45s'];
/** Azure takes as long as it does. */
const SETTINGS = { operationMs: 12_000 };

/** What happens, by the minute that it happens in. */
const EVENTS: Readonly<Record<number, (world: World) => void>> = {
  5: ({ users }) => {
    users.policy();
    for (const scaleSet of SETS.slice(0, 8)) users.bind(scaleSet, { scaleSet, userAssigned: ['one', 'two'] });
  },
  15: ({ users }) => {
    for (const scaleSet of SETS.slice(8)) users.bind(scaleSet, { scaleSet, userAssigned: ['one'] });
  },
  30: (world) => {
    for (const name of SETS.slice(0, 5)) {
      world.drift(scaleSetIdOf(name), { kind: 'Strip', identities: [identityIdOf('one')] });
    }
  },
  45: ({ azure, users }) => {
    const effect = {
      kind: 'status',
      status: 429,
      code: 'TooManyRequests',
      message: 'Too many requests.',
      headers: { 'retry-after': '90' },
    } as const;
    azure.addFault({ match: { method: 'PATCH' }, effect, count: 6 });
    for (const scaleSet of SETS.slice(4, 10)) users.bind(scaleSet, { scaleSet, userAssigned: ['one', 'three'] });
  },
  65: ({ users }) => {
    users.bind('early', { scaleSet: 'not-there-yet', userAssigned: ['one'] });
  },
  // Nobody is told: the Lease runs out, and the other replica leads.
  80: ({ incarnations }) => incarnations[0]?.crash(),
  100: ({ users }) => {
    for (const name of SETS.slice(16)) users.unbind(name);
    users.unbind('early');
  },
};

export async function afternoon(): Promise<readonly Scrape[]> {
  const beginning = beginningOf({ scaleSets: SETS.map((name) => ({ name })), settings: SETTINGS });
  const world = new World(beginning, { flags: FLAGS, maxSteps: 200_000 });
  const scrapes: Scrape[] = [];
  try {
    world.startOperator();
    world.startOperator();
    for (let minute = 0; minute * MINUTE < LENGTH_MS; minute += 1) {
      EVENTS[minute]?.(world);
      await world.scheduler.runFor(MINUTE);
      const crashed = minute >= 80 ? 1 : 0;
      for (const { name, metrics } of world.incarnations.slice(crashed)) {
        const samples = samplesOf(await metrics());
        scrapes.push({ atMs: world.scheduler.elapsedMs, pod: name, samples });
      }
    }
  } finally {
    world.end();
  }
  return scrapes;
}
