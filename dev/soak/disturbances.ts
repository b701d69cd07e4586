/**
 * What happens to processes and connections while the work goes on. Of two replicas one is only ever disturbed from
 * outside, so that what it takes over a long time means something; the other is killed, frozen and replaced.
 */
import { setTimeout as pause } from 'node:timers/promises';

import { policyPath } from '../stage/objects.ts';
import type { Fleet } from './fleet.ts';
import { policyManifest } from './objects.ts';
import type { Random } from './random.ts';
import type { Stage, StagedReplica, Tell } from './stage.ts';

export interface DisturbanceParts {
  readonly stage: Stage;
  readonly fleet: Fleet;
  readonly random: Random;
  /** Of the Lease; undefined when nobody is elected. */
  readonly leaseMs: number | undefined;
  readonly tell: Tell;
}

export type Disturbance = (parts: DisturbanceParts) => Promise<void>;

/** Longer than a lease takes to pass on, in leases. */
const PAST_A_LEASE = 1.6;
const LEADER_LIMIT_MS = 60_000;
const SHORTEST_TERM_MS = 4000;
const LONGEST_TERM_MS = 12_000;
/** A candidate looks for the Lease several times in this time. */
const HANDOVER_MS = 5000;
const WATCH = { kind: 'watch' } as const;
const CALL = { kind: 'call' } as const;

/** By name, as they are told and counted. */
export const connectionDisturbances: Readonly<Record<string, Disturbance>> = {
  'API server restart': async ({ stage }) => {
    await stage.controlPlane.restartApiserver();
  },
  'API server hang': async ({ stage, random }) => {
    stage.controlPlane.pauseApiserver();
    await pause(random.between(2000, 8000));
    stage.controlPlane.resumeApiserver();
  },
  'etcd hang': async ({ stage, random }) => {
    stage.controlPlane.pauseEtcd();
    await pause(random.between(2000, 6000));
    stage.controlPlane.resumeEtcd();
  },
  'watches reset': async ({ stage, random }) => {
    random.pick(stage.replicas).proxy.strike(WATCH, { type: 'reset' });
    await Promise.resolve();
  },
  'watches half-open': async ({ stage, random }) => {
    random.pick(stage.replicas).proxy.strike(WATCH, { type: 'halfOpen' });
    await Promise.resolve();
  },
  'watches truncated': async ({ stage, random }) => {
    random.pick(stage.replicas).proxy.strike(WATCH, { type: 'truncate', orderly: random.chance(0.5) });
    await Promise.resolve();
  },
  'watches expired': async ({ stage, random }) => {
    random.pick(stage.replicas).proxy.strike(WATCH, { type: 'errorEvent', status: 410, reason: 'Expired' });
    await Promise.resolve();
  },
  'calls refused': async ({ stage, random }) => {
    const { proxy } = random.pick(stage.replicas);
    const status = random.pick([429, 500, 503]);
    proxy.inject({
      match: CALL,
      fault: { type: 'status', status, retryAfterSeconds: 1 },
      times: random.between(3, 20),
    });
    await Promise.resolve();
  },
  'answers lost': async ({ stage, random }) => {
    const { proxy } = random.pick(stage.replicas);
    proxy.inject({ match: CALL, fault: { type: 'reset', applied: true }, times: random.between(1, 8) });
    await Promise.resolve();
  },
  'calls half-open': async ({ stage, random }) => {
    const { proxy } = random.pick(stage.replicas);
    proxy.inject({
      match: CALL,
      fault: { type: 'halfOpen', applied: random.chance(0.5) },
      times: random.between(1, 2),
    });
    await Promise.resolve();
  },
  'slow Lease': async ({ stage, random }) => {
    const { proxy } = random.pick(stage.replicas);
    proxy.inject({ match: { kind: 'lease' }, fault: { type: 'delay', ms: random.between(500, 5000) }, times: 4 });
    await Promise.resolve();
  },
  'API server out of reach': async ({ stage, random }) => {
    const { proxy } = random.pick(stage.replicas);
    await proxy.refuse();
    await pause(random.between(1000, 6000));
    await proxy.accept();
  },
  'policy withdrawn': async ({ stage, fleet, random }) => {
    const path = policyPath(fleet.unsteadyNamespace);
    await stage.api.delete(path);
    await pause(random.between(2000, 10_000));
    await stage.api.apply(path, policyManifest(fleet, fleet.unsteadyNamespace));
  },
};

export const processDisturbances: Readonly<Record<string, Disturbance>> = {
  'leader killed': async (parts) => {
    const { replica } = await victimAsLeader(parts);
    await replica.end('SIGKILL');
    await pause(parts.random.between(500, 5000));
    await replica.start();
    await replica.untilReady();
  },
  'leader frozen past its lease': async (parts) => {
    const { replica } = await victimAsLeader(parts);
    replica.signal('SIGSTOP');
    await pause(PAST_A_LEASE * (parts.leaseMs ?? 0));
    replica.signal('SIGCONT');
  },
  'rolling restart': async (parts) => {
    const { replica } = victimOf(parts.stage);
    await replica.end('SIGTERM');
    await replica.start();
    await replica.untilReady();
  },
};

/** The one that is killed; with a single replica there is none. */
function victimOf({ replicas }: Stage): StagedReplica {
  const victim = replicas[1];
  if (victim === undefined) throw new Error('a single replica is not killed');
  return victim;
}

/** Takes the line from all others until the victim leads. */
async function victimAsLeader({ stage, random, tell }: DisturbanceParts): Promise<StagedReplica> {
  const victim = victimOf(stage);
  if ((await leaderOf(stage)) === victim) return victim;
  tell(`no API server for the others until ${victim.replica.name} leads`);
  const others = stage.replicas.filter((each) => each !== victim);
  for (const { proxy } of others) await proxy.refuse();
  try {
    const until = performance.now() + LEADER_LIMIT_MS;
    while ((await leaderOf(stage)) !== victim) {
      if (performance.now() > until) throw new Error(`${victim.replica.name} did not become the leader`);
      await pause(250);
    }
  } finally {
    for (const { proxy } of others) await proxy.accept();
  }
  // So that it is in the middle of its work.
  await pause(random.between(SHORTEST_TERM_MS, LONGEST_TERM_MS));
  return victim;
}

/** The first replica is only ever disturbed from outside: it leads once the other one has been told to go. */
export async function leadByFirst({ stage }: DisturbanceParts): Promise<void> {
  const [first, ...others] = stage.replicas;
  const leader = await leaderOf(stage);
  if (leader === undefined || leader === first) return;
  for (const { replica } of others) {
    await replica.end('SIGTERM');
    await pause(HANDOVER_MS);
    await replica.start();
    await replica.untilReady();
  }
}

/** Whoever began the latest term, by the count that the Lease keeps: one that is frozen has not logged that it is over. */
async function leaderOf({ replicas }: Stage): Promise<StagedReplica | undefined> {
  await Promise.all(replicas.map(({ replica }) => replica.readLog()));
  const latest = replicas.toSorted((one, other) => one.replica.latestTerm - other.replica.latestTerm).at(-1);
  return latest?.replica.saysThatItLeads === true ? latest : undefined;
}
