/** For whom an identity is, and what becomes of it when they leave. */
import type { Mutant } from './mutant.ts';
import { AT_REST, CRASH } from './sweeps.ts';

export const ofMembers: readonly Mutant[] = [
  {
    name: 'orphans are detached',
    file: 'src/identity/transition.ts',
    edits: [
      ["  if (facts.members.orphan) return { ...keep(facts, record.phase, record.since), note: 'orphan' };\n", ''],
    ],
    sweep: 'workloads/made-anew',
    test: AT_REST,
  },
  {
    name: 'members of an entry are known by name',
    file: 'src/identity/membership.ts',
    edits: [
      [
        '  const byUid = new Map(declarations.map((declaration) => [declaration.uid, declaration]));\n',
        '  const byUid = new Map(declarations.map((declaration) => [declaration.uid, declaration]));\n  const uidNow = (member: Member): string =>\n    declarations.find(({ name }) => name === member.name)?.uid ?? member.uid;\n  recorded = recorded.map((member) => ({ ...member, uid: uidNow(member) }));\n',
      ],
    ],
    sweep: 'workloads/made-anew',
    test: AT_REST,
  },
  {
    name: 'who is gone stays a member though taken over',
    file: 'src/identity/membership.ts',
    edits: [['  if (!takenOver) staying.push(...unseen);', '  staying.push(...unseen);']],
    sweep: 'workloads/made-anew',
    test: AT_REST,
  },
  {
    name: 'an orphan is not taken over',
    file: 'src/identity/membership.ts',
    edits: [
      [
        '  const orphan = !takenOver && (unseen.length > 0 || recorded.length === 0);\n  if (!takenOver) staying',
        '  const orphan = unseen.length > 0 || recorded.length === 0;\n  staying',
      ],
    ],
    sweep: 'workloads/made-anew',
    test: AT_REST,
  },
  {
    name: 'Retain is ignored',
    file: 'src/identity/declaration.ts',
    edits: [['return declaration.retain || declaration.abandoned', 'return declaration.abandoned']],
    sweep: 'workloads/retained',
    test: AT_REST,
  },
  {
    name: 'system-assigned is left out of type',
    file: 'src/identity/patch.ts',
    edits: [['identityType(off ? false : isOn || turnsOn,', 'identityType(turnsOn,']],
    sweep: 'workloads/retained',
    test: AT_REST,
  },
  {
    name: 'an intent is never retracted',
    file: 'src/identity/ledger.ts',
    edits: [
      ["(entry) => entry.phase !== 'Attaching' || !identities.has(armKey(entry.resourceId)),", '() => true,'],
      ['      return facts.refused\n', '      return facts.refused && !facts.wanted\n', 'src/identity/transition.ts'],
    ],
    sweep: 'workloads/refused-then-foreign',
    test: AT_REST,
  },
  {
    name: 'a status makes an identity ours',
    file: 'src/reconcile/decide.ts',
    edits: [
      [
        '    ledger: current,\n',
        "    ledger: current && {\n      ...current,\n      entries: [\n        ...current.entries,\n        ...subject.bound.flatMap(({ binding: { metadata, status } }) =>\n          (status?.userAssigned ?? [])\n            .filter(({ resourceId, attachedByUs }) => attachedByUs === true && !current.entries.some((each) => each.resourceId === resourceId))\n            .map(({ resourceId }) => ({ resourceId, phase: 'Attached' as const, since: new Date(now).toISOString(), for: [{ namespace: metadata.namespace, name: metadata.name, uid: metadata.uid }] })),\n        ),\n      ],\n    },\n",
      ],
    ],
    sweep: 'workloads/forged-status',
    test: AT_REST,
  },
  {
    name: 'what is declared and foreign is adopted without being told to',
    file: 'src/identity/transition.ts',
    edits: [
      ['  if (!facts.adopt || facts.untouchable) return nothing();', '  if (facts.untouchable) return nothing();'],
    ],
    sweep: 'workloads/forged-status',
    test: AT_REST,
  },
  {
    name: 'what stands for a suspended one is not held',
    file: 'src/identity/membership.ts',
    edits: [
      [
        '    return isFrozenFor(declaration, identity) && recorded.some((member) => member.uid === declaration.uid);',
        '    return false;',
      ],
    ],
    sweep: 'workloads/held',
    test: AT_REST,
  },
  {
    name: 'nothing is held back from a plan',
    file: 'src/identity/membership.ts',
    edits: [
      [
        '  return declarations.some((declaration) => {\n    if (declaration.deleting) return false;',
        '  return declarations.some((declaration) => {\n    if (declaration !== undefined) return false;',
      ],
    ],
    sweep: 'workloads/held',
    test: AT_REST,
  },
  {
    name: 'a frozen one is let go as a member',
    file: 'src/identity/membership.ts',
    edits: [
      [
        "  if (declares && isFrozenByChoice(declaration) && isPermittedFor(declaration, identity)) return 'stays';\n  return isMember ? 'frozen' : 'none';",
        '  return leave(isMember, false);',
      ],
    ],
    sweep: 'workloads/held',
    test: AT_REST,
  },
  {
    name: 'a suspended one takes back when deleted',
    file: 'src/identity/declaration.ts',
    edits: [['declaration.abandoned || isFrozenByChoice(declaration)', 'declaration.abandoned']],
    sweep: 'workloads/held',
    test: AT_REST,
  },
  {
    name: 'a refused intent stays on record',
    file: 'src/identity/transition.ts',
    edits: [['return facts.refused\n        ?', 'return facts.refused && !facts.wanted\n        ?']],
    sweep: 'workloads/refused-then-foreign',
    test: CRASH,
  },
];
