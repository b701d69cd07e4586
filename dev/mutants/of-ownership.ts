/** Whose an identity is: the ledger, its phases, and the sets that a plan is made from. */
import type { Mutant } from './mutant.ts';
import { AT_REST, CRASH } from './sweeps.ts';

export const ofOwnership: readonly Mutant[] = [
  {
    name: 'the ledger is written after the PATCH',
    file: 'src/reconcile/write.ts',
    edits: [
      [
        '    await record(subject, { ...intent, operation }, tools.cluster, tools.signal);\n',
        '    await Promise.resolve();\n',
      ],
      [
        '  memory.touchedAt = tools.now();\n',
        '  memory.touchedAt = tools.now();\n  await record(subject, { ...intent, operation }, tools.cluster, tools.signal);\n',
      ],
    ],
    sweep: 'workloads/first-attach',
    test: CRASH,
  },
  {
    name: 'the finalizer is not set',
    file: 'src/reconcile/record.ts',
    edits: [['  await finalizeMembers(subject, ledger, cluster, signal);\n', '']],
    sweep: 'workloads/deletion',
    test: AT_REST,
  },
  {
    name: 'an intent that came about is dropped',
    file: 'src/identity/transition.ts',
    edits: [
      [
        '  const record = confirmed(facts, recorded);\n',
        "  if (recorded.phase === 'Attaching') return nothing();\n  const record = confirmed(facts, recorded);\n",
      ],
    ],
    sweep: 'workloads/deletion',
    test: AT_REST,
  },
  {
    name: 'the uniqueId of a scale set is ignored',
    file: 'src/identity/ledger.ts',
    edits: [
      ['  return asciiLower(ledger.uniqueId) === asciiLower(uniqueId) ? ledger : undefined;', '  return ledger;'],
    ],
    sweep: 'workloads/recreated-scale-set',
    test: AT_REST,
  },
  {
    name: 'what nobody declares is detached, whoever attached it',
    file: 'src/identity/transition.ts',
    edits: [
      [
        '  if (!facts.wanted) return nothing();\n  if (!facts.live)',
        "  if (!facts.wanted && facts.live && facts.byGet) return { write: 'detach', needsGet: false };\n  if (!facts.wanted) return nothing();\n  if (!facts.live)",
      ],
    ],
    sweep: 'workloads/first-attach',
    test: AT_REST,
  },
  {
    name: 'what is held is detached',
    file: 'src/identity/plan.ts',
    edits: [
      ['    held: isHeld(key, recorded, declarations, isExclusiveOn(situation.reading.scaleSet)),', '    held: false,'],
    ],
    sweep: 'workloads/exclusive-beside-suspended',
    test: AT_REST,
  },
  {
    name: 'a suspended binding is acted on',
    file: 'src/identity/declaration.ts',
    edits: [['  return declaration.suspended || declaration.observe;', '  return declaration.observe;']],
    sweep: 'workloads/exclusive-beside-suspended',
    test: AT_REST,
  },
];
