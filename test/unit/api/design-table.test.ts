/** The table of reasons in the design, held against the one of the code, and against what kstatus makes of either. */
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { conditionsFor, PERMISSION_GRACE_MS } from '../../../src/api/conditions.ts';
import { isReason, type Reason, REASONS_IN_ORDER, rowOf } from '../../../src/api/reasons.ts';
import type { Condition } from '../../../src/api/types.ts';
import { kstatus, type Verdict } from './kstatus.ts';

const DESIGN = readFileSync(new URL('../../../docs/design.md', import.meta.url), 'utf8');
const CREATED_MS = Date.parse('2026-03-01T10:00:00Z');

interface Row {
  readonly reason: string;
  readonly ready: string;
  readonly companion: string;
}

/** The rows of the table that begins with this line. */
function rowsAfter(heading: RegExp): readonly (readonly string[])[] {
  const lines = DESIGN.split('\n');
  const start = lines.findIndex((line) => heading.test(line)) + 2;
  const end = lines.findIndex((line, index) => index >= start && !line.startsWith('|'));
  return lines.slice(start, end).map((line) => line.split('|').map((cell) => cell.trim()));
}

const TABLE: readonly Row[] = rowsAfter(/^\| reason +\| Ready +\|/).flatMap(
  ([, reasons = '', ready = '', companion = '']) =>
    reasons.split(/, | \/ /).map((reason) => ({ reason: reason.replace(/ \(.*/, ''), ready, companion })),
);

/** What Ready and its companion come to, for a binding that was never looked at before. */
function shownAt(reason: Reason, atMs: number): readonly Condition[] {
  return conditionsFor({
    reason,
    message: 'a message',
    observedGeneration: 1,
    previous: [],
    nowIso: new Date(atMs).toISOString(),
    creationTimestamp: new Date(CREATED_MS).toISOString(),
  });
}

function verdictOf(conditions: readonly Condition[]): Verdict {
  return kstatus({ metadata: { generation: 1 }, status: { observedGeneration: 1, conditions } });
}

const READY = { True: 'True', False: 'False', AsItWas: /^as it was/ } as const;
const COMPANIONS = {
  None: /^(?:–|neither)/,
  Reconciling: /^Reconciling$/,
  Stalled: /^Stalled \(/,
  ReconcilingThenStalled: /^Reconciling until 2 min .* then Stalled$/,
} as const;

describe('each reason of the table in the design', () => {
  it('is there: the table is found', () => {
    expect(TABLE.length).toBeGreaterThan(25);
  });

  it.each(TABLE)('$reason: Ready $ready, and $companion', ({ reason, ready, companion }) => {
    if (!isReason(reason)) throw new Error(`the code has no reason ${reason}`);
    const row = rowOf(reason);
    expect(ready).toMatch(READY[row.ready]);
    expect(companion).toMatch(COMPANIONS[row.companion]);
  });

  it.each(TABLE)('$reason: kstatus reads it as the design means it', ({ reason, ready, companion }) => {
    const verdict = verdictOf(shownAt(reason as Reason, CREATED_MS));
    if (ready === 'True') expect(verdict).toBe('Current');
    else if (companion.startsWith('Stalled')) expect(verdict).toBe('Failed');
    else expect(verdict).toBe('InProgress');
  });

  it('NotPermitted: kstatus reads it as failed when two minutes are over', () => {
    const before = shownAt('NotPermitted', CREATED_MS);
    const input = { reason: 'NotPermitted', message: 'a message', observedGeneration: 1, previous: before } as const;
    const creationTimestamp = new Date(CREATED_MS).toISOString();
    const nowIso = new Date(CREATED_MS + PERMISSION_GRACE_MS).toISOString();
    expect(verdictOf(conditionsFor({ ...input, nowIso, creationTimestamp }))).toBe('Failed');
  });

  it('Suspended: kstatus reads a binding that was Ready before as current', () => {
    const previous = shownAt('Assigned', CREATED_MS);
    const input = { reason: 'Suspended', message: 'a message', observedGeneration: 1, previous } as const;
    const nowIso = new Date(CREATED_MS).toISOString();
    expect(verdictOf(conditionsFor({ ...input, nowIso, creationTimestamp: nowIso }))).toBe('Current');
  });
});

describe('each reason of the code', () => {
  it.each(REASONS_IN_ORDER)('%s stands in the design', (reason) => {
    const named = TABLE.some((row) => row.reason === reason);
    expect(named || DESIGN.includes(`\`${reason}\``)).toBe(true);
  });
});
