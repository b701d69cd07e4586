/** What Azure says is left, in the headers of any reply. Only names that are known exactly count, and only whole numbers. */
import type { ReplyHeaders } from '../retry-after.ts';
import type { PolicyName } from './limits.ts';

/**
 * The policies of Compute whose headers say how many requests are left. Others stand beside them that say something
 * else: `VmssQueuedVMOperations;0` is a queue without anything in it.
 */
const COUNTED: ReadonlySet<string> = new Set<PolicyName>([
  'GetVMScaleSetResource',
  'GetVMScaleSetSubscriptionMaximum',
  'VMScaleSetActionsResource',
  'VMScaleSetActionsSubscriptionMaximum',
  'GetOperationResource',
  'GetOperationSubscriptionMaximum',
]);

/** A real one has a few hundred characters; of a longer one nothing is believed. */
const MAX_LENGTH = 4096;

export function remainingIn(headers: ReplyHeaders): ReadonlyMap<PolicyName, number> {
  const remaining = new Map<PolicyName, number>();
  const resource = headers.get('x-ms-ratelimit-remaining-resource') ?? '';
  for (const part of resource.length > MAX_LENGTH ? [] : resource.split(',')) {
    const [, name, count] = /^\s*Microsoft\.Compute\/([A-Za-z0-9]{1,80});(\d{1,9})\s*$/.exec(part) ?? [];
    if (name !== undefined && COUNTED.has(name)) remaining.set(name as PolicyName, Number(count));
  }
  for (const [name, policy] of OF_ARM) {
    const count = headers.get(name)?.trim();
    if (count !== undefined && /^\d{1,9}$/.test(count)) remaining.set(policy, Number(count));
  }
  return remaining;
}

const OF_ARM = [
  ['x-ms-ratelimit-remaining-subscription-reads', 'ArmReads'],
  ['x-ms-ratelimit-remaining-subscription-writes', 'ArmWrites'],
] as const satisfies readonly (readonly [string, PolicyName])[];
