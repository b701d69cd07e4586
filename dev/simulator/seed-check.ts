import type { SeedProblem } from './seed.ts';

type Path = readonly (string | number)[];
type Check = (value: unknown, path: Path, problems: SeedProblem[]) => void;

/** Everything that is wrong with the shape of a seed; empty when it may be taken as a Seed. */
export function checkSeed(value: unknown): readonly SeedProblem[] {
  const problems: SeedProblem[] = [];
  seed(value, [], problems);
  return problems;
}

// --- what a seed is made of -----------------------------------------------------------------------------------------

const text = rule('a text', (value) => typeof value === 'string' && value !== '');
const flag = rule('true or false', (value) => typeof value === 'boolean');
const count = rule('a whole number, 0 or more', (value) => Number.isInteger(value) && Number(value) >= 0);
const positive = rule('a whole number, 1 or more', (value) => Number.isInteger(value) && Number(value) >= 1);
const guid = rule(
  'a GUID',
  (value) => typeof value === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value),
);
const resourceName = rule(
  'a name of letters, digits and . _ - ( )',
  (value) => typeof value === 'string' && /^[\w.()-]{1,128}$/.test(value),
);

const tags = mapOf(text);
const identity = object({ name: resourceName }, { location: text, principalId: guid, clientId: guid, tags });
const scaleSet = object(
  { name: resourceName },
  {
    location: text,
    orchestrationMode: oneOf('Uniform', 'Flexible'),
    capacity: count,
    tags,
    operationMs: count,
    identity: object({}, { systemAssigned: flag, userAssigned: listOf(text) }),
  },
);
const resourceGroup = object(
  { name: resourceName, location: text },
  { identities: listOf(identity), scaleSets: listOf(scaleSet) },
);
const subscription = object({ id: guid, tenant: guid }, { name: text, resourceGroups: listOf(resourceGroup) });
const grant = object({ scope: text, actions: listOf(text) }, { notActions: listOf(text) });
const jwks = object({ keys: listOf(mapOf(() => undefined)) }, {});
const principal = object(
  { clientId: guid, tenant: guid },
  {
    name: text,
    objectId: guid,
    secret: text,
    federated: listOf(object({ issuer: text, subject: text }, { audience: text, jwks })),
    managedIdentity: flag,
    permissions: listOf(grant),
    denials: listOf(grant),
  },
);
const settings = object(
  {},
  {
    operationMs: count,
    pageSize: positive,
    missingIdentity: oneOf('LinkedAuthorizationFailed', 'FailedIdentityOperation'),
    nullForUnassigned: oneOf('Accepted', 'Refused'),
    deletedIdentity: oneOf('OldIds', 'NullIds'),
    tokenSeconds: positive,
    armAudiences: listOf(text),
    computeApiVersions: listOf(text),
    requestLogLimit: positive,
  },
);
const seed = object({}, { settings, subscriptions: listOf(subscription), principals: listOf(principal) });

/** Everything that is wrong with a change of settings. */
export function checkSettings(value: unknown): readonly SeedProblem[] {
  const problems: SeedProblem[] = [];
  settings(value, [], problems);
  return problems;
}

/** Everything that is wrong with a list of grants. */
export function checkGrants(value: unknown): readonly SeedProblem[] {
  const problems: SeedProblem[] = [];
  listOf(grant)(value, [], problems);
  return problems;
}

// --- checks ---------------------------------------------------------------------------------------------------------

function rule(expected: string, holds: (value: unknown) => boolean): Check {
  return (value, path, problems) => {
    if (!holds(value)) problems.push({ path, message: `must be ${expected}, not ${shown(value)}` });
  };
}

function oneOf(...values: readonly string[]): Check {
  return rule(values.join(' or '), (value) => values.some((allowed) => allowed === value));
}

function listOf(entry: Check): Check {
  return (value, path, problems) => {
    if (!Array.isArray(value)) problems.push({ path, message: `must be a list, not ${shown(value)}` });
    else
      value.forEach((item, index) => {
        entry(item, [...path, index], problems);
      });
  };
}

function mapOf(member: Check): Check {
  return (value, path, problems) => {
    if (!isRecord(value)) problems.push({ path, message: `must be an object, not ${shown(value)}` });
    else for (const [name, item] of Object.entries(value)) member(item, [...path, name], problems);
  };
}

function object(required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>>): Check {
  return (value, path, problems) => {
    if (!isRecord(value)) {
      problems.push({ path, message: `must be an object, not ${shown(value)}` });
      return;
    }
    for (const name of Object.keys(required)) {
      if (value[name] === undefined) problems.push({ path: [...path, name], message: 'is missing' });
    }
    for (const [name, item] of Object.entries(value)) {
      const check = required[name] ?? optional[name];
      if (check === undefined) problems.push({ path: [...path, name], message: 'is not known here' });
      else if (item !== undefined) check(item, [...path, name], problems);
    }
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
