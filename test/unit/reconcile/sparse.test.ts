import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { SparseMap, SparseSet } from '../../../src/reconcile/sparse.ts';

const change = fc.record({ what: fc.constantFrom('put', 'take', 'clear'), key: fc.nat(4), value: fc.nat() });

describe('a sparse map', () => {
  it('holds what a map would hold', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const [map, sparse] = [new Map<number, number>(), new SparseMap<number, number>()];
        for (const { what, key, value } of changes) {
          if (what === 'put') expect(sparse.set(key, value)).toBe(sparse);
          else if (what === 'take') expect(sparse.delete(key)).toBe(map.has(key));
          else sparse.clear();
          if (what === 'put') map.set(key, value);
          else if (what === 'take') map.delete(key);
          else map.clear();
          expect([...sparse]).toEqual([...map]);
          expect([[...sparse.keys()], [...sparse.values()], sparse.size]).toEqual([
            [...map.keys()],
            [...map.values()],
            map.size,
          ]);
          expect([sparse.get(key), sparse.has(key)]).toEqual([map.get(key), map.has(key)]);
        }
      }),
    );
  });

  it('may lose its entries while they are gone through', () => {
    const sparse = new SparseMap<string, number>().set('a', 1).set('b', 2);
    for (const key of sparse.keys()) sparse.delete(key);
    expect(sparse.size).toBe(0);
  });
});

describe('a sparse set', () => {
  it('holds what a set would hold', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const [set, sparse] = [new Set<number>(), new SparseSet<number>()];
        for (const { what, key } of changes) {
          if (what === 'put') expect(sparse.add(key)).toBe(sparse);
          else if (what === 'take') expect(sparse.delete(key)).toBe(set.has(key));
          else sparse.clear();
          if (what === 'put') set.add(key);
          else if (what === 'take') set.delete(key);
          else set.clear();
          expect([...sparse]).toEqual([...set]);
          expect([sparse.has(key), sparse.size]).toEqual([set.has(key), set.size]);
        }
      }),
    );
  });
});
