import { describe, expect, it } from 'vitest';

import type { LogEntry } from '../../../dev/simulator/request-log.ts';
import { AzureLog } from '../../../dev/soak/azure-log.ts';
import { identityId, scaleSet } from './fixtures.ts';

const web = scaleSet('web').id;

function patch(sequence: number, detach: readonly string[], rest: Partial<LogEntry> = {}): LogEntry {
  const userAssignedIdentities = Object.fromEntries(detach.map((name) => [identityId(name), null]));
  return {
    sequence,
    timeMs: sequence * 1000,
    principal: 'a',
    method: 'PATCH',
    path: web,
    apiVersion: '2024-11-01',
    ifMatch: '"1"',
    body: { identity: { type: 'UserAssigned', userAssignedIdentities } },
    endedMs: sequence * 1000,
    status: 200,
    code: undefined,
    fault: undefined,
    ...rest,
  };
}

describe("the log of Azure's requests", () => {
  it('tells of every request that takes off what others attached, answered or not', () => {
    const log = new AzureLog(() => false);

    log.add([patch(1, ['declared-0']), patch(2, ['foreign-0', 'SHARED-0'], { status: 'reset' })]);

    expect(log.harms).toEqual([
      `request 2 detaches ${identityId('foreign-0')} from ${web}`,
      `request 2 detaches ${identityId('SHARED-0')} from ${web}`,
    ]);
  });

  it('has nothing against it where a binding is Exclusive', () => {
    const log = new AzureLog((id) => id === web.toLowerCase());

    log.add([patch(1, ['foreign-0'])]);

    expect(log.harms).toEqual([]);
  });

  it('is read on from the first request that may still be answered', () => {
    const log = new AzureLog(() => false);
    const entries = [patch(1, []), patch(2, [], { status: undefined, endedMs: undefined }), patch(3, [])];

    log.add(entries);
    expect([log.since, log.writes.length]).toEqual([1, 1]);

    log.add([patch(2, []), patch(3, [])]);
    expect([log.since, log.writes.map(({ sequence }) => sequence)]).toEqual([3, [1, 2, 3]]);
  });

  it('does not wait for an answer for ever', () => {
    const log = new AzureLog(() => false);

    log.add([patch(1, [], { status: undefined, endedMs: undefined }), patch(100, [])]);

    expect(log.since).toBe(100);
  });

  it('counts requests by what they are and how they were answered', () => {
    const log = new AzureLog(() => false);
    const list = web.slice(0, web.lastIndexOf('/'));

    log.add([
      patch(1, [], { status: 412 }),
      patch(2, [], { method: 'GET', path: list }),
      patch(3, [], { status: 412 }),
    ]);

    expect([...log.counts]).toEqual([
      ['PATCH 412', 2],
      ['list 200', 1],
    ]);
  });
});
