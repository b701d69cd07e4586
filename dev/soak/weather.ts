/** Bad days of Azure, by chance: rules of faults for the simulated one. */
import type { Fault, FaultEffect } from '../simulator/faults.ts';
import type { OperationOutcome } from '../simulator/state.ts';
import type { Random } from './random.ts';

/** What is wrong with Azure for a few seconds. */
export interface Weather {
  readonly faults: readonly Fault[];
  /** How long writes take from now on, in milliseconds. */
  readonly operationMs: number;
  readonly outcomes: readonly { readonly outcome: OperationOutcome; readonly scaleSetId: string }[];
}

const SCALE_SET = 'virtualMachineScaleSets/[^/]+$';
const LIST = 'virtualMachineScaleSets$';
const POLL = '/operations/[^/]+$';
const TOKEN = '/oauth2/v2.0/token$';
const RULES = 5;

/** @param count how many there were before */
export function nextWeather(scaleSetIds: readonly string[], count: number, random: Random): Weather {
  // Of each scale set one read in a long while: two reads in a row that show nothing are believed, and have to be.
  const blank = scaleSetIds[count % scaleSetIds.length] ?? '';
  return {
    faults: [blankRead(blank), ...Array.from({ length: RULES }, () => nextFault(random))],
    operationMs: random.pick([0, 0, 500, 1500, 4000]),
    outcomes: random.chance(0.3) ? [{ outcome: nextOutcome(random), scaleSetId: random.pick(scaleSetIds) }] : [],
  };
}

function blankRead(scaleSetId: string): Fault {
  return { match: { method: 'GET', path: `${scaleSetId}$` }, effect: { kind: 'withoutIdentity' } };
}

function nextFault(random: Random): Fault {
  const nth = random.between(1, 3);
  const few = random.between(1, 4);
  const on = (method: string, path: string, effect: FaultEffect, count = few): Fault => ({
    match: { method, path },
    effect,
    nth,
    count,
  });
  const status = (code: string, number: number, headers: Readonly<Record<string, string>> = {}): FaultEffect => ({
    kind: 'status',
    status: number,
    code,
    message: 'A fault of the soak.',
    headers,
  });
  const wait = { 'retry-after': String(random.between(1, 3)) };
  const applied = random.chance(0.5);
  const faults: readonly (() => Fault)[] = [
    () => on('PATCH', SCALE_SET, status('TooManyRequests', 429, wait)),
    () => on('GET', SCALE_SET, status('TooManyRequests', 429, wait)),
    () => on('PATCH', SCALE_SET, status('InternalServerError', random.pick([500, 502, 503, 504]))),
    () => on('PATCH', SCALE_SET, { kind: 'status', status: 500, code: 'InternalServerError', applied: true }),
    () => on('GET', random.pick([SCALE_SET, LIST, POLL]), status('ServerTimeout', random.pick([500, 503]))),
    () => on('PATCH', SCALE_SET, status('Conflict', 409)),
    () => on('PATCH', SCALE_SET, status('PreconditionFailed', 412)),
    () => on('PATCH', SCALE_SET, { kind: 'reset', applied }),
    () => on('GET', random.pick([SCALE_SET, LIST, POLL]), { kind: 'reset' }),
    // Rarely: each holds one of few workers until its time is over.
    () => on(random.pick(['GET', 'PATCH']), SCALE_SET, { kind: 'hang', applied }, 1),
    () => on('PATCH', SCALE_SET, { kind: 'delay', ms: random.between(500, 6000), applied }),
    () => on('GET', random.pick([SCALE_SET, LIST]), { kind: 'delay', ms: random.between(500, 3000) }),
    () => on('GET', POLL, status('NotFound', 404), 1),
    () => on('POST', TOKEN, { kind: 'status', status: 503, body: { error: 'temporarily_unavailable' } }, 1),
  ];
  return random.pick(faults)();
}

function nextOutcome(random: Random): OperationOutcome {
  if (random.chance(0.4)) return { kind: 'Stuck' };
  return {
    kind: 'Fail',
    code: random.pick(['InternalExecutionError', 'OperationPreempted']),
    message: 'A fault of the soak.',
  };
}
