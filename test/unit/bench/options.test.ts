import { CommanderError } from 'commander';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { parseOptions } from '../../../dev/bench/options.ts';
import type { Scenario } from '../../../dev/bench/scenario.ts';

const scenario = (name: string, isLong = false): Scenario => ({
  name,
  about: name,
  isLong,
  figures: {},
  run: () => Promise.resolve({}),
});
const scenarios = [scenario('short'), scenario('other'), scenario('long', true)];
const chosen = (...args: readonly string[]): readonly string[] =>
  parseOptions(args, scenarios).chosen.map(({ name }) => name);

let said = '';
beforeEach(() => {
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});

function refused(...args: readonly string[]): string {
  expect(() => parseOptions(args, scenarios)).toThrow(CommanderError);
  return said;
}

describe('the benchmarks to run', () => {
  it('are all but the long ones when none is named', () => {
    expect(chosen()).toEqual(['short', 'other']);
  });

  it('are those that are named, in the order in which they are shown', () => {
    expect(chosen('long', 'short')).toEqual(['short', 'long']);
  });

  it('must be there', () => {
    expect(refused('nobody')).toContain('There are: short, other, long, own.');
  });
});

describe('the scenario that options describe', () => {
  const figuresOf = (...args: readonly string[]): Scenario['figures'] | undefined =>
    parseOptions(['own', ...args], scenarios).chosen[0]?.figures;

  it('is one of 200 scale sets under the limits of Azure unless they say otherwise', () => {
    const [own] = parseOptions(['own'], scenarios).chosen;
    expect(own?.about).toBe(
      '200 scale sets, Azure 50 ms and Kubernetes 0 ms away, operations of 0 ms, pages of 100, small bodies, ' +
        'budget share 0.5, Azure counts and refuses',
    );
  });

  it('is told with all that they say', () => {
    const args =
      '--scale-sets 3000 --latency 20 --kube-latency 5 --operation 6000 --page-size 50 --body-size Real --share 0 --no-limits';
    const [own] = parseOptions(['own', ...args.split(' ')], scenarios).chosen;
    expect(own?.about).toBe(
      '3,000 scale sets, Azure 20 ms and Kubernetes 5 ms away, operations of 6000 ms, pages of 50, real bodies, ' +
        'budget share 0, Azure without limits',
    );
  });

  it('has the ideal of what they say beside it', () => {
    // A page, then the last write and its operation.
    expect(figuresOf('--share', '0', '--operation', '6000', '--scale-sets', '10')?.['onArm']?.ideal).toBe(6.1);
    // Two hundred assignments, of which the operator's half of the limit lets 150 go at once, and ten more each second.
    expect(figuresOf()?.['onArm']?.ideal).toBeGreaterThan(6);
  });

  it('is not put on record, where it would be another one each time', () => {
    expect(refused('own', '--record')).toContain('--record is for scenarios that are always the same');
  });

  it.each(['--scale-sets=5', '--no-limits', '--body-size=Real'])('is what %s is for, and nothing else', (option) => {
    expect(refused('short', option)).toMatch(/error: --\S+ is for the scenario own: name it too/);
  });

  it.each([
    ['--share=2', 'It must be 0 to 1.'],
    ['--share=', 'It must be 0 to 1.'],
    ['--scale-sets=0', 'It must be above 0.'],
    ['--page-size=ten', 'It must be a whole number.'],
    ['--body-size=Huge', 'Allowed choices are Small, Real.'],
  ])('is refused with %s', (option, why) => {
    expect(refused('own', option)).toContain(why);
  });
});
