/** Azure refuses one request, in every way that there is; and a change that it had accepted comes to nothing. */
import { type ArmFault, armFaults, type Asks, moreArmFaults, operationFailures } from '../arm-faults.ts';
import { scaleSetIdOf } from '../names.ts';
import { ATTEMPTS, bindingsOf, CHANGES } from '../oracles/writes.ts';
import type { Run } from '../run.ts';
import { requestsOf, type TraceLine } from '../trace.ts';
import { BINDINGS, isRefusedWrite, LEDGERS } from './allowances.ts';
import { atRequest } from './at-request.ts';
import type { Allowance, Case, Sweep } from './sweep.ts';

/**
 * A status tells what was refused, one that the next is under way, and a third that it is done; what is tried one identity
 * at a time is as many writes and statuses as there are identities.
 */
function toldOnTheWay(reference: Run): Allowance {
  const [bindings, identities] = [bindingsOf(reference), identitiesOf(reference)];
  return {
    [CHANGES]: identities,
    [ATTEMPTS]: 1 + identities,
    // A finalizer goes with an intent that is taken back, and comes with the next: also with one that is refused anyway.
    [`MODIFIED ${BINDINGS}`]: (reference.trace.some(isRefusedWrite) ? 4 : 2) * bindings,
    [`MODIFIED ${BINDINGS} status`]: (3 + identities) * bindings,
    [`MODIFIED ${LEDGERS}`]: 2 + 2 * identities,
    // What was refused is on record no more, and again when it is tried.
    [`ADDED ${LEDGERS}`]: 1,
    [`DELETED ${LEDGERS}`]: 1,
  };
}

/** How many identities the operator attached or detached. */
const identitiesOf = ({ azureChanges }: Run): number =>
  new Set(
    azureChanges.flatMap(({ before, after }) => {
      const [had, has] = [before?.userAssigned ?? [], after?.userAssigned ?? []];
      return [...had.filter((id) => !has.includes(id)), ...has.filter((id) => !had.includes(id))];
    }),
  ).size;

const allFaults = [...armFaults, ...moreArmFaults];

export const armFault: Sweep = {
  counted: 'refusals by Azure',
  says: 'ends the same whatever Azure answers to one request',
  // What one request is not answered with, the next one is.
  every: 3,
  recoveryMs: 5 * 60_000,
  cases: (reference, isDeep) => {
    const allowed = toldOnTheWay(reference);
    return requestsToAzure(reference).flatMap((line) =>
      (isDeep ? allFaults : armFaults)
        .filter((fault) => isGiven(fault, line))
        .map(({ what, effect, logs, recoveryMs }): Case => ({
          what: `request ${line.request} gets ${what}`,
          arrange: (world) =>
            atRequest(world, line.request, () => {
              world.azure.addFault({ effect });
              return 'through';
            }),
          allowed,
          ...(recoveryMs !== undefined && { recoveryMs }),
          ...(logs && { logs }),
        })),
    );
  },
  unpruned: (reference) =>
    requestsToAzure(reference).flatMap((line) => allFaults.filter((fault) => isGiven(fault, line))).length,
};

export const operationFailure: Sweep = {
  counted: 'failed operations',
  says: 'ends the same at whichever look an operation turns out to have failed',
  // The second step of the back-off is ten minutes, and some had a first one before.
  recoveryMs: 13 * 60_000,
  cases: (reference) => {
    const allowed = toldOnTheWay(reference);
    return pollsOf(reference).flatMap(({ write, poll }) =>
      operationFailures.map(([how, outcome]): Case => ({
        what: `the operation of request ${write.request} ${how} before request ${poll.request}`,
        arrange: (world) => {
          const scaleSet = scaleSetIdOf('web');
          world.scheduler.fateOf = ({ request, side, method }) => {
            if (request === write.request) {
              world.azure.setOperationLength(scaleSet, poll.virtualMs - write.virtualMs - 1);
              world.azure.planOutcome(outcome);
              world.noteFault();
            } else if (side === 'A' && method === 'PATCH') world.azure.setOperationLength(scaleSet, undefined);
            return 'through';
          };
        },
        allowed,
      })),
    );
  },
};

const requestsToAzure = (reference: Run): readonly TraceLine[] =>
  requestsOf(reference).filter(({ side }) => side === 'A');

const isGiven = ({ to }: ArmFault, line: TraceLine): boolean => to === undefined || to.includes(asksFor(line));

function asksFor({ method, path }: TraceLine): Asks {
  if (method !== 'GET') return 'write';
  return /\/(?:virtualMachineScaleSets|userAssignedIdentities)$/.test(path) ? 'list' : 'read';
}

interface Poll {
  readonly write: TraceLine;
  readonly poll: TraceLine;
}

/** Each look at an operation, with the write that began it. */
function pollsOf(reference: Run): readonly Poll[] {
  let write: TraceLine | undefined;
  const polls: Poll[] = [];
  for (const line of requestsToAzure(reference)) {
    if (line.method === 'PATCH') write = line;
    else if (write !== undefined && /\/operations\/[^/]+$/.test(line.path)) polls.push({ write, poll: line });
  }
  return polls;
}
