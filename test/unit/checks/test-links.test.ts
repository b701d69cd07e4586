import { describe, expect, it } from 'vitest';

import { isThere, linksIn, titlesIn } from '../../../dev/checks/test-links.ts';

describe('the tests that a cell names', () => {
  it('are those of its links, title and path', () => {
    expect(linksIn('[is so](../test/a.test.ts), [`b` \\| c](../test/b.test.ts)')).toEqual([
      { title: 'is so', path: 'test/a.test.ts' },
      { title: '`b` | c', path: 'test/b.test.ts' },
    ]);
  });
});

describe('a test that is named', () => {
  const read = (path: string): string | undefined => (path === 'test/a.test.ts' ? "it('is so', () => {});" : undefined);

  it.each([
    ['by its title', 'is so', 'test/a.test.ts', true],
    ['by its file', 'a.test.ts', 'test/a.test.ts', true],
    ['by a title that is not in its file', 'is not so', 'test/a.test.ts', false],
    ['in a file that is not there', 'is so', 'test/b.test.ts', false],
    ['by a file that is not there', 'b.test.ts', 'test/b.test.ts', false],
  ])('%s', (_how, title, path, expected) => {
    expect(isThere({ title, path }, read)).toBe(expected);
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

  it('are what the rows of a table say, where that is the title', () => {
    const source =
      "const RULES = [{ says: 'is so', holds }, { says: 'does so', holds }]; it.each(RULES)('$says', () => {});";

    expect([...titlesIn(source)]).toEqual(['is so', 'does so', '$says']);
  });
});
