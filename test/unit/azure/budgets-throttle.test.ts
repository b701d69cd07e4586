import { describe, expect, it } from 'vitest';

import { budgetWorld, idOf, linkOf, MINUTE, SECOND, tooMany } from './budget-world.ts';
import { type Answer, NEVER } from './fake-azure.ts';
import { errorBody, SUBSCRIPTION } from './samples.ts';

const armThrottle: Answer = {
  status: 429,
  headers: { 'retry-after': '10' },
  body: errorBody(
    'SubscriptionRequestsThrottled',
    "Number of 'read' requests for subscription 's' actor 'o' exceeded. Please try again after '10' seconds.",
  ),
};

/** How an identity service's throttle comes through: a refusal of the write that says so in its text. */
const hidden = errorBody(
  'FailedIdentityOperation',
  'Identity operation for resource \'/x\' failed with error \'Failed to perform resource identity operation. Status: \'TooManyRequests\'. Response: \'{"error":{"code":"TooManyRequests","message":"Too many requests. Retry after 12 seconds."}}\'.\'.',
);

type World = ReturnType<typeof budgetWorld>;
type Kind = 'read' | 'write' | 'look';

/** Each sort of request once, where Azure has said where the scale sets lie; which of them have to wait. */
async function stopped(azure: World): Promise<readonly string[]> {
  azure.wellAgain();
  const waiting: string[] = [];
  for (const name of ['web', 'api', 'far', 'other']) {
    for (const kind of ['read', 'write', 'look'] as const satisfies readonly Kind[]) {
      if ((await azure[kind](name)) !== 'sent') waiting.push(`${kind} ${name}`);
    }
  }
  if ((await azure.list()) !== 'sent') waiting.push('list');
  if ((await azure.readIdentity()) !== 'sent') waiting.push('identity');
  return waiting;
}

/** A world in which the scale sets are known, and a request for `web` was throttled. */
async function throttled(share: number, kind: Kind, answer: Answer): Promise<World> {
  const azure = budgetWorld(share);
  for (const name of ['web', 'api', 'far', 'other']) await azure.read(name);
  azure.answer(kind === 'write' ? 'PATCH' : 'GET', kind === 'look' ? '/operations/web' : '/web', answer);
  await azure[kind]('web');
  return azure;
}

const SCOPES: readonly (readonly [string, Kind, Answer, readonly string[]])[] = [
  ['names the reads of a region', 'read', tooMany('GetVMScaleSetSubscriptionMaximum', 30), ['read web', 'read api']],
  ['names the reads of a region as it used to', 'read', tooMany('GetVMScaleSet3Min', 30), ['read web', 'read api']],
  ['names the reads of one scale set', 'read', tooMany('GetVMScaleSetResource', 30), ['read web']],
  [
    'names the writes of a region',
    'write',
    tooMany('VMScaleSetActionsSubscriptionMaximum', 30),
    ['write web', 'write api'],
  ],
  ['names the writes of one scale set', 'write', tooMany('VMScaleSetActionsResource', 30), ['write web']],
  [
    'names the looks at operations in a region',
    'look',
    tooMany('GetOperationSubscriptionMaximum', 30),
    ['look web', 'look api'],
  ],
  ['names the looks at one operation', 'look', tooMany('GetOperationResource', 30), ['look web']],
  [
    'names a policy that nobody knows',
    'write',
    tooMany('VMScaleSetBatchedVMRequestsSubscriptionMaximum', 30),
    ['write web', 'write api'],
  ],
  ['names a policy of a resource that nobody knows', 'write', tooMany('VMScaleSetWhateverResource', 30), ['write web']],
  [
    'names a policy that does not count the request',
    'read',
    tooMany('HighCostGetVMScaleSet30Min', 30),
    ['read web', 'read api'],
  ],
  ['of a read names no policy', 'read', tooMany(undefined, 30), ['read web', 'read api']],
  ['of a write names no policy', 'write', tooMany(undefined, 30), ['write web', 'write api']],
  ['of a look names no policy', 'look', tooMany(undefined, 30), ['look web', 'look api']],
  ['has no body that anybody could read', 'write', { status: 429, body: '<html>' }, ['write web', 'write api']],
  [
    "is Azure Resource Manager's own, of reads",
    'read',
    armThrottle,
    ['read web', 'look web', 'read api', 'look api', 'read far', 'look far', 'list', 'identity'],
  ],
  ["is Azure Resource Manager's own, of writes", 'write', armThrottle, ['write web', 'write api', 'write far']],
  ['hides in a refusal of the identity service', 'write', { status: 400, body: hidden }, ['write web', 'write api']],
  [
    'hides in a text',
    'write',
    { status: 409, body: errorBody('OperationNotAllowed', 'The server rejected the request. Retry after 77 seconds.') },
    ['write web', 'write api'],
  ],
  [
    'is what an operation failed for',
    'look',
    { body: { status: 'Failed', error: (hidden as { error: object }).error } },
    ['write web', 'write api'],
  ],
  [
    'is what an operation failed for, by name',
    'look',
    {
      body: {
        status: 'Failed',
        error: (tooMany('VMScaleSetActionsSubscriptionMaximum').body as { error: object }).error,
      },
    },
    ['write web', 'write api'],
  ],
];

