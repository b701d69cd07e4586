/**
 * Every field of the kinds that this version reads or writes; `[]` stands for the entries of a list. What a definition does
 * not have, the API server drops without a word: a ledger would lose what it has to remember.
 */
import { BINDING, type KindDescriptor, LEDGER, POLICY } from '../api/types.ts';

const below = (path: string, ...fields: readonly string[]): readonly string[] =>
  fields.map((field) => `${path}.${field}`);

const membersOf = (path: string): readonly string[] => below(`${path}.for[]`, 'namespace', 'name', 'uid');

export const fieldsInUse: ReadonlyMap<KindDescriptor, readonly string[]> = new Map<KindDescriptor, readonly string[]>([
  [
    BINDING,
    [
      ...below('spec', 'scaleSet.resourceId', 'systemAssigned', 'mode', 'deletionPolicy', 'managementPolicy'),
      ...below('spec', 'staleIdentities', 'suspend'),
      ...below('spec.userAssigned[]', 'resourceId', 'adopt'),
      ...below('status', 'observedGeneration', 'summary', 'foreignCount', 'lastHandledReconcileAt'),
      ...below(
        'status.conditions[]',
        'type',
        'status',
        'observedGeneration',
        'lastTransitionTime',
        'reason',
        'message',
      ),
      ...below('status.scaleSet', 'name', 'orchestrationMode', 'location'),
      ...below('status.systemAssigned', 'state', 'principalId', 'tenantId'),
      ...below('status.userAssigned[]', 'resourceId', 'state', 'principalId', 'clientId', 'attachedByUs', 'reason'),
      ...below('status.userAssigned[]', 'message', 'lastTransitionTime', 'nextAttemptTime'),
      ...below('status.plan', 'type', 'attach', 'detach', 'warnings', 'request'),
    ],
  ],
  [
    POLICY,
    below('spec', 'namespaces', 'scaleSets', 'userAssigned', 'systemAssigned', 'exclusive', 'adopt', 'protected'),
  ],
  [
    LEDGER,
    [
      ...below('spec', 'scaleSetId', 'uniqueId', 'foreign'),
      ...below('spec.entries[]', 'resourceId', 'phase', 'since', 'reattachedAt'),
      ...membersOf('spec.entries[]'),
      ...below('spec.systemAssigned', 'phase', 'since'),
      ...membersOf('spec.systemAssigned'),
      ...below('spec.operation', 'startedAt', 'lastError.code', 'lastError.message'),
      ...below('spec.exclusive', 'detach', 'since', 'bindings'),
    ],
  ],
]);
