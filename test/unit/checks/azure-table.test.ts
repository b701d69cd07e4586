import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

import { describe, expect, it } from 'vitest';

import { type BehaviourRow, parseBehaviours, titlesIn } from '../../../dev/checks/azure-table.ts';

const urlOf = (path: string): URL => new URL(`../../../${path}`, import.meta.url);
const read = (path: string): string => readFileSync(urlOf(path), 'utf8');

const rows = parseBehaviours(read('docs/azure.md'));

/** The tests of a row that do not exist by that name in that file. */
function lacking({ tests }: BehaviourRow): readonly string[] {
  const isThere = ({ title, path }: BehaviourRow['tests'][number]): boolean =>
    title === basename(path) ? existsSync(urlOf(path)) : titlesIn(read(path)).has(title);
  return tests.filter((test) => !isThere(test)).map(({ title }) => title);
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

describe('the titles of a file of tests', () => {
  it('are those of its tests, however they are quoted', () => {
    const source = `it('is so', () => {}); it.each([1])("does %s", () => {}); test(\`has \${x}\`, () => {});`;

    expect([...titlesIn(source)]).toEqual(['is so', 'does %s', 'has ${x}']);
  });

  it('are read with their escapes', () => {
    expect([...titlesIn(String.raw`it('is Azure\'s', () => {});`)]).toEqual(["is Azure's"]);
  });

  it('are those of groups too', () => {
    expect([...titlesIn("describe('a list', () => {}); describe.each(x)('of %s', () => {});")]).toEqual([
      'a list',
      'of %s',
    ]);
  });

  it('are those of tables too', () => {
    const source = "it.each([\n  ['a', { b: 1 }],\n])('takes %s', () => {});";

    expect([...titlesIn(source)]).toEqual(['takes %s']);
  });
});
