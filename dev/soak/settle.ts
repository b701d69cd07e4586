/** The end of the hardships: everything has to become as it must be by itself, and then nothing may happen any more. */
import { setTimeout as pause } from 'node:timers/promises';

import { REQUESTED_AT_ANNOTATION, type VmssIdentityBinding, type VmssIdentityLedger } from '../../src/api/types.ts';
import { scaleSetWrites } from '../simulator/writers.ts';
import { bindingPath, BINDINGS, LEDGERS } from '../stage/objects.ts';
import type { Fleet } from './fleet.ts';
import type { Model } from './model.ts';
import type { Stage, Tell } from './stage.ts';
import { countShortcomings, findShortcomings, type Found, type Shortcomings } from './verify.ts';

const BETWEEN_MS = 2000;
/** How often a person looks for bindings that wait. */
const ASK_MS = 70_000;
const FIRST_ASK_MS = 20_000;
const SHOWN = 4;

export async function look({ azure, api }: Pick<Stage, 'azure' | 'api'>): Promise<Found> {
  const [snapshot, bindings, ledgers] = await Promise.all([
    azure.snapshot(),
    api.list<VmssIdentityBinding>(BINDINGS),
    api.list<VmssIdentityLedger>(LEDGERS),
  ]);
  return { azure: snapshot, bindings, ledgers };
}

export interface Settled {
  readonly shortcomings: Shortcomings;
  readonly seconds: number;
  /** How many requests to look again people made, as they may: a refused identity waits for up to an hour otherwise. */
  readonly requests: number;
}

/** Waits until nothing is amiss, or the limit is over. */
export async function settle(stage: Stage, model: Model, limitMs: number, tell: Tell): Promise<Settled> {
  const begin = performance.now();
  let askedAt = begin - ASK_MS + FIRST_ASK_MS;
  let requests = 0;
  for (;;) {
    const found = await look(stage);
    const shortcomings = findShortcomings(model, found);
    const { azure, objects, statuses, ledgers } = shortcomings;
    const left = countShortcomings(shortcomings);
    const seconds = (performance.now() - begin) / 1000;
    if (left === 0 || seconds * 1000 > limitMs) return { shortcomings, seconds, requests };
    if (performance.now() - askedAt > ASK_MS) {
      askedAt = performance.now();
      const asked = await askAgain(stage, found.bindings, requests);
      requests += asked;
      tell(`${String(left)} things are not as they must be yet; ${String(asked)} bindings are asked for again`);
      for (const lines of [azure, objects, statuses, ledgers])
        for (const line of lines.slice(0, SHOWN)) tell(`  ${line}`);
    }
    // What was planned to get stuck may have begun only now.
    await stage.azure.finishOperations();
    await pause(BETWEEN_MS);
  }
}

/**
 * Asks for those that say themselves that they wait, and of their present spec. A change that the operator has not noticed
 * is not among them: nobody helps with that.
 */
async function askAgain({ api }: Stage, bindings: readonly VmssIdentityBinding[], count: number): Promise<number> {
  const waiting = bindings.filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      status.observedGeneration === metadata.generation &&
      status.conditions?.some(({ type, status: holds }) => type === 'Reconciling' && holds === 'True') === true,
  );
  for (const { metadata } of waiting)
    await api.patch(bindingPath(metadata), {
      metadata: { annotations: { [REQUESTED_AT_ANNOTATION]: `settle-${String(count)}` } },
    });
  return waiting.length;
}

/** What happened while so many further looks for drift were taken, each subscription's counted by itself: a line each. */
export async function disquiet(stage: Stage, { subscriptions }: Fleet, intervals: number): Promise<readonly string[]> {
  const before = await look(stage);
  const since = (await stage.azure.requests(0)).at(-1)?.sequence ?? 0;
  for (;;) {
    await pause(BETWEEN_MS);
    const log = await stage.azure.requests(since);
    const lists = subscriptions.map((subscription) => {
      const path = `/subscriptions/${subscription}/providers/microsoft.compute/virtualmachinescalesets`;
      // A list has several pages, the last of which leads nowhere: pages of one list follow one another at once.
      return log.filter((entry) => entry.path.toLowerCase() === path && entry.status === 200).length;
    });
    const pages = Math.ceil(before.azure.scaleSets.length / subscriptions.length / 100);
    if (lists.every((count) => count > intervals * pages)) {
      const writes = scaleSetWrites(log).map(
        ({ scaleSet, sequence }) => `request ${String(sequence)} writes to ${scaleSet}`,
      );
      return [...writes, ...changesBetween(before, await look(stage))];
    }
  }
}

function changesBetween(before: Found, after: Found): readonly string[] {
  const versions = ({ bindings, ledgers }: Found): ReadonlyMap<string, string> =>
    new Map(
      [...bindings, ...ledgers].map(({ kind, metadata }) => [
        `${kind} ${metadata.uid} ${metadata.name}`,
        metadata.resourceVersion,
      ]),
    );
  const then = versions(before);
  const now = versions(after);
  return [...now].filter(([name, version]) => then.get(name) !== version).map(([name]) => `${name} was written`);
}
