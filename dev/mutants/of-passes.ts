/** How a pass reads, writes and waits. */
import type { Mutant } from './mutant.ts';
import { AT_REST, RACE, REFUSAL, TIME_OUT } from './sweeps.ts';

export const ofPasses: readonly Mutant[] = [
  {
    name: 'If-Match is not sent',
    file: 'src/azure/scale-sets.ts',
    edits: [['    ifMatch: etag,\n', '']],
    sweep: 'workloads/deletion',
    test: RACE,
  },
  {
    name: 'one 404 lets bindings go',
    file: 'src/reconcile/reconciler.ts',
    edits: [['notFound.lastAt - notFound.firstAt >= GONE_AFTER_MS', 'notFound.lastAt >= notFound.firstAt']],
    sweep: 'workloads/deletion',
    test: REFUSAL,
  },
  {
    name: 'one read without identities is believed',
    file: 'src/reconcile/read.ts',
    edits: [
      ['  const second = isSecond ? first : await get(id, memory, azure, now, signal);\n', '  const second = first;\n'],
    ],
    sweep: 'workloads/deletion',
    test: REFUSAL,
  },
  {
    name: 'a list older than our own write is believed',
    file: 'src/reconcile/read.ts',
    edits: [
      ['  return listed !== undefined && listed.at > memory.touchedAt ? listed : undefined;', '  return listed;'],
      ['memory.lostTrack || memory.owesGet ? undefined : newsOf(memory, listed)', 'newsOf(memory, listed)'],
    ],
    sweep: 'workloads/foreign-writer',
    test: TIME_OUT,
  },
  {
    name: 'a refused identity is sent again at every event',
    file: 'src/reconcile/refusals.ts',
    edits: [
      [
        '  if (refusal === undefined || refusal.nextAttemptAt <= now) return true;\n',
        '  if (refusal === undefined || refusal.nextAttemptAt <= now || now > 0) return true;\n',
      ],
    ],
    sweep: 'workloads/poison',
    test: AT_REST,
  },
  {
    name: 'one refused identity keeps back the others',
    file: 'src/reconcile/refusals.ts',
    edits: [
      [
        '  for (const { key } of attach) {\n    if (isGone',
        '  for (const { key } of attach.slice(0, 0)) {\n    if (isGone',
      ],
    ],
    sweep: 'workloads/poison',
    test: AT_REST,
  },
  {
    name: 'a PATCH is sent when nothing differs',
    file: 'src/identity/patch.ts',
    edits: [
      [
        '  if (delta.attach.length + delta.detach.length === 0 && !turnsOn && !turnsOff) return undefined;\n',
        '  if (live.userAssigned.size === 0 && !turnsOn && !turnsOff && delta.attach.length === 0) return undefined;\n',
      ],
    ],
    sweep: 'workloads/first-attach',
    test: AT_REST,
  },
];
