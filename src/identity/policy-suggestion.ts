/** A policy that would allow what a binding lacks, ready to be pasted. */
import { API_VERSION, type VmssIdentityBinding, type VmssIdentityBindingSpec } from '../api/types.ts';

/** What is to be allowed to the binding's namespace on its scale set. */
export interface Wanted {
  /** Resource ids. */
  readonly identities: readonly string[];
  readonly systemAssigned: VmssIdentityBindingSpec['systemAssigned'];
  readonly exclusive: boolean;
  readonly adopt: boolean;
}

/** Longest name of an object. */
const MAX_NAME_LENGTH = 253;

/**
 * YAML of a `VmssIdentityPolicy` that allows the binding this and nothing else.
 * @param maxLength in characters; identities for which there is no room are counted in a comment
 */
export function policyFor(binding: VmssIdentityBinding, wanted: Wanted, maxLength: number): string {
  for (let listed = wanted.identities.length; listed > 0; listed -= 1) {
    const policy = render(binding, wanted, listed);
    if (policy.length <= maxLength) return policy;
  }
  return render(binding, wanted, 0);
}

/** All text is quoted: a namespace may be called `123` or `null`. */
function render(
  { metadata, spec }: VmssIdentityBinding,
  { identities, systemAssigned, exclusive, adopt }: Wanted,
  listed: number,
): string {
  const name = `${metadata.namespace}-${metadata.name}`.slice(0, MAX_NAME_LENGTH).replace(/[^a-z0-9]+$/, '');
  const level = { Enabled: 'Enable', Disabled: 'EnableAndDisable', Unmanaged: undefined }[systemAssigned];
  const rest = identities.length - listed;
  return [
    `apiVersion: ${API_VERSION}`,
    'kind: VmssIdentityPolicy',
    `metadata: { name: ${JSON.stringify(name)} }`,
    'spec:',
    `  namespaces: [${JSON.stringify(metadata.namespace)}]`,
    '  scaleSets:',
    `  - ${JSON.stringify(spec.scaleSet.resourceId)}`,
    ...(listed > 0 ? ['  userAssigned:'] : []),
    ...identities.slice(0, listed).map((resourceId) => `  - ${JSON.stringify(resourceId)}`),
    ...(rest > 0 ? [`  # and ${String(rest)} more`] : []),
    ...(level === undefined ? [] : [`  systemAssigned: ${level}`]),
    ...(exclusive ? ['  exclusive: Allow'] : []),
    ...(adopt ? ['  adopt: Allow'] : []),
  ].join('\n');
}
