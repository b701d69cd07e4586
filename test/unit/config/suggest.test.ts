import { describe, expect, it } from 'vitest';

import { suggest } from '../../../src/config/suggest.ts';

describe('a suggestion', () => {
  it.each([
    ['itnerval', 'interval'],
    ['interva', 'interval'],
    ['INTERVAL', 'interval'],
    ['concurency', 'concurrency'],
  ])('is the nearest name: %s -> %s', (name, meant) => {
    expect(suggest(name, ['concurrency', 'interval', 'internal-name'])).toBe(meant);
  });

  it('is none when nothing is near', () => {
    expect(suggest('replicas', ['concurrency', 'interval'])).toBeUndefined();
  });
});
