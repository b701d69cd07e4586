/** Lists in pages, over HTTPS: what fails is asked for again, and what may not be listed as a whole is listed by groups. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { LiveScaleSet, UserAssignedIdentity } from '../../../src/identity/scale-set.ts';
import { SubscriptionList } from '../../../src/reconcile/inventory/list-levels.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { SUBSCRIPTION } from './names.ts';
import { NEVER, type SimulatedAzure, simulatedAzure } from './simulated-azure.ts';

const SCALE_SETS = { path: 'virtualMachineScaleSets$' };

let azure: SimulatedAzure;
beforeAll(async () => {
  azure = await simulatedAzure();
});
afterAll(() => azure[Symbol.asyncDispose]());
beforeEach(() => {
  azure.simulator.control.clearFaults();
  azure.simulator.control.settings({ pageSize: 1 });
});

/** Lists scale sets or identities, and tells the names and which pages were asked for. */
async function listed(kind: 'scaleSets' | 'identities') {
  const before = azure.simulator.requests().length;
  const levels: string[] = [];
  const list = new SubscriptionList<LiveScaleSet | UserAssignedIdentity>({
    subscriptionId: SUBSCRIPTION,
    clock: realClock,
    random: realRandom,
    page: (scope, cursor, signal) =>
      kind === 'scaleSets'
        ? azure.port.listScaleSets(scope, cursor, signal)
        : azure.port.listIdentities(scope, cursor, signal),
    groups: () => ['shop', 'elsewhere'],
    changed: (level) => levels.push(level),
    moved: () => undefined,
  });
  const { entries, failures } = await list.sweep((entry) => entry, NEVER);
  const asked = azure.simulator
    .requests()
    .slice(before)
    .filter(({ path }) => path.startsWith('/subscriptions/'))
    .map(({ path, status }) => `${path.includes('/resourceGroups/') ? path.split('/')[4]! : 'all'} ${String(status)}`);
  return { names: [...entries.keys()].map((key) => key.split('/').at(-1)!).sort(), failures, levels, asked };
}

describe('a list in pages', () => {
  it('goes on where a page failed, and does not begin anew', async () => {
    azure.simulator.control.addFault({
      match: SCALE_SETS,
      effect: { kind: 'status', status: 503, headers: { 'retry-after': '0' } },
      nth: 2,
      count: 2,
    });
    const { names, asked, failures } = await listed('scaleSets');
    expect(names).toEqual(['bare', 'flexible', 'web']);
    expect(asked).toEqual(['all 200', 'all 503', 'all 503', 'all 200', 'all 200']);
    expect(failures).toEqual([]);
  });

  it('begins anew when Azure does not take its cursor any more', async () => {
    azure.simulator.control.addFault({ match: SCALE_SETS, effect: { kind: 'status', status: 410 }, nth: 3 });
    const { names, asked } = await listed('scaleSets');
    expect(names).toEqual(['bare', 'flexible', 'web']);
    expect(asked).toEqual(['all 200', 'all 200', 'all 410', 'all 200', 'all 200', 'all 200']);
  });

  it('of identities is read to its end', async () => {
    expect((await listed('identities')).names).toEqual(['one', 'three', 'two']);
  });

  it('is one of each resource group, where the operator may not list the subscription', async () => {
    for (const path of ['^/subscriptions/[^/]+/providers/', '^/subscriptions/[^/]+/resourceGroups/elsewhere/']) {
      const effect = { kind: 'status', status: 403, code: 'AuthorizationFailed' } as const;
      azure.simulator.control.addFault({ match: { path }, effect, count: null });
    }
    const { names, asked, levels } = await listed('scaleSets');
    expect(names).toEqual(['bare', 'flexible', 'web']);
    expect(asked).toEqual(['all 403', 'shop 200', 'shop 200', 'shop 200', 'elsewhere 403']);
    expect(levels).toEqual(['resourceGroup']);
  });
});
