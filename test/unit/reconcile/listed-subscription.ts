/** An inventory of one subscription, whose lists are answered from a script, and which tells what it asks and has done. */
import { type ArmKey, parseScaleSetId, type ScaleSetId } from '../../../src/identity/arm-id.ts';
import type { LiveScaleSet } from '../../../src/identity/scale-set.ts';
import { Inventory } from '../../../src/reconcile/inventory/inventory.ts';
import type { OperationInFlight } from '../../../src/reconcile/memory.ts';
import { scaleSet as liveScaleSet } from '../identity/builders.ts';
import { fixedRandom, VirtualClock } from '../runtime/virtual-clock.ts';
import { subscriptionId } from '../simulator/azure.ts';
import { scaleSet } from './objects.ts';
import { scriptedList, type Step } from './scripted-list.ts';
import { MINUTE, SECOND } from './world.ts';

/** The id of a scale set by its name. */
export function ref(name: string): ScaleSetId {
  const parsed = parseScaleSetId(scaleSet(name));
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.id;
}

export const names = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `set-${String(n)}`);

export interface InventoryParts {
  readonly random?: number;
  /** Of each page. */
  readonly latencyMs?: number;
  readonly bound?: readonly string[];
  readonly answer?: (scope: string, cursor: string, count: number) => Step;
  readonly changes?: (name: string) => Partial<LiveScaleSet>;
}

export function startedInventory(parts: InventoryParts = {}) {
  const clock = new VirtualClock();
  const startedAt = clock.now();
  const ending = new AbortController();
  const world = {
    bound: parts.bound ?? ['web'],
    answer: parts.answer ?? (() => 'web api'),
    changes: parts.changes ?? ((): Partial<LiveScaleSet> => ({})),
  };
  const entry = (name: string): LiveScaleSet => ({ ...liveScaleSet(), ...world.changes(name), key: ref(name).key });
  const answer = (scope: string, cursor: string, count: number): Step => world.answer(scope, cursor, count);
  const { page, asked } = scriptedList(clock, entry, answer, parts.latencyMs);
  /** Which passes are due, in which second they were said to be, and when they are. */
  const told: string[] = [];
  const seconds = (at: number): string => String(Math.round((at - startedAt) / 100) / 10);
  const inventory = new Inventory(
    {
      azure: { listScaleSets: page },
      clock,
      random: fixedRandom(parts.random ?? 0.5),
      intervalMs: 10 * MINUTE,
      scaleSetsOf: () => world.bound.map((name) => ref(name).key),
      held: (key: ArmKey) => world.bound.map(ref).find((id) => id.key === key),
      due: (key, inMs) => told.push(`${seconds(clock.now() + inMs)} ${key.split('/').at(-1)!}`),
      failed: (_subscriptionId, { code }) => told.push(`failed ${code}`),
      levelChanged: (_subscriptionId, level) => told.push(level),
    },
    ending.signal,
  );
  inventory.follow(subscriptionId);
  return {
    clock,
    ending,
    world,
    told,
    inventory,
    /** When the lists were begun, in seconds since the start. */
    lists: () => asked.filter((line) => line.endsWith(' first')).map((line) => Number(line.split(' ')[0])),
    entry: (name: string) => inventory.entry(ref(name)),
    /** What was told since it was last asked. */
    take: () => told.splice(0),
    startedAt,
  };
}

/** An operation as a pass leaves it. */
export function operation(more: Partial<OperationInFlight> = {}): OperationInFlight {
  return {
    startedAt: 0,
    identityIds: [],
    keys: [],
    attaches: true,
    systemAssigned: 'asLive',
    nextLookAt: 0,
    waitMs: 5 * SECOND,
    uselessLooks: 0,
    timedOut: false,
    ...more,
  };
}
