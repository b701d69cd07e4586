/** How often what was written, by the operator: with effect, and to Azure also without. */
import { BINDING } from '../../../src/api/types.ts';
import { collectionOf } from '../kube/served-kind.ts';
import type { Run } from '../run.ts';
import type { Allowance } from '../sweeps/sweep.ts';
import { isAzureWrite } from '../trace.ts';

/** By what was done to which kind of thing. */
export type WriteCounts = ReadonlyMap<string, number>;

/** Changes of a scale set. */
export const CHANGES = 'scale set';
/** Requests to change one, whatever came of them. */
export const ATTEMPTS = 'requests to Azure that write';

/** Leases are renewed for ever; events have a limit of their own. */
const UNCOUNTED = /^(?:leases|events)\./;

export function writeCountsOf({
  kubeChanges,
  azureChanges,
  trace,
}: Pick<Run, 'kubeChanges' | 'azureChanges' | 'trace'>): WriteCounts {
  const counts = new Map<string, number>();
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  for (const { by, type, collection, subresource } of kubeChanges) {
    if (isOperator(by) && !UNCOUNTED.test(collection)) count(`${type} ${collection} ${subresource ?? ''}`.trim());
  }
  for (const { by } of azureChanges) if (isOperator(by)) count(CHANGES);
  for (const line of trace) if (isAzureWrite(line)) count(ATTEMPTS);
  return counts;
}

/** What was written more often than in the other run, and than is allowed on top of that. */
export function excessWrites(expected: WriteCounts, found: WriteCounts, allowed: Allowance): readonly string[] {
  return [...found].flatMap(([what, times]) => {
    const most = (expected.get(what) ?? 0) + (allowed[what] ?? 0);
    return times > most ? [`${what}: written ${times} times, and ${most} at most were to be expected`] : [];
  });
}

/** What may be told of one thing that goes wrong, and of its being over; to each binding, where there are several. */
const EVENTS_OF_A_FAULT = 4;
const TO_EACH_BINDING = 2;

/** An event is told by each incarnation that sees a reason to: the reference's, that often, and a few about what went wrong. */
export function excessEvents(expected: Pick<Run, 'kubeChanges'>, found: Pick<Run, 'kubeChanges'>): readonly string[] {
  const [told, usual] = [eventsOf(found), eventsOf(expected).length];
  const tellers = new Set(operatorsIn(found)).size;
  const most = usual * Math.max(1, tellers) + Math.max(EVENTS_OF_A_FAULT, TO_EACH_BINDING * bindingsOf(expected));
  return told.length > most ? [`events: written ${told.length} times, and ${most} at most were to be expected`] : [];
}

/** How many bindings a run has to do with. */
export const bindingsOf = ({ kubeChanges }: Pick<Run, 'kubeChanges'>): number =>
  new Set(kubeChanges.filter(({ collection }) => collection === collectionOf(BINDING)).map(({ key }) => key)).size;

const eventsOf = ({ kubeChanges }: Pick<Run, 'kubeChanges'>): Run['kubeChanges'] =>
  kubeChanges.filter(({ by, collection }) => isOperator(by) && collection.startsWith('events.'));

const operatorsIn = ({ kubeChanges }: Pick<Run, 'kubeChanges'>): readonly string[] =>
  kubeChanges.map(({ by }) => by).filter(isOperator);

export const isOperator = (by: string): boolean => by.startsWith('operator-');
