/**
 * The conditions of a binding, computed in one place from the one reason that it shows.
 *
 * `Ready` is always there. `Reconciling` and `Stalled` are there only while they are True, and never both: that is how
 * `kubectl wait`, Flux and Argo CD tell "on its way" from "needs a person".
 */
import type { Reason } from './reasons.ts';
import { rowOf } from './reasons.ts';
import type { Condition, ConditionStatus } from './types.ts';

/** Longest message of a condition that the API server takes, in characters. */
export const MAX_CONDITION_MESSAGE_LENGTH = 4096;

/** How long a binding that no policy allows counts as on its way: its policy may come with the same apply. */
export const PERMISSION_GRACE_MS = 120_000;

/** What the conditions are computed from. */
export interface ConditionsInput {
  readonly reason: Reason;
  /** A sentence, cut where it is longer than {@link MAX_CONDITION_MESSAGE_LENGTH}. */
  readonly message: string;
  /** `metadata.generation` of the spec that was looked at. */
  readonly observedGeneration: number;
  /** The conditions as they stand in the status; empty where there are none yet. */
  readonly previous: readonly Condition[];
  /** RFC 3339. */
  readonly nowIso: string;
  /** `metadata.creationTimestamp`, RFC 3339. */
  readonly creationTimestamp: string;
}

/** The whole list of conditions that the status has to have. */
export function conditionsFor(input: ConditionsInput): readonly Condition[] {
  const ready = condition(input, 'Ready', readyStatus(input));
  const companion = companionOf(input, ready);
  return companion === undefined ? [ready] : [ready, condition(input, companion, 'True')];
}

/**
 * When a binding that shows `NotPermitted` turns from Reconciling to Stalled, in milliseconds since the epoch: what
 * shows it has to compute the conditions again then. Undefined once it has turned, and for every other reason.
 */
export function stallsAtMs(input: ConditionsInput): number | undefined {
  if (rowOf(input.reason).companion !== 'ReconcilingThenStalled') return undefined;
  const endMs = graceEndMs(input, condition(input, 'Ready', readyStatus(input)));
  return Date.parse(input.nowIso) < endMs ? endMs : undefined;
}

function readyStatus({ reason, previous }: ConditionsInput): ConditionStatus {
  const { ready } = rowOf(reason);
  return ready === 'AsItWas' ? (find(previous, 'Ready')?.status ?? 'Unknown') : ready;
}

function companionOf(input: ConditionsInput, ready: Condition): 'Reconciling' | 'Stalled' | undefined {
  const { companion } = rowOf(input.reason);
  if (companion === 'None') return undefined;
  if (companion !== 'ReconcilingThenStalled') return companion;
  return Date.parse(input.nowIso) < graceEndMs(input, ready) ? 'Reconciling' : 'Stalled';
}

function graceEndMs({ creationTimestamp }: ConditionsInput, ready: Condition): number {
  return Math.max(Date.parse(creationTimestamp), Date.parse(ready.lastTransitionTime)) + PERMISSION_GRACE_MS;
}

function condition(input: ConditionsInput, type: string, status: ConditionStatus): Condition {
  const before = find(input.previous, type);
  return {
    type,
    status,
    observedGeneration: input.observedGeneration,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : input.nowIso,
    reason: input.reason,
    message: cut(input.message),
  };
}

function find(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((candidate) => candidate.type === type);
}

/** The API server counts code points, as the iteration of a string does. */
function cut(message: string): string {
  if (message.length <= MAX_CONDITION_MESSAGE_LENGTH) return message;
  const characters = Array.from(message);
  if (characters.length <= MAX_CONDITION_MESSAGE_LENGTH) return message;
  return `${characters.slice(0, MAX_CONDITION_MESSAGE_LENGTH - 1).join('')}…`;
}
