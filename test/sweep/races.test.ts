/** Someone attaches an identity by hand between any two requests: it stays, and nothing else comes of it. */
import { afterAll, describe, expect, it } from 'vitest';

import { judge } from './judge.ts';
import { identityIdOf, scaleSetIdOf } from './names.ts';
import { runWorkload } from './run.ts';
import type { Workload } from './workload.ts';
import { exclusive } from './workloads/exclusive.ts';
import { exclusiveBesideSuspended } from './workloads/exclusive-beside-suspended.ts';
import { workloads } from './workloads/index.ts';
import { recreatedScaleSet } from './workloads/recreated-scale-set.ts';
import type { World } from './world.ts';

const SHOWN = 2;
const counts = { races: 0, divergences: 0 };

/** Just before a request is let through. */
const attachBefore =
  (request: number) =>
  (world: World): void => {
    world.scheduler.fateOf = (line) => {
      if (line.request === request) {
        world.drift(scaleSetIdOf('web'), { kind: 'Attach', identities: [identityIdOf('guest')] });
      }
      return 'through';
    };
  };

/** A plan that is overtaken is made anew, and a status may say so. */
const allowed = (what: string): number => (what.startsWith('MODIFIED') ? 2 : 0);

/** Where what others attach is to be detached, or goes with the scale set, it does not stay. */
const whereItGoes: readonly Workload[] = [exclusive, exclusiveBesideSuspended, recreatedScaleSet];
const whereItStays = workloads.filter((each) => !whereItGoes.includes(each));

describe.each(whereItStays)('$name', (workload) => {
  it('leaves alone what someone attaches between any two requests', async () => {
    const reference = await runWorkload(workload, { arrange: attachBefore(1) });
    const found: string[] = [];
    for (let request = 2; request <= reference.requests; request++) {
      const { problems } = await judge(workload, reference, { arrange: attachBefore(request) }, allowed);
      if (problems.length > 0) found.push([`attached before request ${request}:`, ...problems].join('\n'));
    }
    counts.races += reference.requests - 1;
    counts.divergences += found.length;
    expect(found.length, found.slice(0, SHOWN).join('\n\n')).toBe(0);
  });
});

afterAll(() => {
  console.log(`${counts.races} races, ${counts.divergences} divergences`);
});
