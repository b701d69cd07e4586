import type { Fault, FaultEffect, FaultMatch } from '../faults.ts';
import type { Restrictions } from '../restrictions.ts';
import type { GrantSeed, Seed } from '../seed.ts';
import type { Settings } from '../settings.ts';
import type { ApplicationState, OperationOutcome } from '../state.ts';
import { type LimitName, limitNames, limits, type Scope } from '../throttling/limits.ts';
import type { Drift } from './drift.ts';

/** A body of the control API that is not as its route takes it. */
export class ShapeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ShapeError';
  }
}

type Members = Readonly<Record<string, unknown>>;

/** Readers of what the control API is sent; each throws `ShapeError` in the words of who sent it. */
export const shapes = {
  /** Seed and settings are checked where they are applied, with paths. */
  seed: (body: unknown): Seed => members(body),
  settings: (body: unknown): Partial<Settings> => members(body),
  drift: (body: unknown): { readonly scaleSet: string; readonly change: Drift | 'Replace' } => {
    const sent = members(body);
    return { scaleSet: text(sent, 'scaleSet'), change: sent['kind'] === 'Replace' ? 'Replace' : driftOf(sent) };
  },
  identity: (body: unknown): { readonly id: string; readonly action: 'Create' | 'Delete' | 'Recreate' } => {
    const sent = members(body);
    return { id: text(sent, 'id'), action: choice(sent, 'action', ['Create', 'Delete', 'Recreate']) };
  },
  operationLength: (body: unknown): { readonly scaleSet: string; readonly ms: number | undefined } => {
    const sent = members(body);
    return { scaleSet: text(sent, 'scaleSet'), ms: optional(sent, 'ms', number) };
  },
  plannedOutcome: (body: unknown) => {
    const sent = members(body);
    const scaleSetId = optional(sent, 'scaleSet', text);
    const count = optional(sent, 'count', number);
    return {
      outcome: outcomeOf(members(sent['outcome'], 'outcome')),
      options: { ...(scaleSetId === undefined ? {} : { scaleSetId }), ...(count === undefined ? {} : { count }) },
    };
  },
  optionalScaleSet: (body: unknown): string | undefined => optional(members(body), 'scaleSet', text),
  fault: (body: unknown): Fault => {
    const sent = members(body);
    const match = sent['match'] === undefined ? {} : matchOf(members(sent['match'], 'match'));
    const nth = optional(sent, 'nth', number);
    const count = sent['count'] === null ? null : optional(sent, 'count', number);
    return {
      match,
      effect: effectOf(members(sent['effect'], 'effect')),
      ...(nth === undefined ? {} : { nth }),
      ...(count === undefined ? {} : { count }),
    };
  },
  drain: (body: unknown): { readonly limit: LimitName; readonly scope: Scope; readonly remaining: number } => {
    const sent = members(body);
    const limit = choice(sent, 'limit', limitNames);
    const scope = Object.fromEntries(limits[limit].per.map((member) => [member, text(sent, member)]));
    return { limit, scope, remaining: optional(sent, 'remaining', number) ?? 0 };
  },
  rights: (body: unknown) => {
    const sent = members(body);
    const { permissions, denials } = sent;
    return {
      clientId: text(sent, 'clientId'),
      rights: {
        ...(permissions === undefined ? {} : { permissions: permissions as readonly GrantSeed[] }),
        ...(denials === undefined ? {} : { denials: denials as readonly GrantSeed[] }),
      },
    };
  },
  /** The grant itself is checked where it is used, with paths. */
  grant: (body: unknown): { readonly clientId: string; readonly grant: GrantSeed } => {
    const { clientId: _clientId, ...grant } = members(body);
    return { clientId: text(members(body), 'clientId'), grant: grant as unknown as GrantSeed };
  },
  restrictions: (body: unknown): Partial<Restrictions> => members(body),
  application: (body: unknown): { readonly clientId: string; readonly state: ApplicationState } => {
    const sent = members(body);
    return { clientId: text(sent, 'clientId'), state: choice(sent, 'state', ['Enabled', 'Disabled', 'Deleted']) };
  },
  optionalClient: (body: unknown): string | undefined => optional(members(body), 'clientId', text),
  token: (body: unknown) => {
    const sent = members(body);
    return {
      clientId: text(sent, 'clientId'),
      audience: optional(sent, 'audience', text),
      capabilities: optional(sent, 'capabilities', texts),
    };
  },
};

