/** What a request costs: the limits of Azure's that count it, read from nothing but the request itself. */
import { type ArmKey, armKey, asciiLower } from '../../identity/arm-id.ts';
import type { ArmCall } from '../call.ts';
import { isObject, member } from '../json.ts';
import type { PolicyName } from './limits.ts';

/** One of Azure's buckets, and how much of it a request takes. */
export interface ChargedLimit {
  readonly policy: PolicyName;
  /** Empty for a limit of the whole tenant. */
  readonly subscription: string;
  /** Empty for a limit of all regions, and where the region is not known. */
  readonly location: string;
  /**
   * Where it is not known in which region the scale set lies. `unknown` stands for whichever it is: it has no budget, but
   * Azure may close it. `guessed` counts the request in the meantime, and learns nothing from its reply.
   */
  readonly region?: 'unknown' | 'guessed';
  /** Of a limit of the whole tenant: the subscription for which it is drawn on. */
  readonly drawnFor?: string;
  /** Of a limit per resource: the scale set, or the operation of which nobody knows the scale set. */
  readonly resource?: string;
  readonly tokens: number;
}

export interface Charge {
  /** Who asks: one request at a time for a scale set, a list or an identity, each of its kind. */
  readonly key: string;
  /**
   * The limits that count it, the narrowest first. A request keeps its turn under a narrow limit while it waits for a
   * wide one, never the reverse: what a region or a scale set waits for holds up nobody else.
   */
  readonly limits: readonly ChargedLimit[];
  /** The limit that a throttle is about which names none. */
  readonly main: PolicyName | undefined;
  /** The scale set that is read or written. */
  readonly scaleSet?: ArmKey;
}

/** What is known from replies to earlier requests. */
export interface Known {
  locationOf(scaleSet: ArmKey): string | undefined;
  /** Where a scale set of which that is not known may lie. */
  guessFor(scaleSet: ArmKey): string | undefined;
  /** The scale set that the operation at this path is about. */
  scaleSetOf(operationPath: string): ArmKey | undefined;
}

export function chargeOf({ method, url, body }: Pick<ArmCall, 'method' | 'url' | 'body'>, known: Known): Charge {
  const { path, search } = placeOf(url);
  const [, , subscription = ''] = path.split('/');
  const key = `${method} ${path}`;
  if (subscription === '') return { key, limits: [], main: undefined };
  const [provider = '', type = '', name = '', kind = ''] = path
    .slice(path.lastIndexOf('/providers/') + '/providers/'.length)
    .split('/');
  switch (`${provider}/${type}`) {
    case 'microsoft.compute/virtualmachinescalesets':
      if (name === '') return reading(key + search, subscription, [whole('HighCostGetVMScaleSet', subscription)]);
      return method === 'PATCH'
        ? chargeOfWrite(path as ArmKey, identitiesIn(body), known.locationOf(path as ArmKey))
        : chargeOfRead(path as ArmKey, known.locationOf(path as ArmKey), known.guessFor(path as ArmKey));
    case 'microsoft.compute/locations':
      return kind === 'operations' ? chargeOfLook(path, name, known.scaleSetOf(path)) : reading(key, subscription, []);
    case 'microsoft.managedidentity/userassignedidentities':
      return reading(key + search, subscription, [whole('ManagedIdentityReads', subscription)]);
    case 'microsoft.authorization/permissions':
      return reading(key + search, subscription, [whole('PermissionReads', subscription)]);
    default:
      return reading(key + search, subscription, []);
  }
}

/** A GET of one scale set. */
export function chargeOfRead(scaleSet: ArmKey, location: string | undefined, guess?: string): Charge {
  const isGuessed = location === undefined && guess !== undefined;
  const ofRegion = inRegion('GetVMScaleSetSubscriptionMaximum', scaleSet, location);
  const limits: readonly ChargedLimit[] = [
    { ...inRegion('GetVMScaleSetResource', scaleSet, location), resource: scaleSet },
    ofRegion,
    ...(isGuessed ? [{ ...ofRegion, location: guess, region: 'guessed' } as const] : []),
  ];
  const charge = reading(`GET ${scaleSet}`, subscriptionOf(scaleSet), limits);
  return { ...charge, main: 'GetVMScaleSetSubscriptionMaximum', scaleSet };
}

