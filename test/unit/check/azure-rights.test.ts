import { describe, expect, it } from 'vitest';

import type { AzureNeed } from '../../../src/check/azure-needs.ts';
import type { AzureRightsPort, AzureScope } from '../../../src/check/azure-port.ts';
import { azureRights } from '../../../src/check/azure-rights.ts';
import {
  ASSIGN_IDENTITY,
  type AzureAction,
  READ_IDENTITY,
  READ_SCALE_SET,
  WRITE_SCALE_SET,
} from '../../../src/identity/azure-actions.ts';
import type { Failure, FailureKind, Result } from '../../../src/reconcile/azure-port.ts';
import { settle, VirtualClock } from '../runtime/virtual-clock.ts';
import { groupId, identity, NEVER, scaleSet } from './samples.ts';

const OF_SCALE_SETS = [READ_SCALE_SET, WRITE_SCALE_SET] as const;

const failing = (kind: FailureKind, more: Partial<Failure> = {}): Result<never> => ({
  ok: false,
  failure: { kind, code: kind, message: `it is ${kind}`, identityIds: [], hadNoEffect: true, ...more },
});

type Answer = Result<ReadonlySet<AzureAction>>;
const allowing = (...actions: readonly AzureAction[]): Answer => ({ ok: true, value: new Set(actions) });

interface Fake {
  readonly azure: AzureRightsPort;
  /** Ids of scopes, in the order in which they were asked about; of a GET with `GET` before it. */
  readonly asked: readonly string[];
}

/** @param answers by the id of the scope; what is not there allows nothing */
function fake(answers: Readonly<Record<string, Answer | Answer[]>>, get: Result<never> = failing('notFound')): Fake {
  const asked: string[] = [];
  const nameOf = (scope: AzureScope): string =>
    'kind' in scope ? scope.resourceId : groupId(scope.resourceGroup ?? '');
  const read = (scope: AzureScope): Promise<Result<never>> => {
    asked.push(`GET ${nameOf(scope)}`);
    return Promise.resolve(get);
  };
  const azure = {
    allowedAt: (scope: AzureScope): Promise<Answer> => {
      asked.push(nameOf(scope));
      const answer = answers[nameOf(scope)] ?? allowing();
      return Promise.resolve(Array.isArray(answer) ? (answer.shift() ?? allowing()) : answer);
    },
    getScaleSet: read,
    getIdentity: read,
  } as unknown as AzureRightsPort;
  return { azure, asked };
}

const need = (id: AzureNeed['id'], ...actions: readonly AzureAction[]): AzureNeed => ({ id, actions });
const web = need(scaleSet('web'), ...OF_SCALE_SETS);
const api = need(scaleSet('api'), ...OF_SCALE_SETS);
const one = need(identity('one'), READ_IDENTITY, ASSIGN_IDENTITY);

/** The states of all rights, by resource and the end of the action. */
async function statesOf(azure: AzureRightsPort, ...needs: readonly AzureNeed[]): Promise<Record<string, string>> {
  const clock = new VirtualClock();
  const asking = azureRights(needs, { azure, clock, signal: NEVER });
  await clock.advance(300_000);
  const all = (await asking).flatMap(({ resources }) => resources);
  return Object.fromEntries(
    all.flatMap(({ id, actions, stateOf }) =>
      actions.map((action) => [`${id.name} ${action.split('/').slice(2).join('/')}`, stateOf(action).is]),
    ),
  );
}

describe('rights on a resource group', () => {
  it('hold for all that is in it, and cost one request', async () => {
    const { azure, asked } = fake({ [groupId('apps')]: allowing(...OF_SCALE_SETS) });
    expect(await statesOf(azure, web, api)).toEqual({
      'web read': 'granted',
      'web write': 'granted',
      'api read': 'granted',
      'api write': 'granted',
    });
    expect(asked).toEqual([groupId('apps')]);
  });

  it('of scale sets are asked about apart from those of identities', async () => {
    const { azure, asked } = fake({
      [groupId('apps')]: allowing(...OF_SCALE_SETS),
      [groupId('identities')]: allowing(READ_IDENTITY, ASSIGN_IDENTITY),
    });
    expect(await statesOf(azure, web, one)).toMatchObject({ 'web write': 'granted', 'one assign/action': 'granted' });
    expect(asked.toSorted()).toEqual([groupId('apps'), groupId('identities')]);
  });
});

