import { describe, expect, it } from 'vitest';

import { trafficOf } from '../../../dev/bench/azure-traffic.ts';
import type { LogEntry } from '../../../dev/simulator/request-log.ts';

const SET = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/a';

const entry = (method: string, path: string, more: Partial<LogEntry> = {}): LogEntry => ({
  sequence: 1,
  timeMs: 100,
  principal: undefined,
  method,
  path,
  apiVersion: undefined,
  ifMatch: undefined,
  body: undefined,
  endedMs: 100,
  status: 200,
  code: undefined,
  fault: undefined,
  ...more,
});

describe('what Azure was asked', () => {
  it('tells lists and polls from other reads', () => {
    const entries = [
      entry('GET', SET),
      entry('GET', '/subscriptions/s/providers/Microsoft.Compute/virtualMachineScaleSets'),
      entry('GET', '/subscriptions/s/providers/Microsoft.Compute/locations/westeurope/operations/1'),
    ];
    expect(trafficOf(entries)).toMatchObject({ reads: 3, lists: 1, polls: 1, writes: 0 });
  });

  it('leaves out what was asked of Entra', () => {
    expect(trafficOf([entry('POST', '/tenant/oauth2/v2.0/token')])).toMatchObject({ reads: 0, writes: 0 });
  });

  it('knows when the last write took effect, which a refused one never does', () => {
    const entries = [
      entry('PATCH', SET, { endedMs: 200 }),
      entry('PATCH', SET, { endedMs: 300 }),
      entry('PATCH', SET, { endedMs: 400, status: 429 }),
    ];
    expect(trafficOf(entries, 6000)).toMatchObject({ writes: 3, throttled: 1, lastWriteAt: 6300 });
  });

  it('knows of no last write where there was none', () => {
    expect(trafficOf([entry('GET', SET)]).lastWriteAt).toBeUndefined();
  });
});
