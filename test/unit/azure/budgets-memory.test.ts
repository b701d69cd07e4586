import { describe, expect, it } from 'vitest';

import { BoundedMap } from '../../../src/azure/budgets/bounded-map.ts';
import { Buckets } from '../../../src/azure/budgets/buckets.ts';
import { SUBSCRIPTION } from './samples.ts';

const MINUTE = 60_000;

function limit(resource: string, location = 'westeurope') {
  return {
    policy: 'GetVMScaleSetResource',
    subscription: SUBSCRIPTION,
    location,
    resource,
    tokens: 1,
  } as const;
}

describe('the buckets that are kept', () => {
  it('are those that are not as good as new', () => {
    const buckets = new Buckets(0.5);
    buckets.of(limit('idle'), 0);
    buckets.of(limit('waits'), 0).keep('a', 1, 0, 60 * MINUTE);
    buckets.of(limit('closed'), 0).close(1, 60 * MINUTE, 0);
    buckets.of(limit('drawn on'), 0).take('a', 24, 0);
    buckets.of(limit('new'), MINUTE);

    expect([...buckets.all()].map(({ scope }) => scope.resource)).toEqual(['waits', 'closed', 'drawn on', 'new']);
  });

  it('are at most a hundred thousand', () => {
    const buckets = new Buckets(0.5);
    for (let index = 0; index < 100_010; index += 1) buckets.of(limit(String(index)), 0).take('a', 1, 0);

    expect([...buckets.all()]).toHaveLength(100_000);
  });

  it('know where their scale set lies as soon as anybody does', () => {
    const buckets = new Buckets(0.5);
    const before = buckets.of(limit('web', ''), 0);

    expect(buckets.of(limit('web'), 0)).toBe(before);
    expect([...buckets.all()].map(({ scope }) => scope.location)).toEqual(['westeurope']);
  });
});

describe('a bounded map', () => {
  it('forgets what was set longest ago', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    map.set('c', 4);

    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4]);
  });
});
