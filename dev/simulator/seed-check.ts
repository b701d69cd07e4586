import { roleNames } from './arm/rights/roles.ts';
import type { SeedProblem } from './seed.ts';
import type { Settings } from './settings.ts';
import { limitNames } from './throttling/limits.ts';

type Path = readonly (string | number)[];

/** A rule for a part of a seed, and the same rule for editors. */
interface Check {
  readonly run: (value: unknown, path: Path, problems: SeedProblem[]) => void;
  readonly schema: JsonSchema;
}

/** As much of JSON Schema (draft 7) as a seed needs. */
export interface JsonSchema {
  readonly type?: 'string' | 'boolean' | 'integer' | 'array' | 'object' | 'null';
  readonly description?: string;
  readonly default?: unknown;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly pattern?: string;
  readonly enum?: readonly (string | boolean)[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | false;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** Everything that is wrong with the shape of a seed; empty when it may be taken as a Seed. */
export function checkSeed(value: unknown): readonly SeedProblem[] {
  return problemsOf(seed, value);
}

// --- what a seed is made of -----------------------------------------------------------------------------------------

const text = rule('a text', { type: 'string', minLength: 1 }, (value) => typeof value === 'string' && value !== '');
const flag = rule('true or false', { type: 'boolean' }, (value) => typeof value === 'boolean');
const count = wholeNumber(0);
const positive = wholeNumber(1);
const guid = matching('a GUID', /^[\dA-Fa-f]{8}(-[\dA-Fa-f]{4}){3}-[\dA-Fa-f]{12}$/);
const resourceName = matching('a name of letters, digits and . _ - ( )', /^[\w.()-]{1,128}$/);
const anything: Check = { schema: {}, run: () => undefined };

const tags = mapOf(rule('a text', { type: 'string' }, (value) => typeof value === 'string'));
const identity = object(
  { name: resourceName },
  {
    location: text,
    principalId: guid,
    clientId: guid,
    isolationScope: oneOf('None', 'Regional'),
    assignmentRestrictions: object({}, { providers: listOf(text) }),
    tags,
  },
);
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
const role = oneOf(...roleNames);
const actions = { actions: listOf(text), notActions: listOf(text) };
const grantMembers = object({ scope: text }, { role, ...actions });
const byRole = object({ scope: text, role }, {});
const byActions = object({ scope: text, actions: actions.actions }, { notActions: actions.notActions });
const grant: Check = {
  schema: { oneOf: [byRole.schema, byActions.schema] },
  run: (value, path, problems) => {
    grantMembers.run(value, path, problems);
    if (!isRecord(value)) return;
    const hasRole = value['role'] !== undefined;
    if (hasRole === (value['actions'] !== undefined)) problems.push({ path, message: 'needs a role, or else actions' });
    else if (hasRole && value['notActions'] !== undefined) {
      problems.push({ path: [...path, 'notActions'], message: 'does not go with a role' });
    }
  },
};
const jwks = object({ keys: listOf(mapOf(anything)) }, {});
const principal = object(
  { clientId: guid, tenant: guid },
  {
    name: text,
    objectId: guid,
    secret: text,
    federated: listOf(object({ issuer: text, subject: text }, { audience: text, jwks })),
    managedIdentity: rule(
      'true, false, SystemAssigned or UserAssigned',
      { enum: [true, false, 'SystemAssigned', 'UserAssigned'] },
      (value) => [true, false, 'SystemAssigned', 'UserAssigned'].some((allowed) => allowed === value),
    ),
    permissions: listOf(grant),
    denials: listOf(grant),
  },
);
const bucketSize = object({}, { capacity: positive, refill: positive, everyMs: positive });
const settings = object({}, {
  operationMs: count,
  writeReply: oneOf('AsyncOperation', 'Accepted', 'AcceptedLocation', 'Bare'),
  writeRetryAfterSeconds: orNull(count),
  pollRetryAfterSeconds: orNull(count),
  retryAfterForm: oneOf('Seconds', 'HttpDate'),
  runningStatus: text,
  operationRetentionMs: count,
  concurrentWrites: oneOf('Conflict', 'Preempt'),
  preemptedStatus: oneOf('Canceled', 'Failed'),
  pageSize: positive,
  missingIdentity: oneOf('LinkedAuthorizationFailed', 'FailedIdentityOperation'),
  nullForUnassigned: oneOf('Accepted', 'Refused'),
  nullInPut: oneOf('Accepted', 'Refused'),
  deletedIdentity: oneOf('OldIds', 'NullIds', 'AbsentIds'),
  deadIdentityBlocksWrites: oneOf('Never', 'FailedIdentityOperation', 'LinkedAuthorizationFailed'),
  noneIdentity: oneOf('Absent', 'TypeNone'),
  idCasing: oneOf('AsSent', 'Lower', 'LowerResourcegroups', 'UpperGroups'),
  bodySize: oneOf('Small', 'Real'),
  listLagMs: count,
  listRights: oneOf('Filter', 'Refuse'),
  withoutRole: oneOf('AuthorizationFailed', 'SubscriptionNotFound'),
  permissionsRead: oneOf('Always', 'ByRole'),
  revokedChallenge: oneOf('InsufficientClaims', 'SessionRevoked'),
  tokenSeconds: positive,
  armAudiences: listOf(text),
  computeApiVersions: listOf(text),
  strictApiVersions: flag,
  throttling: oneOf('Off', 'On'),
  throttlingRetryAfter: oneOf('Header', 'None'),
  identityThrottling: oneOf('Refused', 'FailedOperation'),
  throttlingLimits: object({}, Object.fromEntries(limitNames.map((name) => [name, bucketSize]))),
  requestLogLimit: positive,
} satisfies Readonly<Record<keyof Settings, Check>>);
const restrictions = object(
  {},
  {
    locks: listOf(object({ scope: text, level: oneOf('ReadOnly', 'CanNotDelete') }, {})),
    denyAssignments: listOf(
      object(
        { scope: text, name: text, actions: listOf(text) },
        { id: text, notActions: listOf(text), except: listOf(guid) },
      ),
    ),
    policies: listOf(
      object(
        { scope: text, name: text },
        { displayName: text, definition: text, message: text, resourceTypes: listOf(text) },
      ),
    ),
    disabledSubscriptions: listOf(guid),
    unregisteredProviders: listOf(object({ subscription: guid, namespace: text }, {})),
  },
);
const seed = object({}, { settings, subscriptions: listOf(subscription), principals: listOf(principal), restrictions });

/** What a seed is made of, for editors; as strict as `checkSeed`. */
export const seedSchema: JsonSchema = seed.schema;

/** Everything that is wrong with a change of settings. */
export function checkSettings(value: unknown): readonly SeedProblem[] {
  return problemsOf(settings, value);
}

/** Everything that is wrong with lists of restrictions. */
export function checkRestrictions(value: unknown): readonly SeedProblem[] {
  return problemsOf(restrictions, value);
}

/** Everything that is wrong with a grant. */
export function checkGrant(value: unknown): readonly SeedProblem[] {
  return problemsOf(grant, value);
}

/** Everything that is wrong with a list of grants. */
export function checkGrants(value: unknown): readonly SeedProblem[] {
  return problemsOf(listOf(grant), value);
}

// --- checks ---------------------------------------------------------------------------------------------------------

function problemsOf(check: Check, value: unknown): readonly SeedProblem[] {
  const problems: SeedProblem[] = [];
  check.run(value, [], problems);
  return problems;
}

function rule(expected: string, schema: JsonSchema, holds: (value: unknown) => boolean): Check {
  return {
    schema,
    run: (value, path, problems) => {
      if (!holds(value)) problems.push({ path, message: `must be ${expected}, not ${shown(value)}` });
    },
  };
}

function wholeNumber(minimum: number): Check {
  const holds = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= minimum;
  return rule(`a whole number, ${String(minimum)} or more`, { type: 'integer', minimum }, holds);
}

function matching(expected: string, pattern: RegExp): Check {
  const holds = (value: unknown): boolean => typeof value === 'string' && pattern.test(value);
  return rule(expected, { type: 'string', pattern: pattern.source }, holds);
}

function oneOf(...values: readonly string[]): Check {
  return rule(values.join(' or '), { enum: values }, (value) => values.some((allowed) => allowed === value));
}

function orNull(check: Check): Check {
  return {
    schema: { anyOf: [check.schema, { type: 'null' }] },
    run: (value, path, problems) => {
      if (value !== null) check.run(value, path, problems);
    },
  };
}

function listOf(entry: Check): Check {
  return {
    schema: { type: 'array', items: entry.schema },
    run: (value, path, problems) => {
      if (!Array.isArray(value)) problems.push({ path, message: `must be a list, not ${shown(value)}` });
      else
        value.forEach((item, index) => {
          entry.run(item, [...path, index], problems);
        });
    },
  };
}

function mapOf(member: Check): Check {
  return {
    schema: { type: 'object', additionalProperties: member.schema },
    run: (value, path, problems) => {
      if (!isRecord(value)) problems.push({ path, message: `must be an object, not ${shown(value)}` });
      else for (const [name, item] of Object.entries(value)) member.run(item, [...path, name], problems);
    },
  };
}

function object(required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>>): Check {
  const members = new Map([...Object.entries(required), ...Object.entries(optional)]);
  return {
    schema: objectSchema(members, Object.keys(required)),
    run: (value, path, problems) => {
      if (!isRecord(value)) {
        problems.push({ path, message: `must be an object, not ${shown(value)}` });
        return;
      }
      for (const name of Object.keys(required)) {
        if (value[name] === undefined) problems.push({ path: [...path, name], message: 'is missing' });
      }
      for (const [name, item] of Object.entries(value)) {
        const check = members.get(name);
        if (check === undefined) problems.push({ path: [...path, name], message: 'is not known here' });
        else if (item !== undefined) check.run(item, [...path, name], problems);
      }
    },
  };
}

function objectSchema(members: ReadonlyMap<string, Check>, required: readonly string[]): JsonSchema {
  const properties = Object.fromEntries([...members].map(([name, { schema }]) => [name, schema]));
  const base: JsonSchema = { type: 'object', properties, additionalProperties: false };
  return required.length === 0 ? base : { ...base, required };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
