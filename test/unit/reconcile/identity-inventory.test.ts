import { describe, expect, it } from 'vitest';

import { armKey } from '../../../src/identity/arm-id.ts';
import type { UserAssignedIdentity } from '../../../src/identity/scale-set.ts';
import type { Look } from '../../../src/reconcile/answered.ts';
import { IdentityInventory } from '../../../src/reconcile/inventory/identity-inventory.ts';
import { IdentityRoster } from '../../../src/reconcile/inventory/identity-roster.ts';
import { identityId, identityKey, nameOf, SUBSCRIPTION } from '../identity/builders.ts';
import { fixedRandom, VirtualClock } from '../runtime/virtual-clock.ts';
import { scaleSet } from './objects.ts';
import { failure, scriptedList, type Step } from './scripted-list.ts';
import { HOUR, MINUTE, SECOND } from './world.ts';

const WEB = armKey(scaleSet('web'));

function identity(name: string): UserAssignedIdentity {
  return { resourceId: identityId(name), key: identityKey(name), principalId: 'p', clientId: `client-${name}` };
}

/** An inventory of the identities that `web` needs, whose lists and looks are answered as `answer` and `look` say. */
function started(needed: readonly string[], answer: (scope: string, count: number) => Step) {
  const clock = new VirtualClock();
  const startedAt = clock.now();
  const ending = new AbortController();
  const told: string[] = [];
  const looked: string[] = [];
  const world = { answer, look: (name: string): Look => ({ ok: true, value: identity(name) }) };
  const { page, asked } = scriptedList(clock, identity, (scope, _cursor, count) => world.answer(scope, count));
  const roster: IdentityRoster = new IdentityRoster({
    now: () => clock.now(),
    wanted: (subscriptionId) => inventory.follow(subscriptionId),
    contradicted: () => told.push('contradicted'),
  });
  const inventory = new IdentityInventory(
    {
      azure: {
        listIdentities: page,
        getIdentity: async ({ name }) => {
          looked.push(`${String(Math.round((clock.now() - startedAt) / SECOND))} ${name}`);
          return world.look(name);
        },
      },
      clock,
      random: fixedRandom(0.5),
      intervalMs: 10 * MINUTE,
      roster,
      failed: (_subscriptionId, { code }) => told.push(`failed ${code}`),
      levelChanged: (_subscriptionId, level) => told.push(level),
    },
    ending.signal,
  );
  const need = (names: readonly string[]): void => roster.need(WEB, names.map(identityKey));
  need(needed);
  const known = (name: string) => roster.known(identityKey(name));
  return { clock, ending, world, roster, inventory, need, known, told, looked, asked };
}

describe('the inventory of identities', () => {
  it('lists them a little after the first pass has told which are wanted, then once an interval', async () => {
    const { clock, asked, known, looked } = started(['app'], () => 'app foreign');
    await clock.advance(21 * MINUTE);

    expect(asked).toEqual(['5 first', '605 first', '1205 first']);
    expect(known('app')).toMatchObject({ state: 'found', by: 'list', identity: { clientId: 'client-app' } });
    expect(known('foreign')).toBeUndefined();
    expect(looked).toEqual([]);
  });

  it('asks nobody about what nobody declares', async () => {
    const { clock, asked } = started([], () => 'app');
    await clock.advance(HOUR);

    expect(asked).toEqual([]);
  });

  it('reads one by one what a list lacks, spread over the interval: absence proves nothing', async () => {
    const { clock, known, looked, world } = started(['app', 'bus', 'cdn'], () => 'app');
    world.look = (name) =>
      name === 'bus' ? { ok: false, failure: failure('notFound') } : { ok: true, value: identity(name) };
    await clock.advance(10 * MINUTE);

    expect(looked).toEqual(['125 bus', '365 cdn']);
    expect(known('bus')).toMatchObject({ state: 'gone' });
    expect(known('cdn')).toMatchObject({ state: 'found', by: 'get' });
  });

  it('takes an empty list for nothing at all', async () => {
    const { clock, known, looked } = started(['app'], () => '');
    await clock.advance(10 * MINUTE);

    expect(looked).toEqual(['245 app']);
    expect(known('app')?.state).toBe('found');
  });

  it('reads one by one what it may not list, each interval', async () => {
    const { clock, told, looked, asked } = started(['app'], () => failure('notAuthorised'));
    await clock.advance(21 * MINUTE);

    expect(told).toEqual(['resource']);
    expect(looked).toEqual(['245 app', '845 app']);
    expect(asked).toEqual(['5 first', '5 first in identities']);
  });

  it('goes on where a page failed, and says when a list is given up', async () => {
    const { clock, told, known, world } = started(['app'], (_scope, count) =>
      count === 1 ? failure('transient') : 'app',
    );
    await clock.advance(MINUTE);
    const first = { known: known('app')?.state, told: [...told] };
    world.answer = () => failure('rejected');
    await clock.advance(10 * MINUTE);

    expect(first).toEqual({ known: 'found', told: [] });
    expect(told).toEqual(['failed rejectedCode']);
  });

  it('waits as long as Azure asks for, between two looks and between two lists', async () => {
    const { clock, world, looked, asked } = started(['app', 'bus'], () =>
      failure('throttled', { retryAfterMs: 30 * MINUTE }),
    );
    world.look = () => ({ ok: false, failure: failure('throttled', { retryAfterMs: 20 * MINUTE }) });
    await clock.advance(32 * MINUTE);

    expect(asked).toEqual(['5 first']);
    expect(looked).toEqual(['125 app', '1325 app']);
  });

  it('reads itself what a list still shows and a GET found to be gone', async () => {
    const { clock, roster, looked, known } = started(['app'], () => 'app');
    roster.note(identityKey('app'), { ok: false, failure: failure('notFound') }, clock.now());
    await clock.advance(10 * MINUTE);

    expect(looked).toEqual(['245 app']);
    expect(known('app')).toMatchObject({ state: 'found', by: 'get' });
  });

  it('does not read what nobody needs any more', async () => {
    const { clock, need, looked } = started(['app', 'bus'], () => '');
    await clock.advance(10 * SECOND);
    need(['bus']);
    await clock.advance(9 * MINUTE);

    expect(looked.map((line) => nameOf(line).split(' ')[1])).toEqual(['bus']);
  });

  it('stops when nothing is needed any more, and begins again', async () => {
    const { clock, need, asked, inventory } = started(['app'], () => 'app');
    await clock.advance(MINUTE);
    need([]);
    await clock.advance(HOUR);
    const stopped = [...asked];
    need(['app']);
    await clock.advance(MINUTE);

    expect(stopped).toEqual(['5 first']);
    expect(asked).toHaveLength(2);
    expect(inventory.levels()).toEqual(['subscription']);
  });

  it('ends when it is stopped, and follows nothing after', async () => {
    const { clock, ending, inventory, asked } = started(['app'], () => 'app');
    ending.abort();
    await inventory.ended();
    inventory.follow(SUBSCRIPTION);
    await clock.advance(HOUR);

    expect(asked).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
