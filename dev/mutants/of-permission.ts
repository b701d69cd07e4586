/** Who may have what, and what is never done. */
import type { Mutant } from './mutant.ts';
import { AT_REST } from './sweeps.ts';

export const ofPermission: readonly Mutant[] = [
  {
    name: 'a policy that is gone takes back what it allowed',
    file: 'src/identity/membership.ts',
    edits: [
      [
        "  if (declares && isFrozenByChoice(declaration) && isPermittedFor(declaration, identity)) return 'stays';\n  return isMember ? 'frozen' : 'none';",
        "  if (declares && isFrozenByChoice(declaration) && isPermittedFor(declaration, identity)) return 'stays';\n  return leave(isMember, false);",
      ],
    ],
    sweep: 'workloads/policy-removed',
    test: AT_REST,
  },
  {
    name: 'Exclusive detaches at once',
    file: 'src/identity/exclusive.ts',
    edits: [
      ['  if (wait === undefined || endOf(wait, rules) > nowMs) return [];', '  if (wait === undefined) return [];'],
    ],
    sweep: 'workloads/exclusive',
    test: AT_REST,
  },
  {
    name: 'policies are united for identities',
    file: 'src/identity/permit.ts',
    edits: [
      ['identity: remembering((identity) => applying.some(', 'identity: remembering((identity) => policies.some('],
    ],
    sweep: 'workloads/separate-policies',
    test: AT_REST,
  },
  {
    name: 'policies are united for adopt',
    file: 'src/identity/permit.ts',
    edits: [
      [
        "adopt: (identity) => applying.some((policy) => policy.adopt === 'Allow' && allows(policy, identity)),",
        "adopt: (identity) =>\n      policies.some((policy) => policy.adopt === 'Allow') && applying.some((policy) => allows(policy, identity)),",
      ],
    ],
    sweep: 'workloads/separate-policies',
    test: AT_REST,
  },
  {
    name: 'adopt needs no permission',
    file: 'src/identity/permit.ts',
    edits: [["policy.adopt === 'Allow' && allows(policy, identity)", 'allows(policy, identity)']],
    sweep: 'workloads/separate-policies',
    test: AT_REST,
  },
  {
    name: 'policies are united for Exclusive',
    file: 'src/identity/permit.ts',
    edits: [['exclusive: applying.some(', 'exclusive: policies.some(']],
    sweep: 'workloads/separate-policies',
    test: AT_REST,
  },
  {
    name: 'Exclusive needs no permission',
    file: 'src/identity/declaration.ts',
    edits: [['declaration.exclusive && declaration.grants.exclusive', 'declaration.exclusive']],
    sweep: 'workloads/separate-policies',
    test: AT_REST,
  },
  {
    name: 'protected is ignored',
    file: 'src/identity/permit.ts',
    edits: [
      [
        '  return policies.some((policy) => (policy.protected ?? [])',
        "  return [policies[0]].some((policy) => (policy?.protected ?? ['']).slice(0, 0)",
      ],
    ],
    sweep: 'workloads/separate-policies',
    test: AT_REST,
  },
  {
    name: 'what is protected is taken back',
    file: 'src/identity/transition.ts',
    edits: [["  if (facts.untouchable) return { ...nothing(), note: 'renouncedUntouchable' };\n", '']],
    sweep: 'workloads/separate-policies',
    test: AT_REST,
  },
  {
    name: 'ids are not folded',
    file: 'src/identity/arm-id.ts',
    edits: [['  return asciiLower(resourceId) as ArmKey;', '  return resourceId as ArmKey;']],
    sweep: 'workloads/separate-policies',
    test: AT_REST,
  },
];
