/**
 * What must hold for the conditions of a binding after each write of the operator. Most rules are those of Flux
 * (github.com/fluxcd/pkg, runtime/conditions/check), whose names they carry; the rest are of this project.
 */
import { MAX_CONDITION_MESSAGE_LENGTH } from '../../../src/api/conditions.ts';
import { isReason } from '../../../src/api/reasons.ts';
import type { Condition } from '../../../src/api/types.ts';

/** What of an object the rules look at. */
export interface ObjectWithConditions {
  readonly metadata: { readonly generation: number; readonly deletionTimestamp?: string };
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] };
}

interface Facts {
  readonly generation: number;
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
  readonly ready: Condition | undefined;
  readonly reconciling: Condition | undefined;
  readonly stalled: Condition | undefined;
}

type Rule = readonly [name: string, holds: (facts: Facts) => boolean];

const whenReady = (facts: Facts, holds: (condition: Condition) => boolean): boolean =>
  facts.ready?.status !== 'True' || facts.conditions.every(holds);

/**
 * FAIL0010 and FAIL0011 of Flux speak of statuses that are written in the middle of a run; this operator writes a status
 * once a pass, at its end.
 */
const RULES: readonly Rule[] = [
  [
    'FAIL0001: Reconciling and Stalled are not True while Ready is True',
    ({ ready, reconciling, stalled }) =>
      ready?.status !== 'True' || (reconciling?.status !== 'True' && stalled?.status !== 'True'),
  ],
  ['FAIL0002: Ready is present', ({ ready }) => ready !== undefined],
  [
    'FAIL0003: Ready is False while Reconciling is True',
    ({ ready, reconciling }) => reconciling?.status !== 'True' || ready?.status === 'False',
  ],
  [
    'FAIL0004: Ready is False while Stalled is True',
    ({ ready, stalled }) => stalled?.status !== 'True' || ready?.status === 'False',
  ],
  [
    'FAIL0005: Reconciling and Stalled are not present together',
    ({ reconciling, stalled }) => reconciling === undefined || stalled === undefined,
  ],
  [
    'FAIL0006: observedGeneration is not above generation',
    ({ observedGeneration, generation }) => observedGeneration <= generation,
  ],
  [
    'FAIL0007: Ready is not True while observedGeneration is below generation',
    ({ ready, observedGeneration, generation }) => ready?.status !== 'True' || observedGeneration >= generation,
  ],
  [
    'FAIL0008: with Ready True, no condition speaks of an older generation',
    (facts) => whenReady(facts, (condition) => (condition.observedGeneration ?? 0) >= facts.generation),
  ],
  [
    'FAIL0009: with Ready True, every condition speaks of the generation that the status speaks of',
    (facts) => whenReady(facts, (condition) => condition.observedGeneration === facts.observedGeneration),
  ],
  [
    'Reconciling and Stalled are present only while True',
    ({ reconciling, stalled }) =>
      [reconciling, stalled].every((found) => found === undefined || found.status === 'True'),
  ],
  [
    'no other condition is present, and none twice',
    ({ conditions, ready, reconciling, stalled }) =>
      conditions.length === [ready, reconciling, stalled].filter((found) => found !== undefined).length,
  ],
  [
    'every condition says of which generation it speaks',
    ({ conditions }) => conditions.every(({ observedGeneration }) => (observedGeneration ?? 0) >= 1),
  ],
  ['every reason stands in the table', ({ conditions }) => conditions.every(({ reason }) => isReason(reason))],
  [
    'Reconciling and Stalled say what Ready says',
    ({ conditions, ready }) =>
      conditions.every(({ reason, message }) => reason === ready?.reason && message === ready.message),
  ],
  [
    'no message is longer than the API server takes',
    ({ conditions }) => conditions.every(({ message }) => Array.from(message).length <= MAX_CONDITION_MESSAGE_LENGTH),
  ],
  [
    'every lastTransitionTime is a time',
    ({ conditions }) => conditions.every(({ lastTransitionTime }) => !Number.isNaN(Date.parse(lastTransitionTime))),
  ],
];

/** The names of the rules that the object breaks. */
export function brokenConditionInvariants(object: ObjectWithConditions): readonly string[] {
  const conditions = object.status?.conditions ?? [];
  const find = (type: string): Condition | undefined => conditions.find((condition) => condition.type === type);
  const facts: Facts = {
    generation: object.metadata.generation,
    observedGeneration: object.status?.observedGeneration ?? 0,
    conditions,
    ready: find('Ready'),
    reconciling: find('Reconciling'),
    stalled: find('Stalled'),
  };
  return RULES.filter(([, holds]) => !holds(facts)).map(([name]) => name);
}

/**
 * To be called on a binding as the operator wrote it; a later change of the spec by someone else may break FAIL0007
 * until the operator has seen it.
 *
 * @throws Error that names each broken rule and shows the conditions.
 */
export function assertConditionInvariants(object: ObjectWithConditions): void {
  const broken = brokenConditionInvariants(object);
  if (broken.length === 0) return;
  throw new Error(`${broken.join('\n')}\n${JSON.stringify({ ...object.metadata, ...object.status }, undefined, 2)}`);
}
