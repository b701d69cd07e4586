import { BINDING, type VmssIdentityBinding } from '../../../src/api/types.ts';
import { brokenConditionInvariants } from '../../unit/api/assert-condition-invariants.ts';
import type { Run } from '../run.ts';

/** What a status said that none may say, at the write that said it. */
export function brokenConditions({ kubeChanges }: Pick<Run, 'kubeChanges'>): readonly string[] {
  return kubeChanges
    .filter(({ collection, subresource }) => collection.startsWith(`${BINDING.plural}.`) && subresource === 'status')
    .flatMap(({ object, key, revision }) =>
      brokenConditionInvariants(asWasRead(object as object as VmssIdentityBinding)).map(
        (rule) => `${key} at revision ${revision}: ${rule}`,
      ),
    );
}

/** The spec may have changed between the operator's reading of it and the writing of this status. */
function asWasRead({ metadata, status }: VmssIdentityBinding): Pick<VmssIdentityBinding, 'metadata' | 'status'> {
  return { metadata: { ...metadata, generation: Math.min(metadata.generation, status.observedGeneration) }, status };
}
