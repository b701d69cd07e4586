/** Whether a reply throttles, and which of the limits that count the request it closes. */
import { asciiLower } from '../../identity/arm-id.ts';
import type { Failure } from '../../reconcile/azure-port.ts';
import type { ArmCall } from '../call.ts';
import { classifyOperation, classifyReply } from '../errors.ts';
import { member, textOf } from '../json.ts';
import type { ArmReply } from '../request.ts';
import type { Charge, ChargedLimit } from './charge.ts';
import { isCalled, isPerScaleSet, type PolicyName } from './limits.ts';

export interface Throttle {
  readonly failure: Failure;
  /** What the reply says: the body, or the error of an operation that failed. */
  readonly error: unknown;
  /** It is about the write that an operation carries out, and not about the look at it. */
  readonly isLate: boolean;
}

/** A reply that throttles: a 429, one that says so in its text, or a look at an operation that failed for it. */
export function throttleIn(call: ArmCall, reply: ArmReply, nowMs: number): Throttle | undefined {
  const body = reply.body.is === 'json' ? reply.body.value : undefined;
  const asked = { scope: '', requestIds: [], nowMs };
  const isLook = call.operation === 'poll_operation';
  if (reply.status >= 400) {
    const failure = classifyReply({ ...reply, body }, asked);
    return throttled(failure, body, isLook && reply.status !== 429);
  }
  if (!isLook || !/^(?:failed|cancell?ed)$/i.test(textOf(member(body, 'status')) ?? '')) return undefined;
  const error = member(body, 'error');
  return throttled(classifyOperation('Failed', error, reply.headers, asked), error, true);
}

function throttled(failure: Failure, error: unknown, isLate: boolean): Throttle | undefined {
  return failure.kind === 'throttled' ? { failure, error, isLate } : undefined;
}

/** The limit that the throttle is about: as it names it, else by what was asked. */
export function limitOf({ failure, error }: Throttle, charge: Charge): ChargedLimit | undefined {
  const by = (isMeant: (policy: PolicyName) => boolean): ChargedLimit | undefined =>
    charge.limits.find(({ policy }) => isMeant(policy));
  switch (asciiLower(failure.code)) {
    case 'subscriptionrequeststhrottled':
      return by((policy) => policy === 'ArmReads' || policy === 'ArmWrites');
    case 'failedidentityoperation':
      return by((policy) => policy === 'IdentityAssignment') ?? by((policy) => policy === charge.main);
  }
  const names = targetsOf(error);
  const named = by((policy) => names.some((name) => isCalled(policy, name)));
  if (named !== undefined) return named;
  // Of policies that are not known here, too, those per resource are called so.
  const isOfResource = names.some((name) => name.endsWith('Resource'));
  return (isOfResource ? by(isPerScaleSet) : undefined) ?? by((policy) => policy === charge.main);
}

/** Compute names the policy in `details[].target`. */
function targetsOf(error: unknown): readonly string[] {
  const details = member(member(error, 'error') ?? error, 'details');
  return Array.isArray(details) ? details.flatMap((detail) => textOf(member(detail, 'target')) ?? []) : [];
}