describe('rights on single resources', () => {
  it('are asked about where the group does not have them all', async () => {
    const { azure, asked } = fake({
      [groupId('apps')]: allowing(READ_SCALE_SET),
      [web.id.resourceId]: allowing(...OF_SCALE_SETS),
    });
    expect(await statesOf(azure, web, api)).toEqual({
      'web read': 'granted',
      'web write': 'granted',
      'api read': 'missing',
      'api write': 'missing',
    });
    expect(asked).toHaveLength(3);
  });

  it('are not asked about without end: what is left is not known', async () => {
    const many = Array.from({ length: 250 }, (_, index) => need(scaleSet(`set-${String(index)}`), READ_SCALE_SET));
    const { azure, asked } = fake({});
    const states = Object.values(await statesOf(azure, ...many));
    expect(asked).toHaveLength(201);
    expect(states.filter((state) => state === 'missing')).toHaveLength(200);
    expect(states.filter((state) => state === 'unknown')).toHaveLength(50);
  });
});

describe('where Azure does not tell what the operator may do', () => {
  const silent = { [groupId('apps')]: failing('notAuthorised'), [web.id.resourceId]: failing('notAuthorised') };

  it.each([
    ['is granted to who can read it', { ok: true, value: {} } as unknown as Result<never>, 'granted'],
    ['is granted to who is told that there is no such thing', failing('notFound'), 'granted'],
    ['is missing where reading is refused', failing('notAuthorised'), 'missing'],
    ['is not known where nothing answers', failing('rejected'), 'unknown'],
  ])('the right to read %s', async (_, get, expected) => {
    const { azure, asked } = fake(silent, get);
    expect(await statesOf(azure, web)).toEqual({ 'web read': expected, 'web write': 'unknown' });
    expect(asked).toEqual([groupId('apps'), web.id.resourceId, `GET ${web.id.resourceId}`]);
  });

  it('says so of the resource', async () => {
    const [group] = await azureRights([web], {
      azure: fake(silent).azure,
      clock: new VirtualClock(),
      signal: NEVER,
    });
    expect(group?.resources.map(({ mayNotAsk }) => mayNotAsk)).toEqual([true]);
  });
});

describe('thousands of resources', () => {
  it('are asked about by their groups, eight requests at once', async () => {
    const needs = Array.from({ length: 4_000 }, (_, index) =>
      need(scaleSet(`set-${String(index)}`, `group-${String(index % 40)}`), ...OF_SCALE_SETS),
    );
    let [most, under, asked] = [0, 0, 0];
    const azure = {
      allowedAt: async () => {
        [under, asked] = [under + 1, asked + 1];
        most = Math.max(most, under);
        await settle();
        under -= 1;
        return allowing(...OF_SCALE_SETS);
      },
    } as unknown as AzureRightsPort;
    const groups = await azureRights(needs, { azure, clock: new VirtualClock(), signal: NEVER });
    expect(groups.flatMap(({ resources }) => resources)).toHaveLength(4_000);
    expect({ most, asked }).toEqual({ most: 8, asked: 40 });
  });
});

describe('an answer that does not come at once', () => {
  it.each(['queued', 'throttled', 'transient'] as const)('is waited for when the request is %s', async (kind) => {
    const later = [failing(kind, { retryAfterMs: 5_000 }), allowing(...OF_SCALE_SETS)];
    expect(await statesOf(fake({ [groupId('apps')]: later }).azure, web)).toMatchObject({ 'web write': 'granted' });
  });

  it('is given up after three tries', async () => {
    const never = Array.from({ length: 10 }, () => failing('transient'));
    const { azure, asked } = fake({ [groupId('apps')]: never, [web.id.resourceId]: [...never] });
    expect(await statesOf(azure, web)).toEqual({ 'web read': 'unknown', 'web write': 'unknown' });
    expect(asked).toHaveLength(6);
  });
});
