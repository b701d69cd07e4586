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
];
