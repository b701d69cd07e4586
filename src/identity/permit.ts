/**
 * Who may bind what. Deny by default: a (namespace, scale set, identity) triple must be allowed whole by one policy;
 * what several policies allow in part is never added up.
 */
import type { ArmKey } from './arm-id.ts';
import { matchesGlob, matchesResource } from './pattern.ts';

/** The part of a policy that decides; `VmssIdentityPolicySpec` is one. */
export interface PolicyRules {
  readonly namespaces: readonly string[];
  readonly scaleSets: readonly string[];
  readonly userAssigned?: readonly string[];
  readonly systemAssigned?: 'Deny' | 'Enable' | 'EnableAndDisable';
  readonly exclusive?: 'Deny' | 'Allow';
  readonly adopt?: 'Deny' | 'Allow';
  readonly protected?: readonly string[];
}

/** What the policies allow one namespace on one scale set. */
export interface Grants {
  /** False: no policy names this namespace together with this scale set. Nothing else is granted then. */
  readonly scaleSet: boolean;
  readonly enableSystemAssigned: boolean;
  readonly disableSystemAssigned: boolean;
  readonly exclusive: boolean;
  identity(identity: ArmKey): boolean;
  adopt(identity: ArmKey): boolean;
}

/** The grants of `namespace` on `scaleSet`. Only policies that match both count, each by itself. */
export function grantsFor(policies: readonly PolicyRules[], namespace: string, scaleSet: ArmKey): Grants {
  const applying = policies.filter(
    (policy) =>
      policy.namespaces.some((pattern) => matchesGlob(pattern, namespace)) &&
      policy.scaleSets.some((pattern) => matchesResource(pattern, scaleSet)),
  );
  const allows = (policy: PolicyRules, identity: ArmKey): boolean =>
    (policy.userAssigned ?? []).some((pattern) => matchesResource(pattern, identity));
  return {
    scaleSet: applying.length > 0,
    enableSystemAssigned: applying.some((policy) => (policy.systemAssigned ?? 'Deny') !== 'Deny'),
    disableSystemAssigned: applying.some((policy) => policy.systemAssigned === 'EnableAndDisable'),
    exclusive: applying.some((policy) => policy.exclusive === 'Allow'),
    identity: remembering((identity) => applying.some((policy) => allows(policy, identity))),
    adopt: (identity) => applying.some((policy) => policy.adopt === 'Allow' && allows(policy, identity)),
  };
}

/** Asked once for each identity: a pass asks of the same few again and again, and there may be hundreds of patterns. */
function remembering(judge: (identity: ArmKey) => boolean): (identity: ArmKey) => boolean {
  const judged = new Map<ArmKey, boolean>();
  return (identity) => {
    const verdict = judged.get(identity) ?? judge(identity);
    judged.set(identity, verdict);
    return verdict;
  };
}

/** Whether any policy, whatever its namespaces, protects the identity from ever being detached. */
export function isProtected(policies: readonly PolicyRules[], identity: ArmKey): boolean {
  return policies.some((policy) => (policy.protected ?? []).some((pattern) => matchesResource(pattern, identity)));
}

/** Whether a change of the policy can change what is decided about the scale set and the bindings in these namespaces. */
export function touches(policy: PolicyRules, namespaces: readonly string[], scaleSet: ArmKey): boolean {
  // What it protects, it protects from everybody.
  if ((policy.protected ?? []).length > 0) return true;
  const names = namespaces.some((namespace) => policy.namespaces.some((pattern) => matchesGlob(pattern, namespace)));
  return names && policy.scaleSets.some((pattern) => matchesResource(pattern, scaleSet));
}