/** @param identities that the PATCH carries; one that only changes the system-assigned identity counts as one */
export function chargeOfWrite(scaleSet: ArmKey, identities: number, location: string | undefined): Charge {
  const tokens = Math.max(1, identities);
  const subscription = subscriptionOf(scaleSet);
  const ofTenant = {
    ...inRegion('IdentityAssignmentOfTenant', scaleSet, location),
    subscription: '',
    drawnFor: subscription,
    tokens,
  };
  return {
    key: `PATCH ${scaleSet}`,
    limits: [
      { ...inRegion('VMScaleSetActionsResource', scaleSet, location), resource: scaleSet },
      inRegion('VMScaleSetActionsSubscriptionMaximum', scaleSet, location),
      { ...inRegion('IdentityAssignment', scaleSet, location), tokens },
      whole('ArmWrites', subscription),
      // Last, though no wider than the one before: a throttled subscription must not hold up the others of its tenant.
      ofTenant,
    ],
    main: 'VMScaleSetActionsSubscriptionMaximum',
    scaleSet,
  };
}

/** The limits of several requests of one scale set that are to be sent together, the narrowest first. */
export function narrowFirst(charges: readonly Charge[]): readonly ChargedLimit[] {
  const width = ({ resource, subscription, location, region }: ChargedLimit): number => {
    if (resource !== undefined) return 0;
    if (subscription === '') return 3;
    return location === '' && region === undefined ? 2 : 1;
  };
  return charges.flatMap(({ limits }) => limits).toSorted((one, other) => width(one) - width(other));
}

function chargeOfLook(path: string, location: string, scaleSet: ArmKey | undefined): Charge {
  const subscription = subscriptionOf(path);
  const common = { subscription, location: regionName(location), tokens: 1 };
  const charge = reading(`GET ${path}`, subscription, [
    { ...common, policy: 'GetOperationResource', resource: scaleSet ?? path },
    { ...common, policy: 'GetOperationSubscriptionMaximum' },
  ]);
  return { ...charge, main: 'GetOperationSubscriptionMaximum' };
}

function reading(key: string, subscription: string, limits: readonly ChargedLimit[]): Charge {
  const main = limits[0]?.policy ?? 'ArmReads';
  return { key, limits: [...limits, whole('ArmReads', subscription)], main };
}

function whole(policy: PolicyName, subscription: string): ChargedLimit {
  return { policy, subscription, location: '', tokens: 1 };
}

function inRegion(policy: PolicyName, scaleSet: ArmKey, location: string | undefined): ChargedLimit {
  const subscription = subscriptionOf(scaleSet);
  const common = { policy, subscription, tokens: 1 };
  return location === undefined ? { ...common, location: '', region: 'unknown' } : { ...common, location };
}

/** The subscription that a request is for; empty for none. */
export function subscriptionIn(url: string): string {
  return subscriptionOf(placeOf(url).path);
}

export function subscriptionOf(path: string): string {
  return path.split('/')[2] ?? '';
}

/** A region has a name for people and one for programs: `West Europe` is `westeurope`. */
export function regionName(location: string): string {
  return asciiLower(location).replaceAll(' ', '');
}

/** The path from `/subscriptions/` on, as an id is compared; empty when it leads to no subscription. */
function placeOf(url: string): { readonly path: string; readonly search: string } {
  const { pathname, search } = new URL(url);
  const path = armKey(decoded(pathname));
  const start = path.indexOf('/subscriptions/');
  return { path: start < 0 ? '' : path.slice(start), search };
}

/** The path of a link to an operation, by which it is known again. */
export function operationPath(link: string): string | undefined {
  const path = URL.canParse(link) ? placeOf(link).path : '';
  return path === '' ? undefined : path;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The identities in the body of a PATCH, in either shape. */
function identitiesIn(body: unknown): number {
  const identity = member(body, 'identity');
  const dictionary = member(identity, 'userAssignedIdentities');
  const list = member(identity, 'identityIds');
  if (Array.isArray(list)) return list.length;
  return isObject(dictionary) ? Object.keys(dictionary).length : 0;
}
