/** What the status of a binding must say when everything is at rest. */
import type { VmssIdentityBinding } from '../../../src/api/types.ts';
import { type Azure, expectedReasons } from './expected-reason.ts';
import { type Declared, entryOf, isMember, isPermitted, lower, policiesFor } from './standing.ts';

export function statusFlaws(declared: Declared, binding: VmssIdentityBinding, azure: Azure): readonly string[] {
  const { status, metadata } = binding;
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  const expected = expectedReasons(declared, binding, azure);
  return [
    ...(status.observedGeneration === metadata.generation ? [] : ['its status is of an older spec']),
    ...(expected.includes(ready?.reason ?? '')
      ? []
      : [`says ${ready?.reason ?? 'nothing'} (${ready?.message ?? ''}), not ${expected.join(' or ')}`]),
    ...passingStates(binding),
    ...(azure.scaleSet === undefined || policiesFor(declared, binding).length === 0
      ? []
      : identityFlaws(declared, binding, azure)),
  ];
}

/** Of what is not declared any more: it has gone, or it is frozen. */
const passingStates = ({ spec, status }: VmssIdentityBinding): readonly string[] =>
  spec.suspend
    ? []
    : (status.userAssigned ?? [])
        .filter(({ state }) => state === 'Detaching')
        .map(({ resourceId }) => `says ${resourceId} is being detached`);

function identityFlaws(declared: Declared, binding: VmssIdentityBinding, azure: Azure): readonly string[] {
  if (binding.spec.suspend) return [];
  return binding.spec.userAssigned.flatMap(({ resourceId }): string[] => {
    const id = lower(resourceId);
    const shown = binding.status.userAssigned?.find((each) => lower(each.resourceId) === id);
    const expected = expectedStates(declared, binding, azure, id);
    const isOurs = isMember(entryOf(declared, id), binding);
    return [
      ...(expected.includes(shown?.state ?? '')
        ? []
        : [`says ${id} is ${shown?.state ?? 'nothing'}, not ${expected.join(' or ')}`]),
      ...(shown?.state === 'Assigned' && shown.attachedByUs !== isOurs
        ? [`says attachedByUs: ${shown.attachedByUs} of ${id}`]
        : []),
    ];
  });
}

function expectedStates(declared: Declared, binding: VmssIdentityBinding, { scaleSet, identities }: Azure, id: string) {
  if (!isPermitted(declared, binding, id)) return ['NotPermitted'];
  if (!identities.has(id)) return binding.spec.managementPolicy === 'Observe' ? ['Missing', 'Pending'] : ['Missing'];
  const live = scaleSet?.userAssigned.find((each) => lower(each.id) === id);
  if (live === undefined) return ['Pending'];
  return [live.orphaned ? 'Stale' : 'Assigned'];
}
