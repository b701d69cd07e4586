import { describe, expect, it } from 'vitest';

import { checkRules } from '../../../dev/checks/design-rules.ts';
import { plain } from '../../../dev/checks/design-text.ts';
import { readRepositoryFile } from './repository.ts';

const DESIGN = `## 1. What it is

Nothing of this is asked for.

## 2. The API

### The binding

\`\`\`yaml
mode: Additive # never touch what others attached
\`\`\`

It is **kept**, \`as it is\`; it is never lost. A grant is to the nodes.

| kind | then      |
| ---- | --------- |
| busy | come back |

## 5. Access

Nor of this.
`;

/** What docs/rules.md has to say of it. */
const ROWS: readonly string[] = [
  '| `mode: Additive # never touch what others attached` | [is kept](../test/a.test.ts) |',
  '| It is kept, as it is | [is kept](../test/a.test.ts), [a.test.ts](../test/a.test.ts) |',
  '| it is never lost | [is never lost](../test/a.test.ts) |',
  '| busy \\| come back | [is kept](../test/a.test.ts) |',
];
const REST = ['## Not rules', '', '| Sentence | Why |', '| --- | --- |', '| A grant is to the nodes. | It says why. |'];

const head = (heading: string): readonly string[] => [`## ${heading}`, '', '| Rule | Tests |', '| --- | --- |'];

/** The report on these lines of docs/rules.md. */
function check(rows: readonly string[], rest = REST, design = DESIGN) {
  const files: Readonly<Record<string, string>> = {
    'docs/design.md': design,
    'docs/rules.md': [...head('The binding'), ...rows, '', ...rest, ''].join('\n'),
    'test/a.test.ts': "it('is kept', () => {}); it('is never lost', () => {});",
  };
  return checkRules((path) => files[path]);
}

describe('docs/rules.md', () => {
  it('quotes every word of chapters 2 to 4 of the design, and names tests that are there', () => {
    const { findings, rules } = checkRules(readRepositoryFile);

    expect(findings).toEqual([]);
    expect(rules).toBeGreaterThan(200);
  });
});

describe('the check of the rules', () => {
  it('finds nothing where each word is quoted once, and each test is there', () => {
    expect(check(ROWS)).toEqual({ rules: 4, tests: 3, notRules: 1, notHeldYet: 0, findings: [] });
  });

  it('finds a rule that the design does not have', () => {
    expect(check([...ROWS, '| It is taken away | [is kept](../test/a.test.ts) |']).findings).toEqual([
      'docs/rules.md:9 quotes what docs/design.md does not say under "The binding", or not once more: It is taken away',
    ]);
  });

  it('finds a rule that the design has under another heading', () => {
    const { findings } = check(ROWS, [...head('The policy'), ROWS[2]!, ...REST]);

    expect(findings).toEqual([
      'docs/rules.md:14 quotes what docs/design.md does not say under "The policy", or not once more: it is never lost',
    ]);
  });

  it('finds a rule that is quoted twice', () => {
    expect(check([...ROWS, ROWS[2]!]).findings).toEqual([
      'docs/rules.md:9 quotes what docs/design.md does not say under "The binding", or not once more: it is never lost',
    ]);
  });

  it('finds a rule that begins or ends within a word', () => {
    expect(check([...ROWS.slice(0, 3), '| busy \\| come bac | [is kept](../test/a.test.ts) |']).findings).toEqual([
      'docs/rules.md:8 quotes what docs/design.md does not say under "The binding", or not once more: busy come bac',
      'docs/design.md, "The binding": no line of docs/rules.md quotes: busy come back',
    ]);
  });

  it('finds words of the design that no rule quotes', () => {
    expect(check(ROWS.slice(1, 2)).findings).toEqual([
      'docs/design.md, "The binding": no line of docs/rules.md quotes: # never touch what others attached',
      'docs/design.md, "The binding": no line of docs/rules.md quotes: ; it is never lost.',
      'docs/design.md, "The binding": no line of docs/rules.md quotes: busy come back',
    ]);
  });

  it('finds a word that was added to the design', () => {
    expect(check(ROWS, REST, DESIGN.replace('never lost', 'never ever lost')).findings).toEqual([
      'docs/rules.md:7 quotes what docs/design.md does not say under "The binding", or not once more: it is never lost',
      'docs/design.md, "The binding": no line of docs/rules.md quotes: ; it is never ever lost.',
    ]);
  });

  it('finds a test that does not exist', () => {
    const rows = ROWS.map((row) => row.replace('[is never lost]', '[is not lost]'));

    expect(check(rows).findings).toEqual([
      'docs/rules.md:7 names a test that test/a.test.ts does not have: is not lost',
    ]);
  });

  it('finds a file of tests that does not exist', () => {
    const rows = ROWS.map((row) => row.replace('[is never lost](../test/a.test.ts)', '[is kept](../test/b.test.ts)'));

    expect(check(rows).findings).toEqual(['docs/rules.md:7 names a test that test/b.test.ts does not have: is kept']);
  });

  it('finds a rule that names no test', () => {
    const rows = ROWS.map((row) => row.replace('[is never lost](../test/a.test.ts)', 'none'));

    expect(check(rows).findings).toEqual(['docs/rules.md:7 names no test: it is never lost']);
  });

  it.each(['Not rules', 'Not held yet'])('finds a line of "%s" that does not say why', (heading) => {
    const rest = REST.map((line) => line.replace('Not rules', heading).replace('It says why.', ''));

    expect(check(ROWS, rest).findings).toEqual(['docs/rules.md:14 does not say why: A grant is to the nodes.']);
  });

  it('counts what is not held yet', () => {
    expect(
      check(
        ROWS,
        REST.map((line) => line.replace('Not rules', 'Not held yet')),
      ),
    ).toMatchObject({
      notRules: 0,
      notHeldYet: 1,
      findings: [],
    });
  });

  it('finds that there is no design to hold anything to', () => {
    expect(check([], [], '# Design').findings).toEqual(['docs/design.md has no chapters 2 to 4']);
  });
});

describe('the words of a text', () => {
  it.each([
    ['**bold**, _slanted_ and `code`', 'bold, slanted and code'],
    ['a star in `*` or `team-*`, and `snake_case`', 'a star in * or team-*, and snake_case'],
    [String.raw`one \| two \<three>`, 'one two <three>'],
    ['  many   spaces\n ', 'many spaces'],
  ])('%j are those that a reader sees', (markdown, expected) => {
    expect(plain(markdown)).toBe(expected);
  });
});
