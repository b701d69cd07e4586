/** Small builders of what the domain is made of; a test names only what it is about. */
import { type ArmKey, armKey } from '../../../src/identity/arm-id.ts';
import { RELEASED } from '../../../src/identity/brakes.ts';
import type { Declaration } from '../../../src/identity/declaration.ts';
import type { ExclusiveRules } from '../../../src/identity/exclusive.ts';
import type { Entry, EntryPhase, Ledger, Member, SystemEntry } from '../../../src/identity/ledger.ts';
import type { Grants } from '../../../src/identity/permit.ts';
import { decide, type Decision, type Reading, type Situation, type WriteMemory } from '../../../src/identity/plan.ts';
import { NOTHING_SHOWN } from '../../../src/identity/reattach.ts';
import type { LiveIdentity, LiveScaleSet } from '../../../src/identity/scale-set.ts';

export const SUBSCRIPTION = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';

/** The moment at which decisions are made, in epoch milliseconds. */
export const NOW = Date.parse('2026-03-01T12:00:00.000Z');
/** Long before it. */
export const LONG_AGO = '2026-03-01T10:00:00.000Z';

export function scaleSetId(name = 'web', group = 'shop-rg'): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;
}

export function identityId(name: string, group = 'identities'): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
}

export function identityKey(name: string): ArmKey {
  return armKey(identityId(name));
}

/** The name of the identity that a key or an id stands for. */
export function nameOf(resourceId: string): string {
  return resourceId.split('/').at(-1) ?? '';
}

const GRANT_ALL: Grants = {
  scaleSet: true,
  enableSystemAssigned: true,
  disableSystemAssigned: true,
  exclusive: true,
  identity: () => true,
  adopt: () => true,
};

export const GRANT_NOTHING: Grants = {
  scaleSet: false,
  enableSystemAssigned: false,
  disableSystemAssigned: false,
  exclusive: false,
  identity: () => false,
  adopt: () => false,
};

/** Everything is granted, except the identities of these names. */
export function grantAllBut(...names: readonly string[]): Grants {
  const denied = new Set(names.map(identityKey));
  return { ...GRANT_ALL, identity: (key) => !denied.has(key), adopt: (key) => !denied.has(key) };
}

export interface BindingOptions extends Partial<Omit<Declaration, 'userAssigned' | 'grants' | 'name'>> {
  /** Names of identities. */
  readonly userAssigned?: readonly string[];
  /** Names of those among them that are to be taken over. */
  readonly adopt?: readonly string[];
  readonly grants?: Partial<Grants>;
}

/** An active binding that may do everything and declares nothing, unless told otherwise. */
export function binding(name: string, options: BindingOptions = {}): Declaration {
  const { userAssigned = [], adopt = [], grants, ...rest } = options;
  return {
    namespace: 'shop',
    name,
    uid: `uid-${name}`,
    deleting: false,
    retain: false,
    abandoned: false,
    suspended: false,
    observe: false,
    exclusive: false,
    reattach: false,
    systemAssigned: 'Unmanaged',
    ...rest,
    userAssigned: new Map(
      userAssigned.map((identity) => [
        identityKey(identity),
        { resourceId: identityId(identity), adopt: adopt.includes(identity) },
      ]),
    ),
    grants: { ...GRANT_ALL, ...grants },
  };
}

export function member(name: string): Member {
  return { namespace: 'shop', name, uid: `uid-${name}` };
}

export function entry(identity: string, phase: EntryPhase, names: readonly string[], since = LONG_AGO): Entry {
  return { resourceId: identityId(identity), phase, since, for: names.map(member) };
}

export function systemEntry(phase: SystemEntry['phase'], names: readonly string[], since = LONG_AGO): SystemEntry {
  return { phase, since, for: names.map(member) };
}

export function ledger(entries: readonly Entry[], rest: Partial<Ledger> = {}): Ledger {
  return { scaleSetId: scaleSetId(), uniqueId: 'unique-1', entries, foreign: [], ...rest };
}

