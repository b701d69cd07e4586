import { describe, expect, it } from 'vitest';

import { budgetWorld, idOf, MINUTE, SECOND, type Seen } from './budget-world.ts';

function left(azure: ReturnType<typeof budgetWorld>, region: string): number | undefined {
  return azure.port.budgets().find(({ location }) => location === region)?.left;
}

describe('the budget of one scale set', () => {
  it.each([
    ['reads', 'read', 24, 5 * SECOND],
    ['looks at an operation', 'look', 30, 4 * SECOND],
    ['writes', 'write', 8, 15 * SECOND],
  ] as const)('of %s leaves a third of what Azure allows to its owner', async (_what, does, count, waitMs) => {
    const azure = budgetWorld();

    expect(await azure.until(azure[does])).toBe(count);
    expect(await azure[does]()).toBe(waitMs);
  });

  it('is no part of what is shared with others', async () => {
    const azure = budgetWorld(0.9);

    expect(await azure.until(azure.write)).toBe(8);
  });

  it('holds up no other scale set', async () => {
    const azure = budgetWorld();
    await azure.until(azure.write);

    expect(await azure.write('api')).toBe('sent');
  });

  it('is the same before and after it is known where the scale set lies', async () => {
    const azure = budgetWorld();
    await azure.write();
    await azure.read();

    expect(await azure.until(azure.write)).toBe(7);
  });
});

describe('a budget that is shared with others', () => {
  it('is the part that was asked for', async () => {
    // 1 % of 1,080 lists, of which 6 a second come back.
    const azure = budgetWorld(0.01);

    expect(await azure.until(azure.list)).toBe(10);
    expect(await azure.list()).toBe(Math.ceil(SECOND / 0.06 - (0.8 * SECOND) / 0.06));
  });

  it('counts the reads of a region, from when it is known where the scale sets lie', async () => {
    // 1 % of 2,400.
    const azure = budgetWorld(0.01);
    for (let index = 0; index < 24; index += 1) await azure.read(`web${String(index)}`);

    expect(await azure.read('web0')).toBeGreaterThan(0);
  });

  it('counts the read of a scale set of which nobody knows where it lies where the last one lies', async () => {
    const azure = budgetWorld(0.01);
    for (let index = 0; index < 24; index += 1) await azure.read(`web${String(index)}`);

    expect(await azure.read('new')).toBe(7.5 * SECOND);
  });

  it('puts a guess right that was wrong', async () => {
    const azure = budgetWorld(0.01);
    await azure.read('web');
    for (let index = 0; index < 20; index += 1) await azure.read(`far${String(index)}`);

    // One read of its own.
    expect(left(azure, 'westeurope')).toBe(23);
    expect(left(azure, 'eastus')).toBe(4);
  });

  it('counts the identities that writes carry', async () => {
    // 10 % of 300 identities, of which 15 a second come back.
    const azure = budgetWorld(0.1);
    await azure.read('web');
    await azure.read('api');

    expect(azure.port.placeForWrite(idOf('web'), 20)).toBeUndefined();
    expect(azure.port.placeForWrite(idOf('api'), 25)).toMatchObject({ kind: 'queued', retryAfterMs: 10 * SECOND });
  });

  it('counts the identities of a whole tenant, over its subscriptions', async () => {
    // 10 % of 400 identities, of which 20 a second come back.
    const azure = budgetWorld(0.1);
    for (const name of ['web', 'other']) await azure.read(name);

    expect(azure.port.placeForWrite(idOf('web'), 30)).toBeUndefined();
    expect(azure.port.placeForWrite(idOf('other'), 30)).toMatchObject({ retryAfterMs: 10 * SECOND });
  });

  it('lets a write through that carries more than it ever holds, when it is full', async () => {
    const azure = budgetWorld(0.1);
    await azure.read();

    expect(azure.port.placeForWrite(idOf('web'), 150)).toBeUndefined();
  });
});

describe("the budget of the operator's own principal", () => {
  it('is all that Azure allows but for what comes back in a second, whatever is shared', async () => {
    const azure = budgetWorld(0.2);
    const names = Array.from({ length: 226 }, (_, index) => `other${String(index)}`);
    const seen: Seen[] = [];
    for (const name of names) seen.push(await azure.read(name));

    expect(seen.filter((one) => one === 'sent')).toHaveLength(225);
    expect(seen.at(-1)).toBe(40);
  });

  it('is one for each subscription', async () => {
    const azure = budgetWorld(0.2);
    for (let index = 0; index <= 250; index += 1) await azure.read(`other${String(index)}`);

    expect(await azure.read('web')).toBe('sent');
  });

  it('counts reads and writes apart', async () => {
    const azure = budgetWorld();
    for (let index = 0; index <= 250; index += 1) await azure.read(`web${String(index)}`);

    expect(await azure.write('web')).toBe('sent');
    expect(await azure.look('web')).toBeGreaterThan(0);
  });
});

describe('no budget', () => {
  it('keeps nothing back', async () => {
    const azure = budgetWorld(0);
    const seen = new Set<Seen>();
    for (let index = 0; index < 400; index += 1) {
      seen.add(await azure.read());
      seen.add(await azure.write());
    }

    expect([...seen]).toEqual(['sent']);
  });

  it('believes no header', async () => {
    const azure = budgetWorld(0);
    azure.answer('GET', 'web', { status: 404, headers: { 'x-ms-ratelimit-remaining-subscription-reads': '0' } });
    await azure.read();

    expect(await azure.read('api')).toBe('sent');
  });
});

