import { describe, expect, it } from 'vitest';

import { type BehaviourRow, parseBehaviours } from '../../../dev/checks/azure-table.ts';
import { isThere } from '../../../dev/checks/test-links.ts';
import { readRepositoryFile } from './repository.ts';

const rows = parseBehaviours(readRepositoryFile('docs/azure.md') ?? '');

/** The tests of a row that do not exist by that name in that file. */
function lacking({ tests }: BehaviourRow): readonly string[] {
  return tests.filter((test) => !isThere(test, readRepositoryFile)).map(({ title }) => title);
}

describe('the table of what Azure does, in docs/azure.md', () => {
  it('has a row for each behaviour, with a source and at least one test', () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter(({ source, tests }) => source === '' || tests.length === 0)).toEqual([]);
  });

  it('names tests that are there', () => {
    expect(rows.flatMap(lacking)).toEqual([]);
  });

  it('says each behaviour once', () => {
    expect(new Set(rows.map(({ behaviour }) => behaviour)).size).toBe(rows.length);
  });
});

describe('a row of the table', () => {
  it('is read with all of its tests', () => {
    const table =
      '| Does | From | [is so](../test/a.test.ts) | [does so](../test/b.test.ts), [and so](../test/c.test.ts) |';

    expect(parseBehaviours(table)).toEqual([
      {
        behaviour: 'Does',
        source: 'From',
        tests: [
          { title: 'is so', path: 'test/a.test.ts' },
          { title: 'does so', path: 'test/b.test.ts' },
          { title: 'and so', path: 'test/c.test.ts' },
        ],
      },
    ]);
  });

  it('is not the head of the table, its rule, or text', () => {
    expect(parseBehaviours('| Behaviour | Source | Simulated | Operator |\n| --- | --- | --- | --- |\ntext')).toEqual(
      [],
    );
  });
});
