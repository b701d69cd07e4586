/**
 * One watch event does not come as it should: its connection ends with it or falls silent, it comes twice, late, after what
 * other kinds tell, as one with the next, or not at all. All but the last is what a server may do; that one is made good by a
 * list a minute later.
 */
import type { ApiObject } from '../kube/api-object.ts';
import { coalesced, type Delivery } from '../kube/seam.ts';
import { type Coming, type Tell, telling } from '../kube-seam.ts';
import type { Run } from '../run.ts';
import type { TraceLine } from '../trace.ts';
import type { World } from '../world.ts';
import { seenApart } from './allowances.ts';
import type { Case, Sweep } from './sweep.ts';

/** @returns what becomes of all that comes, from this event on */
type Mishap = (world: World, at: Delivery) => Tell;

const HELD_MS = 30_000;
const HELD_REQUESTS = 4;
/** Longer than a watch lasts. */
const SILENT_MS = 5 * 60_000;
/** So long nobody knows that something is missing. */
const MISSED_MS = 60_000;

/** Something else is done with the one event, and the others come as ever. */
const insteadOfIt =
  (act: (at: Delivery) => void, outcome: string): Mishap =>
  (_world, at) =>
  (next) => {
    if (next !== at) return telling(next);
    act(at);
    return outcome;
  };

const missed: Mishap = (world, at) => {
  world.scheduler.clock.setTimer(MISSED_MS, () => at.watch.expire());
  return insteadOfIt(() => undefined, 'DROPPED')(world, at);
};

/** A dead connection, and neither side knows, until it should have ended: then all that was not told is. */
const silent: Mishap = (world, at) => {
  world.troubledUntilMs = world.scheduler.elapsedMs + SILENT_MS;
  return (next) => (next.watch === at.watch ? 'SILENT' : telling(next));
};

/** All of its kind waits, in order, until it is let go. */
const held =
  (letGo: (world: World, release: () => void) => void): Mishap =>
  (world, at) => {
    const waiting: Coming[] = [];
    let isHeld = true;
    letGo(world, () => {
      isHeld = false;
      for (const next of waiting.splice(0)) next.deliver();
    });
    return (next) => {
      if (!isHeld || !isOfOneKind(next, at)) return telling(next);
      waiting.push(next);
      return 'HELD';
    };
  };

const isOfOneKind = ({ watch: one }: Coming, { watch: other }: Coming): boolean =>
  one.client === other.client && one.kind.plural === other.kind.plural;

const afterTime = ({ scheduler }: World, release: () => void): void => void scheduler.clock.setTimer(HELD_MS, release);

/** Or in time, when nothing is asked for any more. */
const afterRequests = (world: World, release: () => void): void => {
  const { scheduler } = world;
  const last = scheduler.requests + HELD_REQUESTS;
  scheduler.fateOf = ({ request }) => {
    if (request === last) release();
    return 'through';
  };
  afterTime(world, release);
};

/** What comes next of the same object comes alone, or nothing of it, when the two cancel out. */
const oneWithNext: Mishap = (world, first) => {
  let isWaiting = true;
  afterTime(world, () => {
    if (isWaiting) first.deliver();
    isWaiting = false;
  });
  return (next) => {
    if (next === first) return 'HELD';
    if (!isWaiting || !('event' in next) || next.watch !== first.watch || uidOf(next) !== uidOf(first))
      return telling(next);
    isWaiting = false;
    const both = coalesced(first.event, next.event);
    if (both !== undefined) next.watch.send(both);
    return 'COALESCED';
  };
};

const uidOf = ({ event }: Delivery): string => (event.object as object as ApiObject).metadata.uid;

const mishaps: Readonly<Record<string, Mishap>> = {
  'its connection breaks': insteadOfIt(({ watch }) => watch.break(), 'BROKEN'),
  'its watch ends': insteadOfIt(({ watch }) => watch.end(), 'ENDED'),
  'its watch expires': insteadOfIt(({ watch }) => watch.expire(), 'EXPIRED'),
  'its connection falls silent': silent,
  'it is lost': missed,
  'it comes twice': insteadOfIt((at) => [1, 2].forEach(() => at.deliver()), 'TWICE'),
  'its kind is told later': held(afterTime),
  'other kinds overtake it': held(afterRequests),
  'it becomes one with the next': oneWithNext,
};

/** What an event of an own write is tried with: its answer has told the same, so that most of it would try nothing. */
const ofOwnWrites: readonly string[] = ['its connection falls silent', 'it is lost'];

const arrange =
  (number: number, mishap: Mishap) =>
  (world: World): void => {
    let seen = 0;
    world.tell = (next) => {
      if ('event' in next && next.event.type !== 'BOOKMARK' && ++seen === number) {
        world.noteFault();
        world.tell = mishap(world, next);
        return world.tell(next);
      }
      return telling(next);
    };
  };

/** That came before all was done. */
const eventsOf = ({ trace, requests }: Run): readonly TraceLine[] =>
  trace.filter(
    ({ side, method, request }) => side === 'E' && !['BOOKMARK', 'END'].includes(method) && request <= requests,
  );

export const watchEvent: Sweep = {
  counted: 'watch events that went astray',
  says: 'ends the same whatever becomes of a watch event',
  watchesFirst: true,
  // A silent connection is found when its watch should have ended, and what it kept back by a list.
  recoveryMs: 7 * 60_000,
  cases: (reference, isDeep) => {
    const writers = new Map(reference.kubeChanges.map(({ revision, by }) => [String(revision), by]));
    return eventsOf(reference).flatMap((line, index) => {
      const isOwn = writers.get(line.path.split('@')[1] ?? '') === line.from;
      return Object.entries(mishaps)
        .filter(([what]) => isDeep || !isOwn || ofOwnWrites.includes(what))
        .map(([what, mishap]): Case => ({
          what: `event ${index + 1} (${line.method} ${line.path}): ${what}`,
          arrange: arrange(index + 1, mishap),
          allowed: isOwn && mishap !== silent ? {} : seenApart(reference),
        }));
    });
  },
  unpruned: (reference) => eventsOf(reference).length * Object.keys(mishaps).length,
};
