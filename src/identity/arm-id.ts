/**
 * Resource ids of Azure Resource Manager (ARM), parsed strictly.
 *
 * ARM compares ids without regard to case and returns them in several spellings, so two ids are the same resource when
 * their {@link ArmKey}s are equal; the spelling is kept only to be shown or sent back.
 */

/** A resource id folded to lower case: equal keys are the same resource. */
export type ArmKey = string & { readonly armKey: unique symbol };

/** What the ids of all resources in a group have. */
interface Parts {
  /** The id as it was spelled where it was read. */
  readonly resourceId: string;
  readonly key: ArmKey;
  /** Lower-cased GUID. */
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** The id of a virtual machine scale set. */
export interface ScaleSetId extends Parts {
  readonly kind: 'scaleSet';
}

/** The id of a user-assigned managed identity. */
export interface IdentityId extends Parts {
  readonly kind: 'identity';
}

export type Parsed<T> = { readonly ok: true; readonly id: T } | { readonly ok: false; readonly problem: string };

/** Longest id of a user-assigned identity that is accepted, in characters (group 90, name 128). */
export const MAX_IDENTITY_ID_LENGTH = 345;

const BEYOND_ASCII = /[^ -~]/;

/**
 * Folds A–Z only. `toLowerCase` would also fold letters outside ASCII (U+212A KELVIN SIGN becomes `k`), and two ids that
 * Azure holds apart would become one.
 */
export function asciiLower(text: string): string {
  // Every id is folded with every look at its scale set.
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase();
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The key under which ids are compared. Says nothing about whether the id is well-formed. */
export function armKey(resourceId: string): ArmKey {
  return asciiLower(resourceId) as ArmKey;
}

/** The name of the resource: the last part of its id. */
export function nameOf(resourceId: string): string {
  return resourceId.slice(resourceId.lastIndexOf('/') + 1);
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const RESOURCE_GROUP = /^[a-z0-9_().-]{0,89}[a-z0-9_()-]$/;
const SCALE_SET_NAME = /^[a-z0-9_.-]{1,64}$/;
const IDENTITY_NAME = /^[a-z0-9_-]{3,128}$/;

interface Shape {
  readonly what: string;
  readonly provider: string;
  readonly type: string;
  readonly name: RegExp;
  readonly example: string;
}

const SCALE_SET: Shape = {
  what: 'a virtual machine scale set',
  provider: 'Microsoft.Compute',
  type: 'virtualMachineScaleSets',
  name: SCALE_SET_NAME,
  example: '/subscriptions/<guid>/resourceGroups/<group>/providers/Microsoft.Compute/virtualMachineScaleSets/<name>',
};

const IDENTITY: Shape = {
  what: 'a user-assigned managed identity',
  provider: 'Microsoft.ManagedIdentity',
  type: 'userAssignedIdentities',
  name: IDENTITY_NAME,
  example:
    '/subscriptions/<guid>/resourceGroups/<group>/providers/Microsoft.ManagedIdentity/userAssignedIdentities/<name>',
};

/** Parses the id of a scale set; the problem names the part that is wrong. */
export function parseScaleSetId(resourceId: string): Parsed<ScaleSetId> {
  const parts = parse(resourceId, SCALE_SET);
  return typeof parts === 'string' ? { ok: false, problem: parts } : { ok: true, id: { kind: 'scaleSet', ...parts } };
}

/** Parses the id of a user-assigned identity; the problem names the part that is wrong. */
export function parseIdentityId(resourceId: string): Parsed<IdentityId> {
  if (resourceId.length > MAX_IDENTITY_ID_LENGTH) {
    return { ok: false, problem: `the id is longer than ${String(MAX_IDENTITY_ID_LENGTH)} characters` };
  }
  const parts = parse(resourceId, IDENTITY);
  return typeof parts === 'string' ? { ok: false, problem: parts } : { ok: true, id: { kind: 'identity', ...parts } };
}

function parse(resourceId: string, shape: Shape): Parts | string {
  const expected = `expected the id of ${shape.what}, ${shape.example}`;
  const lead = asciiLower(resourceId).split('/');
  const [, , , , resourceGroup, , , , spelledName] = resourceId.split('/');
  const [empty, subscriptions, subscriptionId, groups, group, providers, provider, type, name] = lead;
  if (lead.length !== 9 || empty !== '' || subscriptions !== 'subscriptions' || groups !== 'resourcegroups') {
    return expected;
  }
  if (providers !== 'providers' || provider !== asciiLower(shape.provider) || type !== asciiLower(shape.type)) {
    return expected;
  }
  if (subscriptionId === undefined || !GUID.test(subscriptionId)) return `the subscription is not a GUID; ${expected}`;
  if (group === undefined || resourceGroup === undefined || !RESOURCE_GROUP.test(group) || isDots(group)) {
    return `the resource group's name is not one that Azure allows; ${expected}`;
  }
  if (name === undefined || spelledName === undefined || !shape.name.test(name) || isDots(name)) {
    return `the name is not one that Azure allows; ${expected}`;
  }
  return {
    resourceId,
    key: armKey(resourceId),
    subscriptionId,
    resourceGroup,
    name: spelledName,
  };
}

/** Path segments that a URL parser would take away. */
function isDots(segment: string): boolean {
  return segment === '.' || segment === '..';
}
