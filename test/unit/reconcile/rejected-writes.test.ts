import type { HttpClient } from '@azure/core-rest-pipeline';
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding } from './objects.ts';
import { faults, HOUR, MINUTE, SECOND, World, type WorldParts } from './world.ts';

const BAD = binding('bad', { userAssigned: ['bus'] });
const GOOD = binding('good', { userAssigned: ['app', 'cdn'] });
const ODD = { kind: 'status', status: 400, code: 'InvalidParameter' } as const;

/** Azure rejects every PATCH that names one of these, and does not say why. */
function rejecting(...names: readonly string[]): Pick<WorldParts, 'network'> {
  const network = (azure: HttpClient): HttpClient => ({
    sendRequest: async (request) => {
      const isRejected = names.some((name) => JSON.stringify(request.body ?? '').includes(`${identity(name)}\\":{}`));
      if (request.method !== 'PATCH' || !isRejected) return azure.sendRequest(request);
      const error = { code: 'InvalidParameter', message: 'The request is invalid.' };
      await Promise.resolve();
      return { request, status: 400, headers: createHttpHeaders(), bodyAsText: JSON.stringify({ error }) };
    },
  });
  return { network };
}

describe('a write that is rejected for one identity, without a word about which', () => {
  it('holds up nobody else', async () => {
    const world = new World({ ...rejecting('bus'), bindings: [BAD, GOOD] });

    await world.pass();
    await world.run(MINUTE);

    expect(world.assigned()).toEqual(['app', 'cdn']);
    expect(world.ready('good')?.status).toBe('True');
    expect(world.ready('bad')).toMatchObject({ status: 'False', reason: 'Rejected' });
    expect(world.identity('bad', 'bus')).toMatchObject({ state: 'Failed', reason: 'Rejected' });
  });

  it('is not sent again within the hour, and then alone', async () => {
    const world = new World({ ...rejecting('bus'), bindings: [BAD, GOOD] });
    await world.pass();
    await world.run(MINUTE);
    expect(world.takeWrites()).toHaveLength(2);

    await world.run(3 * HOUR);

    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['app', 'cdn']);
  });

  it('keeps no one waiting who comes later', async () => {
    const world = new World({ ...rejecting('bus'), bindings: [BAD, GOOD] });
    await world.pass();
    await world.run(2 * HOUR);

    world.cluster.apply(binding('late', { userAssigned: ['dns'] }));
    await world.pass();

    expect(world.assigned()).toEqual(['app', 'cdn', 'dns']);
  });
});

describe('a write that is rejected for the scale set’s sake', () => {
  const rejected = (): World => {
    const world = new World({ bindings: [BAD, GOOD] });
    world.fault(faults.patch, ODD, { count: null });
    return world;
  };

  it('is found out with three writes, and shown on all', async () => {
    const world = rejected();

    await world.pass();

    expect(world.takeWrites()).toHaveLength(3);
    for (const name of ['bad', 'good']) expect(world.ready(name)?.reason).toBe('Rejected');
    expect(world.waitMs).toBeGreaterThanOrEqual(HOUR);
  });

  it('costs three writes an hour', async () => {
    const world = rejected();
    await world.pass();
    world.take();

    await world.run(5 * HOUR);

    expect(world.takeWrites().length).toBeLessThanOrEqual(15);
  });

  it('is sent whole again when the scale set takes it', async () => {
    const world = rejected();
    await world.pass();
    world.control.clearFaults();
    world.take();

    await world.run(2 * HOUR);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app +bus +cdn']);
  });

  it('is one write where one identity is all that is asked for', async () => {
    const world = new World({ bindings: [BAD] });
    world.fault(faults.patch, ODD, { count: null });

    await world.pass();
    await world.run(30 * SECOND);

    expect(world.takeWrites()).toHaveLength(1);
    expect(world.ready('bad')?.reason).toBe('Rejected');
  });
});
