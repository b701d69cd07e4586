import { describe, expect, it } from 'vitest';

import { SharedTexts } from '../../../src/kube/shared-texts.ts';

const parsed = (value: unknown): object => JSON.parse(JSON.stringify(value)) as object;

describe('shared texts', () => {
  it('leave every value as it was', () => {
    const value = {
      metadata: {
        name: 'web',
        annotations: { 'example.com/note': 'x'.repeat(2000), empty: '' },
        finalizers: ['a', 'b'],
      },
      spec: { nothing: null, truth: true, count: 3, deep: [{ list: [['an identity of some length', 7]] }] },
    };
    const object = parsed(value);
    new SharedTexts().shareIn(object);
    expect(object).toEqual(value);
  });

  it('are the same after thousands of others', () => {
    const texts = new SharedTexts();
    const seen = Array.from({ length: 20_000 }, (_, index) => {
      const object = parsed({ own: `only here, number ${String(index)}`, common: 'the same everywhere' });
      texts.shareIn(object);
      return object;
    });
    expect(seen.at(0)).toEqual({ own: 'only here, number 0', common: 'the same everywhere' });
    expect(seen.at(-1)).toEqual({ own: 'only here, number 19999', common: 'the same everywhere' });
  });
});
