/** The same port over the simulated Azure in this process: no socket, and a clock that stands still. */
import { describe, expect, it } from 'vitest';

import { createControl } from '../../../dev/simulator/control/control.ts';
import { createInProcessHttpClient } from '../../../dev/simulator/http-client.ts';
import { applySeed } from '../../../dev/simulator/seeding.ts';
import { createState } from '../../../dev/simulator/state.ts';
import { createAzurePort } from '../../../src/azure/port.ts';
import { manualClock } from '../../unit/azure/manual-clock.ts';
import { CLIENT, SCOPE, SUBSCRIPTION } from './names.ts';
import { entriesOf, identity, NEVER, scaleSet, SEED, valueOf } from './simulated-azure.ts';

function inProcess() {
  const clock = manualClock();
  const state = createState({});
  applySeed(state, SEED, clock.now());
  Object.assign(state.settings, { operationMs: 5000 });
  const control = createControl(state, () => clock.now());
  const port = createAzurePort({
    endpoint: 'https://management.azure.com',
    scope: SCOPE,
    apiVersion: '2024-11-01',
    credential: {
      getToken: () => Promise.resolve({ token: control.token(CLIENT), expiresOnTimestamp: clock.now() + 3_600_000 }),
    },
    httpClient: createInProcessHttpClient(state, { now: () => clock.now(), sleep: (ms) => clock.sleep(ms) }),
    clock,
    random: { next: () => 0, uuid: () => '00000000-0000-4000-8000-000000000000' },
  });
  return { clock, control, port };
}

describe('the port in process', () => {
  it('carries an operation through in virtual time', async () => {
    const { clock, port } = inProcess();
    const { etag } = valueOf(await port.getScaleSet(scaleSet('bare'), NEVER));
    const patch = { type: 'UserAssigned', userAssignedIdentities: { [identity('one').resourceId]: {} } } as const;
    const reply = valueOf(await port.patchIdentity(scaleSet('bare'), patch, etag!, NEVER));
    if (reply.state !== 'accepted' || reply.operation === undefined) throw new Error('no operation');
    expect(valueOf(await port.pollOperation(reply.operation, [], NEVER)).state).toBe('running');
    await clock.advance(5000);
    expect(valueOf(await port.pollOperation(reply.operation, [], NEVER)).state).toBe('succeeded');
    const list = entriesOf(await port.listScaleSets({ subscriptionId: SUBSCRIPTION }, undefined, NEVER));
    expect(list.find(({ name }) => name === 'bare')?.identity.userAssigned.get(identity('one').key)).toHaveProperty(
      'clientId',
    );
  });

  it('gives up what hangs when its time is over', async () => {
    const { clock, control, port } = inProcess();
    control.addFault({ match: { method: 'GET' }, effect: { kind: 'hang' } });
    const result = port.getScaleSet(scaleSet('web'), NEVER);
    await clock.advance(30_000);
    expect(await result).toMatchObject({ ok: false, failure: { code: 'TimeoutError' } });
  });

  it('sees an answer that leaves the identity out as one without identity, which is for the plan to doubt', async () => {
    const { control, port } = inProcess();
    control.addFault({ match: { method: 'GET' }, effect: { kind: 'withoutIdentity' } });
    const web = valueOf(await port.getScaleSet(scaleSet('web'), NEVER));
    expect(web.identity).toEqual({ userAssigned: new Map() });
  });
});
