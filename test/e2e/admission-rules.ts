/** The admission rules of `deploy/` in a world of its own: of the world's names, and with its operator as the one they let. */
import { eventually } from '../../dev/demo/wait.ts';
import type { Manifest } from '../../dev/deploy/kustomize.ts';
import type { ApiServer } from './api-server.ts';
import { Binding } from './binding.ts';

const PATHS: Readonly<Record<string, string>> = {
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
};
/** Refused to everybody but the operator, whatever rights they have: the only rule that an administrator can see in force. */
const SEEN = 'vmss-identity-operator-status';

interface Rule extends Manifest {
  readonly spec: { readonly policyName?: string; readonly paramRef?: { readonly name: string } };
}

export const rulePath = ({ kind, metadata }: Manifest): string | undefined => {
  const plural = PATHS[kind];
  return plural === undefined ? undefined : `/apis/admissionregistration.k8s.io/v1/${plural}/${metadata.name}`;
};

/** With every name as the world has it; the one that shows in force comes last. */
export function renamedRules(manifests: readonly Manifest[], renamed: (name: string) => string): readonly Manifest[] {
  return manifests
    .filter((manifest): manifest is Rule => manifest.kind in PATHS)
    .toSorted((one, other) => Number(one.metadata.name === SEEN) - Number(other.metadata.name === SEEN))
    .map((rule) => {
      const { policyName, paramRef, ...spec } = rule.spec;
      return {
        ...rule,
        metadata: { ...rule.metadata, name: renamed(rule.metadata.name) },
        spec: {
          ...spec,
          ...(policyName === undefined ? {} : { policyName: renamed(policyName) }),
          ...(paramRef === undefined ? {} : { paramRef: { ...paramRef, name: renamed(paramRef.name) } }),
        },
      };
    });
}

/** Waits until the API server goes by the rules that were applied. No operator may run yet. */
export async function untilInForce(api: ApiServer, namespace: string): Promise<void> {
  const scaleSetId = `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/none/providers/Microsoft.Compute/virtualMachineScaleSets/none`;
  const probe = new Binding({ api, namespace, name: 'probe', scaleSetId, identityId: (name) => name });
  // The rules of a world before this one are in force for a second or so after they are gone, and refuse everything then.
  await eventually('a binding to be let in', () => probe.apply({}));
  const change = { status: { observedGeneration: 1 } };
  await eventually('the admission rules to be in force', () =>
    api.patch(`${probe.path}/status?dryRun=All`, change).then(
      () => false,
      (error: unknown) => String(error).includes(SEEN),
    ),
  );
  await probe.delete();
}