describe('a request whose turn has not come', () => {
  it('is not sent, had no effect, and says for which limit it waits', async () => {
    const azure = budgetWorld();
    await azure.until(azure.read);
    const before = azure.sent.length;

    expect(await azure.port.getScaleSet(idOf('web'), new AbortController().signal)).toEqual({
      ok: false,
      failure: {
        kind: 'queued',
        code: 'Queued',
        message:
          "The operator waits for its turn under Azure's limit on reads of one scale set (GetVMScaleSetResource).",
        identityIds: [],
        retryAfterMs: 5 * SECOND,
        hadNoEffect: true,
      },
    });
    expect(azure.sent).toHaveLength(before);
  });

  it('is not even asked for by a pass that is over', async () => {
    const azure = budgetWorld();
    await azure.until(azure.read);

    await expect(azure.port.getScaleSet(idOf('web'), AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  });

  it('is sent when it comes again at its time', async () => {
    const azure = budgetWorld();
    await azure.until(azure.write);
    await azure.clock.advance(15 * SECOND - 1);
    const early = await azure.write();
    await azure.clock.advance(1);

    expect([early, await azure.write()]).toEqual([1, 'sent']);
  });

  it('counts once, however often it asks', async () => {
    const azure = budgetWorld();
    await azure.until(azure.write);
    await azure.write();
    await azure.write();

    expect(azure.heard).toEqual(['queued VMScaleSetActionsResource']);
  });

  it('keeps the turn it has had under a narrow limit while it waits for a wide one', async () => {
    // Reads of the region but one are used up, and all requests of the subscription.
    const azure = budgetWorld(0.01);
    for (let index = 0; index < 23; index += 1) await azure.read(`web${String(index)}`);
    await azure.until(azure.readIdentity);

    expect(await azure.read('web0')).toBe(80);
    expect(await azure.read('web1')).toBe(7.5 * SECOND);
    await azure.clock.advance(80);
    expect(await azure.read('web0')).toBe('sent');
  });
});

describe('a write that has its turn before it is sent', () => {
  it('goes without asking again', async () => {
    const azure = budgetWorld();
    for (let index = 0; index < 8; index += 1) {
      azure.port.placeForWrite(idOf('web'), 1);
      await azure.write();
    }

    expect(azure.sent).toHaveLength(8);
    expect(azure.port.placeForWrite(idOf('web'), 1)).toMatchObject({ kind: 'queued', retryAfterMs: 15 * SECOND });
  });

  it('has it once, however often it asks before it goes', async () => {
    const azure = budgetWorld();
    for (let index = 0; index < 20; index += 1) azure.port.placeForWrite(idOf('web'), 1);
    await azure.write();

    expect(await azure.until(azure.write)).toBe(7);
  });

  it('loses it when Azure throttles meanwhile', async () => {
    const azure = budgetWorld();
    await azure.read('web');
    azure.port.placeForWrite(idOf('web'), 1);
    azure.answer('PATCH', 'api', { status: 429, headers: { 'retry-after': '20' } });
    await azure.read('api');
    await azure.write('api');

    expect(await azure.write('web')).toBeGreaterThan(20 * SECOND);
    expect(azure.sent.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });

  it('loses it when it does not go within a minute', async () => {
    const azure = budgetWorld();
    for (let index = 0; index < 8; index += 1) await azure.write();
    await azure.clock.advance(15 * SECOND);
    azure.port.placeForWrite(idOf('web'), 1);
    await azure.clock.advance(MINUTE);

    expect(await azure.until(azure.write)).toBe(4);
  });
});

describe('what Azure says is left', () => {
  const remaining = (value: string): Readonly<Record<string, string>> => ({
    'x-ms-ratelimit-remaining-resource': value,
  });

  it('of the writes of one scale set, but for the part of its owner, is all that may still be sent', async () => {
    const azure = budgetWorld();
    const headers = remaining(
      'Microsoft.Compute/VMScaleSetActionsSubscriptionMaximum;1499,Microsoft.Compute/VMScaleSetActionsResource;6',
    );
    azure.answer('PATCH', 'web', { status: 404, headers });
    await azure.write();
    azure.wellAgain();

    expect(await azure.until(azure.write)).toBe(2);
  });

  it('of a shared limit counts in the same part', async () => {
    const azure = budgetWorld();
    await azure.read('web');
    await azure.read('api');
    azure.answer('PATCH', 'web', {
      status: 404,
      headers: remaining('Microsoft.Compute/VMScaleSetActionsSubscriptionMaximum;4'),
    });
    await azure.write('web');
    azure.wellAgain();

    expect([await azure.write('api'), await azure.write('api'), await azure.write('api')]).toEqual([
      'sent',
      'sent',
      240,
    ]);
  });

  it('of the requests of the principal counts in full', async () => {
    const azure = budgetWorld();
    azure.answer('GET', 'web', { status: 404, headers: { 'x-ms-ratelimit-remaining-subscription-reads': '3' } });
    await azure.read('web');

    expect(await azure.until(() => azure.read('api'))).toBe(3);
  });

  it.each([
    'Microsoft.Compute/VmssQueuedVMOperations;0',
    'Microsoft.Compute/GetVMScaleSet3Min;0',
    'Microsoft.Network/VMScaleSetActionsResource;0',
    'VMScaleSetActionsResource;0',
    'Microsoft.Compute/VMScaleSetActionsResource;',
    'Microsoft.Compute/VMScaleSetActionsResource;-1',
    'Microsoft.Compute/VMScaleSetActionsResource;none',
    'Microsoft.Compute/vmscalesetactionsresource;0',
    `Microsoft.Compute/VMScaleSetActionsResource;0,${'x'.repeat(5000)}`,
    ';;;,,,\u0000',
  ])('says nothing as %j', async (value) => {
    const azure = budgetWorld();
    azure.answer('PATCH', 'web', { status: 404, headers: remaining(value) });
    await azure.write();
    azure.wellAgain();

    expect(await azure.until(azure.write)).toBe(7);
  });
});
