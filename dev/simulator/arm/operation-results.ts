import { present, type Reply } from '../http.ts';
import { findScaleSet, fold, scaleSetType } from '../resource-id.ts';
import type { Operation } from '../state.ts';
import type { ArmCall } from './arm-call.ts';
import * as errors from './errors.ts';
import { isRemembered, isSigned } from './operations.ts';
import { retryAfter } from './retry-after.ts';
import { preciseTime } from './times.ts';
import { showing } from './write-replies.ts';

/** What the links of an operation answer; 404 for one that was cut, forged or forgotten. */
export function readOperation(arm: ArmCall, operationId: string): Reply {
  const { state, call } = arm;
  const operation = state.operations.get(fold(operationId));
  if (operation === undefined || !isSigned(state, operation, call)) return errors.operationNotFound();
  if (!isRemembered(state, operation, call.nowMs)) return errors.operationNotFound();
  return call.query.get('monitor') === 'true' ? monitor(arm, operation) : status(arm, operation);
}

/** `azure-asyncoperation`: always 200, and a body whose `status` tells. */
function status(arm: ArmCall, operation: Operation): Reply {
  const running = operation.status === 'InProgress';
  return {
    status: 200,
    headers: running ? wait(arm) : {},
    body: present<unknown>({
      startTime: preciseTime(operation.startMs),
      endTime: operation.endMs === undefined ? undefined : preciseTime(operation.endMs),
      status: running ? arm.state.settings.runningStatus : operation.status,
      error: operation.error,
      name: operation.id,
    }),
  };
}

/** `location`: 202 while it runs, then what the request would have been answered at once. */
function monitor(arm: ArmCall, operation: Operation): Reply {
  if (operation.status === 'InProgress') {
    return { status: 202, headers: { location: arm.call.request.url, ...wait(arm) } };
  }
  if (operation.error !== undefined) return errors.operationFailed(operation.error, operation.errorStatus);
  if (operation.kind !== 'Create' && operation.kind !== 'Update') return { status: 200 };
  const set = findScaleSet(arm.state, operation.scaleSet);
  return set === operation.scaleSet
    ? showing(arm, set, operation.kind === 'Create' ? 201 : 200)
    : errors.resourceNotFound(scaleSetType, operation.scaleSet.name, operation.scaleSet.resourceGroup);
}

function wait({ state, call }: ArmCall): Readonly<Record<string, string>> {
  return retryAfter(state.settings, state.settings.pollRetryAfterSeconds, call.nowMs);
}