export interface LiveOptions extends Partial<Omit<LiveScaleSet, 'identity'>> {
  /** Names of user-assigned identities. */
  readonly userAssigned?: readonly string[];
  readonly systemAssigned?: boolean;
}

export function liveIdentity(names: readonly string[], systemAssigned = false): LiveIdentity {
  return {
    ...(systemAssigned ? { systemAssigned: { principalId: 'system-principal', tenantId: 'tenant' } } : {}),
    userAssigned: new Map(names.map((name) => [identityKey(name), { resourceId: identityId(name), clientId: name }])),
  };
}

/** A scale set at rest without any identity, unless told otherwise. */
export function scaleSet(options: LiveOptions = {}): LiveScaleSet {
  const { userAssigned = [], systemAssigned = false, ...rest } = options;
  return {
    resourceId: scaleSetId(),
    key: armKey(scaleSetId()),
    name: 'web',
    location: 'westeurope',
    orchestrationMode: 'Uniform',
    uniqueId: 'unique-1',
    etag: '"1"',
    provisioningState: 'Succeeded',
    tagNames: [],
    ...rest,
    identity: liveIdentity(userAssigned, systemAssigned),
  };
}

function reading(options: LiveOptions = {}, source: Reading['source'] = 'get', at = NOW): Reading {
  return { scaleSet: scaleSet(options), source, at };
}

export const NOTHING_REMEMBERED: WriteMemory = {
  attachable: true,
  detachable: true,
  refused: false,
  resend: false,
  lostRace: false,
};

/** What Exclusive detaches has to stand for an hour. */
export const WAITING: ExclusiveRules = { delayMs: 3_600_000, bindings: ['uid-a/1'] };
/** What Exclusive detaches need not wait. */
export const AT_ONCE: ExclusiveRules = { ...WAITING, delayMs: 0 };

export interface SituationOptions extends Partial<Omit<Situation, 'ledger' | 'reading' | 'untouchable'>> {
  readonly live?: LiveOptions;
  readonly source?: Reading['source'];
  readonly readAt?: number;
  readonly entries?: readonly Entry[];
  readonly system?: SystemEntry;
  readonly recorded?: Ledger | undefined;
  /** Names of identities. */
  readonly untouchable?: readonly string[];
}

export function situation(options: SituationOptions = {}): Situation {
  const { live, source, readAt, entries = [], system, recorded, untouchable = [], ...rest } = options;
  const rejected = new Set(untouchable.map(identityKey));
  const written = entries.length > 0 || system !== undefined;
  return {
    scaleSetId: scaleSetId(),
    now: NOW,
    declarations: [],
    ledger: recorded ?? (written ? ledger(entries, system === undefined ? {} : { systemAssigned: system }) : undefined),
    reading: reading(live, source, readAt),
    writable: true,
    untouchable: (key) => rejected.has(key),
    systemUntouchable: false,
    remembered: () => NOTHING_REMEMBERED,
    reattaching: () => NOTHING_SHOWN,
    exclusive: WAITING,
    brakes: RELEASED,
    ...rest,
  };
}

/** A decision told in names, to be compared at a glance. */
export interface Told {
  readonly attach: readonly string[];
  readonly detach: readonly string[];
  readonly systemAssigned: 'on' | 'off' | 'asLive';
  /** `phase name for members`. */
  readonly entries: readonly string[];
}

export function told(decision: Decision): Told {
  const names = (members: readonly Member[]): string => members.map(({ name }) => name).join(',');
  return {
    attach: decision.delta.attach.map(({ key }) => nameOf(key)),
    detach: decision.delta.detach.map(({ key }) => nameOf(key)),
    systemAssigned: decision.delta.systemAssigned,
    entries: [
      ...decision.ledger.entries.map((held) => `${held.phase} ${nameOf(held.resourceId)} for ${names(held.for)}`),
      ...(decision.ledger.systemAssigned
        ? [`${decision.ledger.systemAssigned.phase} system for ${names(decision.ledger.systemAssigned.for)}`]
        : []),
    ],
  };
}

/** Decides, and tells the decision in names. */
export function decided(options: SituationOptions): Told {
  return told(decide(situation(options)));
}