describe.each([
  ['with budgets', 0.5],
  ['without a budget', 0],
])('a throttle, %s,', (_what, share) => {
  it.each(SCOPES)('that %s stops exactly those requests', async (_which, kind, answer, expected) => {
    const azure = await throttled(share, kind, answer);

    expect(await stopped(azure)).toEqual(expected);
  });
});

describe('a throttle', () => {
  it.each([
    ['of lists stops lists alone', 'GET', 'virtualMachineScaleSets?', 'list', ['list']],
    ['of reads of identities stops those alone', 'GET', 'userAssignedIdentities', 'readIdentity', ['identity']],
  ] as const)('%s', async (_what, method, path, does, expected) => {
    const azure = budgetWorld();
    azure.answer(method, path, tooMany(undefined, 30));
    await azure[does]();

    expect(await stopped(azure)).toEqual(expected);
  });

  it('of a scale set of which nobody knows where it lies stops none of which that is known', async () => {
    const azure = budgetWorld();
    await azure.read('far');
    azure.answer('GET', '/web', tooMany(undefined, 30));
    await azure.read('web');
    azure.wellAgain();

    expect([await azure.read('far'), await azure.read('api')]).toEqual(['sent', expect.any(Number)]);
  });

  it('of a region stops no scale set of which nobody knows whether it lies there', async () => {
    const azure = await throttled(0.5, 'read', tooMany('GetVMScaleSetSubscriptionMaximum', 30));
    // The last one that was seen lies there.
    azure.wellAgain();
    await azure.write('web');

    expect([await azure.read('web'), await azure.read('new')]).toEqual([expect.any(Number), 'sent']);
  });

  it('is over to the millisecond when Azure said', async () => {
    const azure = await throttled(0.5, 'read', tooMany('GetVMScaleSetSubscriptionMaximum', 17));
    azure.wellAgain();
    await azure.clock.advance(17 * SECOND - 1);
    const early = await azure.read('web');
    await azure.clock.advance(1);

    expect([early, await azure.read('web')]).toEqual([1, 'sent']);
  });

  it('tells who met it when its turn comes, after all who waited before', async () => {
    const azure = budgetWorld();
    await azure.read('web');
    azure.answer('GET', '/web', tooMany(undefined, 20));
    const first = await azure.port.getScaleSet(idOf('web'), NEVER);

    expect(first).toMatchObject({ failure: { kind: 'throttled', retryAfterMs: 20 * SECOND, hadNoEffect: false } });
  });

  it('lets requests through one after another when it is over, at the rate of the budget', async () => {
    const azure = await throttled(0.5, 'read', tooMany('GetVMScaleSetSubscriptionMaximum', 20));
    const names = ['web', 'api'];
    const waits = [];
    for (const name of names) waits.push(await azure.read(name));

    // 400 a minute.
    expect(waits).toEqual([20 * SECOND, 20 * SECOND + 150]);
  });

  it('stops its scope for 30 s, doubling to 5 min, where Azure does not say for how long', async () => {
    const azure = await throttled(0.5, 'write', tooMany(undefined));
    const waits: unknown[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const waitMs = await azure.write('web');
      waits.push(waitMs);
      await azure.clock.advance(Number(waitMs));
      await azure.write('web');
    }

    expect(waits).toEqual([30, 60, 120, 240, 300, 300].map((seconds) => seconds * SECOND));
  });

  it('goes on growing when Azure answers with an error of its own in between', async () => {
    const azure = await throttled(0.5, 'write', tooMany(undefined));
    await azure.clock.advance(30 * SECOND);
    azure.answer('PATCH', '/web', { status: 503 });
    await azure.write('web');
    azure.answer('PATCH', '/web', tooMany(undefined));
    await azure.clock.advance(SECOND);
    await azure.write('web');

    expect(await azure.write('web')).toBe(60 * SECOND);
  });

  it('that says "at once" is taken for one that does not say', async () => {
    const azure = await throttled(0.5, 'write', tooMany(undefined, 0));

    expect(await azure.write('web')).toBe(30 * SECOND);
  });

  it('tells when the scope opens of an operation that failed for it, also where Azure does not say', async () => {
    const azure = budgetWorld();
    await azure.read('web');
    const { error } = tooMany(undefined).body as { error: object };
    azure.answer('GET', '/operations/', { body: { status: 'Failed', error } });
    const look = await azure.port.pollOperation({ link: linkOf('web'), via: 'azureAsyncOperation' }, [], NEVER);

    expect(look).toMatchObject({ value: { failure: { kind: 'throttled', retryAfterMs: 30 * SECOND } } });
  });

  it('tells of an operation that failed for it when the next write has its turn', async () => {
    const azure = await throttled(0.5, 'write', {
      status: 202,
      headers: { 'azure-asyncoperation': linkOf('web') },
    });
    azure.answer('GET', '/operations/', { body: { status: 'Failed', error: (hidden as { error: object }).error } });
    const look = await azure.port.pollOperation({ link: linkOf('web'), via: 'azureAsyncOperation' }, [], NEVER);

    expect(look).toMatchObject({ value: { failure: { kind: 'throttled', retryAfterMs: 12 * SECOND } } });
  });
});

