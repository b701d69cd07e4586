import { readFile } from 'node:fs/promises';

import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { isSeedSchemaCurrent } from '../../../dev/generate/seed-schema.ts';
import { checkSeed, seedSchema } from '../../../dev/simulator/seed-check.ts';
import { defaultSettings } from '../../../dev/simulator/settings.ts';
import { identity, seedOf } from './azure.ts';

const file = 'dev/simulator/seed.schema.json';
const schema = JSON.parse(await readFile(file, 'utf8')) as object;
const validate = new Ajv({ strict: true }).compile(schema);

/** A seed in which every member is named. */
const everything = {
  settings: { ...defaultSettings, computeApiVersions: ['2018-06-01'] },
  subscriptions: [
    {
      id: '11111111-1111-4111-8111-111111111111',
      tenant: '22222222-2222-4222-8222-222222222222',
      name: 'Shop',
      resourceGroups: [
        {
          name: 'shop',
          location: 'westeurope',
          identities: [
            {
              name: 'a',
              location: 'eastus',
              principalId: '77777777-7777-4777-8777-777777777777',
              clientId: '88888888-8888-4888-8888-888888888888',
              tags: { team: '' },
            },
          ],
          scaleSets: [
            {
              name: 'web',
              location: 'eastus',
              orchestrationMode: 'Flexible',
              capacity: 0,
              tags: {},
              operationMs: 1,
              identity: { systemAssigned: false, userAssigned: ['a', identity('a')] },
            },
          ],
        },
      ],
    },
  ],
  principals: [
    {
      name: 'operator',
      clientId: '33333333-3333-4333-8333-333333333333',
      objectId: '44444444-4444-4444-8444-444444444444',
      tenant: '22222222-2222-4222-8222-222222222222',
      secret: 's3cret',
      managedIdentity: true,
      federated: [{ issuer: 'https://a', subject: 'b', audience: 'c', jwks: { keys: [{ kty: 'RSA' }] } }],
      permissions: [{ scope: '/', actions: ['*'], notActions: [] }],
      denials: [],
    },
  ],
};

type Path = readonly (string | number)[];

/** The place of everything in a value, itself included. */
function placesIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...path, name]))];
}

/** The same value with something else in one place; `undefined` takes it away. */
function replaced(value: unknown, [name, ...rest]: Path, by: unknown): unknown {
  if (name === undefined) return by;
  if (Array.isArray(value))
    return (value as readonly unknown[]).map((item, index) =>
      String(index) === name ? replaced(item, rest, by) : item,
    );
  const members = value as Readonly<Record<string, unknown>>;
  const { [name]: old, ...others } = members;
  const next = replaced(old, rest, by);
  return next === undefined ? others : { ...others, [name]: next };
}

describe('the schema of seeds', () => {
  it('is what the rules, comments and defaults say', async () => {
    expect(await isSeedSchemaCurrent()).toBe(true);
  });

  it('has every setting, and every setting has a rule', () => {
    const names = Object.keys(seedSchema.properties?.['settings']?.properties ?? {});

    expect(names.toSorted()).toEqual(Object.keys(defaultSettings).toSorted());
  });

  it('says what each setting means', () => {
    const { settings } = (
      schema as { properties: { settings: { properties: Record<string, { description?: string }> } } }
    ).properties;

    for (const [name, { description }] of Object.entries(settings.properties)) expect(description, name).toBeTruthy();
  });

  it.each([
    ['one with everything in it', everything],
    ['that of the tests', seedOf({ web: { tags: { team: 'shop' } } })],
    ['an empty one', {}],
  ])('takes a good seed, as the checker does: %s', (_name, seed) => {
    expect(checkSeed(seed)).toEqual([]);
    expect(validate(seed), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each(['dev/simulator/seed.example.yaml', 'dev/demo/azure.yaml'])('takes %s, which refers to it', async (name) => {
    const text = await readFile(name, 'utf8');
    const [, reference] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];

    expect(new URL(reference!, `file:///${name}`).pathname).toBe(`/${file}`);
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each<[string, Path, unknown]>([
    ['an unknown member', ['settings', 'operationMsec'], 1],
    ['a member that every object has', ['settings', 'constructor'], {}],
    ['a wrong type', ['settings', 'operationMs'], '5000'],
    ['a number below its least', ['settings', 'pageSize'], 0],
    ['a broken number', ['settings', 'pageSize'], 1.5],
    [
      'a word that is none of those allowed',
      ['subscriptions', '0', 'resourceGroups', '0', 'scaleSets', '0', 'orchestrationMode'],
      'flexible',
    ],
    ['an id that is none', ['subscriptions', '0', 'id'], 'contoso'],
    ['a missing member', ['principals', '0', 'clientId'], undefined],
    ['null', ['subscriptions', '0', 'resourceGroups'], null],
    ['an empty text', ['principals', '0', 'secret'], ''],
    ['a name that could be none', ['subscriptions', '0', 'resourceGroups', '0', 'name'], 'a/b'],
    ['a list for an object', ['settings'], []],
  ])('refuses a seed with %s, as the checker does', (_name, path, value) => {
    const seed = replaced(everything, path, value);

    expect(checkSeed(seed)).not.toEqual([]);
    expect(validate(seed)).toBe(false);
  });

  it('agrees with the checker on anything anywhere', () => {
    const something = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(undefined, '', 'a', 0, 1, true, [], {}, 'Uniform', 'OldIds', everything.subscriptions[0]!.id),
    );
    const place = fc.constantFrom(...placesIn(everything));
    const member = fc.oneof(fc.constant([]), fc.constantFrom(['name'], ['toString'], ['__proto__x'], ['0']));

    fc.assert(
      fc.property(place, member, something, (path, more, value) => {
        const at = [...path, ...more];
        const parent = path.reduce<unknown>((inner, name) => (inner as Record<string, unknown>)[name], everything);
        fc.pre(more.length === 0 || (typeof parent === 'object' && parent !== null && !Array.isArray(parent)));
        const seed = replaced(everything, at, value);

        expect(validate(seed)).toBe(checkSeed(seed).length === 0);
      }),
      { numRuns: 2_000 },
    );
  });
});
