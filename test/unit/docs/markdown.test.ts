import { describe, expect, it } from 'vitest';

import { fencesOf, firstCellsOf, headingsOf, linksOf } from '../../../dev/docs/markdown.ts';

const page = [
  '# Top of `it`',
  '',
  'See [this](a.md#b), [that](https://example.org) and `[not](this.md)`.',
  '',
  '## Part',
  '',
  '<!-- refused: no -->',
  '',
  '```yaml',
  '# no heading',
  'a: 1',
  '```',
  '',
  '| Field | Type |',
  '| ----- | ---- |',
  '| `.a`  | int  |',
  '',
  '## Part',
  '',
  '```',
  '[no link](x.md)',
  '```',
].join('\n');

describe('a page', () => {
  it('has headings with the anchors that GitHub gives them, and none inside of code', () => {
    expect(headingsOf(page).map(({ level, anchor }) => [level, anchor])).toEqual([
      [1, 'top-of-it'],
      [2, 'part'],
      [2, 'part-1'],
    ]);
  });

  it('has fenced code with its language, its heading and the comment above', () => {
    expect(fencesOf(page)).toEqual([
      { language: 'yaml', text: '# no heading\na: 1\n', line: 10, heading: 'Part', comment: 'refused: no' },
      { language: '', text: '[no link](x.md)\n', line: 21, heading: 'Part', comment: '' },
    ]);
  });

  it('has links outside of code', () => {
    expect(linksOf(page).map(({ target }) => target)).toEqual(['a.md#b', 'https://example.org']);
  });

  it('has rows of tables', () => {
    expect(firstCellsOf(page)).toEqual(['`.a`']);
  });

  it('whose last code has no end is refused', () => {
    expect(() => fencesOf('```sh\nls\n')).toThrow('the fence before line 2 has no end');
  });

  it.each([
    ['`.spec.userAssigned[].adopt`', 'specuserassignedadopt'],
    ['What is kept, and what is not', 'what-is-kept-and-what-is-not'],
    ['A [link](x.md) in it', 'a-link-in-it'],
    ['snake_case and a-dash', 'snake_case-and-a-dash'],
  ])('has for "%s" the anchor %s', (title, anchor) => {
    expect(headingsOf(`# ${title}`)[0]?.anchor).toBe(anchor);
  });
});