describe('an operation that failed for a throttle of its scale set', () => {
  it('stops the writes of that one', async () => {
    const azure = budgetWorld();
    await azure.read('web');
    await azure.read('api');
    azure.answer('PATCH', '/web', { status: 202, headers: { 'azure-asyncoperation': linkOf('1') } });
    await azure.write('web');
    const { error } = tooMany('VMScaleSetActionsResource', 30).body as { error: object };
    azure.answer('GET', '/operations/', { headers: { 'retry-after': '30' }, body: { status: 'Failed', error } });
    await azure.look('1');

    expect(await stopped(azure)).toEqual(['write web']);
  });
});

describe('what is told of a throttle', () => {
  it('is one line when it begins and one when it is over, and a count of each', async () => {
    const azure = await throttled(0.5, 'read', tooMany('GetVMScaleSetSubscriptionMaximum', 20));
    await azure.read('web');
    await azure.read('api');
    await azure.clock.advance(20 * SECOND);
    azure.wellAgain();
    await azure.read('web');
    await azure.read('api');

    const scope = { policy: 'GetVMScaleSetSubscriptionMaximum', subscription: SUBSCRIPTION, location: 'westeurope' };
    expect(azure.lines.map(({ level, fields }) => ({ level, ...fields }))).toEqual([
      { level: 'warn', ...scope, code: 'OperationNotAllowed', waitMs: 20 * SECOND },
      { level: 'info', ...scope },
    ]);
    expect(azure.heard).toEqual([
      'throttled GetVMScaleSetSubscriptionMaximum westeurope',
      'queued GetVMScaleSetSubscriptionMaximum',
    ]);
  });

  it('is one line for all that were under way when it began', async () => {
    const azure = budgetWorld();
    await azure.read('web');
    await azure.read('api');
    azure.answer('GET', '/', tooMany('GetVMScaleSetSubscriptionMaximum', 20));
    await Promise.all([azure.read('web'), azure.read('api')]);

    expect(azure.lines).toHaveLength(1);
    expect(azure.heard).toHaveLength(2);
  });

  it('names the scale set in the log alone', async () => {
    const azure = await throttled(0.5, 'write', tooMany('VMScaleSetActionsResource', 20));

    expect(azure.lines[0]?.fields).toMatchObject({ resource: expect.stringContaining('/virtualmachinescalesets/web') });
    expect(azure.port.budgets().filter(({ closedForMs }) => closedForMs > 0)).toEqual([
      { policy: 'VMScaleSetActionsResource', subscription: SUBSCRIPTION, location: 'westeurope', closedForMs: 20_000 },
    ]);
  });
});

describe('budgets as metrics show them', () => {
  it('are those of subscriptions, regions and the tenant', async () => {
    const azure = budgetWorld();
    await azure.read('web');
    await azure.write('web');
    await azure.list();

    const left = azure.port.budgets().map((one) => [one.policy, one.location, one.left]);
    expect(left).toEqual([
      ['ArmReads', '', 223],
      ['GetVMScaleSetSubscriptionMaximum', 'westeurope', 1199],
      ['VMScaleSetActionsSubscriptionMaximum', 'westeurope', 749],
      ['IdentityAssignment', 'westeurope', 149],
      ['ArmWrites', '', 189],
      ['IdentityAssignmentOfTenant', 'westeurope', 199],
      ['HighCostGetVMScaleSet', '', 539],
    ]);
  });

  it('are below zero where requests wait', async () => {
    const azure = budgetWorld(0.01);
    await azure.until(azure.list);
    await azure.clock.advance(MINUTE);
    await azure.until(azure.list);

    expect(azure.port.budgets().find(({ policy }) => policy === 'HighCostGetVMScaleSet')?.left).toBeLessThan(0);
  });

  it('are none where nothing is kept back', async () => {
    const azure = budgetWorld(0);
    await azure.read();

    expect(azure.port.budgets()).toEqual([]);
  });
});