function driftOf(sent: Members): Drift {
  const kind = choice(sent, 'kind', [
    'Strip',
    'Attach',
    'EnableSystemAssigned',
    'DisableSystemAssigned',
    'Recase',
    'ProvisioningState',
    'Scale',
    'Remove',
  ]);
  switch (kind) {
    case 'Strip': {
      const identities = optional(sent, 'identities', texts);
      return identities === undefined ? { kind } : { kind, identities };
    }
    case 'Attach':
      return { kind, identities: texts(sent, 'identities') };
    case 'Recase':
      return { kind, to: choice(sent, 'to', ['lower', 'upper', 'resourcegroups']) };
    case 'ProvisioningState':
      return { kind, state: choice(sent, 'state', ['Updating', 'Succeeded', 'Failed', 'Canceled', 'Deleting']) };
    case 'Scale':
      return { kind, capacity: number(sent, 'capacity') };
    default:
      return { kind };
  }
}

function outcomeOf(sent: Members): OperationOutcome {
  const kind = choice(sent, 'kind', ['Succeed', 'Fail', 'Stuck']);
  if (kind !== 'Fail') return { kind };
  const httpStatus = optional(sent, 'httpStatus', number);
  return {
    kind,
    code: text(sent, 'code'),
    message: text(sent, 'message'),
    ...(sent['status'] === undefined ? {} : { status: choice(sent, 'status', ['Failed', 'Canceled']) }),
    ...(httpStatus === undefined ? {} : { httpStatus }),
  };
}

function matchOf(sent: Members): FaultMatch {
  const method = optional(sent, 'method', text);
  const path = optional(sent, 'path', pattern);
  const body = optional(sent, 'body', pattern);
  return {
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path }),
    ...(body === undefined ? {} : { body }),
  };
}

function effectOf(sent: Members): FaultEffect {
  const kind = choice(sent, 'kind', ['status', 'reset', 'hang', 'delay', 'withoutIdentity']);
  const applied = { applied: sent['applied'] === true };
  switch (kind) {
    case 'status': {
      const code = optional(sent, 'code', text);
      const message = optional(sent, 'message', text);
      return {
        kind,
        status: number(sent, 'status'),
        ...applied,
        ...(code === undefined ? {} : { code }),
        ...(message === undefined ? {} : { message }),
        ...(sent['body'] === undefined ? {} : { body: sent['body'] }),
        ...(sent['text'] === undefined ? {} : { text: text(sent, 'text') }),
        ...(sent['headers'] === undefined ? {} : { headers: headersOf(sent['headers']) }),
      };
    }
    case 'delay':
      return { kind, ms: number(sent, 'ms'), ...applied };
    case 'withoutIdentity':
      return { kind };
    default:
      return { kind, ...applied };
  }
}

function headersOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(members(value, 'headers')).map(([name, header]) => [name, String(header)]));
}

function members(value: unknown, name = 'the body'): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw new ShapeError(`${name} must be an object`);
}

function optional<T>(sent: Members, name: string, read: (sent: Members, name: string) => T): T | undefined {
  return sent[name] === undefined ? undefined : read(sent, name);
}

function text(sent: Members, name: string): string {
  const value = sent[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new ShapeError(`${name} must be a text`);
}

function texts(sent: Members, name: string): readonly string[] {
  const value = sent[name];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new ShapeError(`${name} must be a list of texts`);
}

function number(sent: Members, name: string): number {
  const value = sent[name];
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw new ShapeError(`${name} must be a number, 0 or more`);
}

function pattern(sent: Members, name: string): string {
  const source = text(sent, name);
  try {
    new RegExp(source);
    return source;
  } catch {
    throw new ShapeError(`${name} must be a regular expression`);
  }
}

function choice<T extends string>(sent: Members, name: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === sent[name]);
  if (found !== undefined) return found;
  throw new ShapeError(`${name} must be one of ${allowed.join(', ')}`);
}
