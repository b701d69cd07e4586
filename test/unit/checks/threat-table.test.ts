import { describe, expect, it } from 'vitest';

import { isThere } from '../../../dev/checks/test-links.ts';
import { parseThreats, type ThreatRow } from '../../../dev/checks/threat-table.ts';
import { readRepositoryFile } from './repository.ts';

const rows = parseThreats(readRepositoryFile('docs/security.md') ?? '');

/** What a threat model of this operator may not leave out. */
const SUBJECTS = [
  'Confused deputy',
  'Tenants of one scale set',
  'Pods of one node',
  'The operator’s own identity',
  'Forged records',
  'Tokens',
  'Answers of Azure',
  'Logs and metrics',
  'Supply chain',
  'Who writes policies',
  'Without admission rules',
  'Stale data',
  'Denial of service',
];

/** The tests of a row that do not exist by that name in that file. */
function lacking({ tests }: ThreatRow): readonly string[] {
  return tests.filter((test) => !isThere(test, readRepositoryFile)).map(({ title, path }) => `${path}: ${title}`);
}

describe('the threat model, in docs/security.md', () => {
  it('has rows for every subject', () => {
    expect([...new Set(rows.map(({ subject }) => subject))]).toEqual(SUBJECTS);
  });

  it('says of every threat what holds against it, by which tests, and what remains', () => {
    expect(rows.length).toBeGreaterThan(30);
    const isWhole = ({ defence, tests, remains }: ThreatRow): boolean =>
      defence !== '' && remains !== '' && (tests.length > 0 || defence === '—');
    expect(rows.filter((row) => !isWhole(row))).toEqual([]);
  });

  it('names tests that are there', () => {
    expect(rows.flatMap(lacking)).toEqual([]);
  });

  it('says each threat once', () => {
    expect(new Set(rows.map(({ threat }) => threat)).size).toBe(rows.length);
  });

  it('admits few threats against which nothing holds', () => {
    expect(rows.filter(({ defence }) => defence === '—').length).toBeLessThan(3);
  });
});

describe('a row of the threat model', () => {
  it('is read with all of its tests, and its subject', () => {
    const table =
      '## Tokens\n\n| Threat | Holds | Tests | Remains |\n| --- | --- | --- | --- |\n' +
      '| Theft | Care | [is so](../test/a.test.ts), [and so](../test/b.test.ts) | Some |';

    expect(parseThreats(table)).toEqual([
      {
        subject: 'Tokens',
        threat: 'Theft',
        defence: 'Care',
        tests: [
          { title: 'is so', path: 'test/a.test.ts' },
          { title: 'and so', path: 'test/b.test.ts' },
        ],
        remains: 'Some',
      },
    ]);
  });

  it('that names a test which is not there is found', () => {
    const [row] = parseThreats('| T | H | [no such test](../test/unit/checks/threat-table.test.ts) | R |');
    expect(lacking(row!)).toEqual(['test/unit/checks/threat-table.test.ts: no such test']);
  });
});
