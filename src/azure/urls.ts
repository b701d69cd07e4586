/**
 * The one place where a URL is made that a token is sent to: from a parsed id, or from a link that Azure gave, if it
 * leads back to the very endpoint that is configured.
 */
import type { IdentityId, ScaleSetId } from '../identity/arm-id.ts';
import type { ListScope } from '../reconcile/azure-port.ts';

/** A URL that was made here, so that it is known to lead to ARM. */
export type ArmUrl = string & { readonly armUrl: unique symbol };

export type ArmTarget =
  | { readonly to: 'scaleSet'; readonly id: ScaleSetId }
  | ({ readonly to: 'scaleSetsOf' } & ListScope)
  | { readonly to: 'identity'; readonly id: IdentityId; readonly apiVersion: IdentityApiVersion }
  | ({ readonly to: 'identitiesOf'; readonly apiVersion: IdentityApiVersion } & ListScope)
  | { readonly to: 'permissionsAt'; readonly scope: ScaleSetId | IdentityId | ListScope };

/** A poll URL, a Location or a nextLink: signed, hence sent back as it came. */
export interface ArmLink {
  readonly to: 'link';
  readonly link: string;
}

export interface ArmUrls {
  (target: ArmTarget): ArmUrl;
  /** Undefined when the link leads anywhere but to the ARM endpoint. */
  (link: ArmLink): ArmUrl | undefined;
}

/** Of Microsoft.ManagedIdentity: the first stable ones with `assignmentRestrictions` and with `isolationScope`. */
export type IdentityApiVersion = '2026-04-30' | '2024-11-30';

const PERMISSIONS_API_VERSION = '2022-04-01';

/** A real poll URL is about 3.4 kB; this is far above it. */
const MAX_LINK_LENGTH = 16_384;

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * @param endpoint base URL of ARM; a path before the ids is kept
 * @param computeApiVersion of Microsoft.Compute
 * @throws TypeError when the endpoint is not `https`: a bearer token is not sent in the clear
 */
export function createArmUrls(endpoint: string, computeApiVersion: string): ArmUrls {
  const base = new URL(endpoint);
  if (base.protocol !== 'https:') throw new TypeError('the ARM endpoint is not an https URL');
  const prefix = `${base.origin}${base.pathname.replace(/\/+$/, '')}`;

  function armUrl(target: ArmTarget): ArmUrl;
  function armUrl(link: ArmLink): ArmUrl | undefined;
  function armUrl(target: ArmTarget | ArmLink): ArmUrl | undefined {
    switch (target.to) {
      case 'scaleSet':
        return at(scaleSetPath(target.id), computeApiVersion);
      case 'scaleSetsOf':
        return at(`${scopePath(target)}/${SCALE_SETS}`, computeApiVersion);
      case 'identity':
        return at(identityPath(target.id), target.apiVersion);
      case 'identitiesOf':
        return at(`${scopePath(target)}/${IDENTITIES}`, target.apiVersion);
      case 'permissionsAt':
        return at(`${pathOf(target.scope)}/providers/Microsoft.Authorization/permissions`, PERMISSIONS_API_VERSION);
      case 'link':
        return leadsTo(base, target.link);
    }
  }
  const at = (path: string, apiVersion: string): ArmUrl =>
    `${prefix}${path}?api-version=${encodeURIComponent(apiVersion)}` as ArmUrl;
  return armUrl;
}

/** Whether a URL leads to the endpoint; asked again where the token is added, whoever made the URL. */
export function originCheck(endpoint: string): (url: string) => boolean {
  const base = new URL(endpoint);
  return (url) => leadsTo(base, url) !== undefined;
}

function leadsTo(base: URL, link: string): ArmUrl | undefined {
  // A URL parser takes line breaks and tabs away; a link that holds some is not one that Azure signed.
  if (link.length > MAX_LINK_LENGTH || /\p{Cc}/u.test(link) || !URL.canParse(link)) return undefined;
  const url = new URL(link);
  if (url.protocol !== 'https:' || url.origin !== base.origin || url.username !== '' || url.password !== '') {
    return undefined;
  }
  // The parsed form, not the text: what was checked and what the HTTP client connects to cannot be two readings of it.
  url.hash = '';
  return url.href as ArmUrl;
}

const SCALE_SETS = 'providers/Microsoft.Compute/virtualMachineScaleSets';
const IDENTITIES = 'providers/Microsoft.ManagedIdentity/userAssignedIdentities';

function pathOf(scope: ScaleSetId | IdentityId | ListScope): string {
  if (!('kind' in scope)) return scopePath(scope);
  return scope.kind === 'scaleSet' ? scaleSetPath(scope) : identityPath(scope);
}

function scaleSetPath(id: ScaleSetId): string {
  return `${scopePath(id)}/${SCALE_SETS}/${encodeURIComponent(id.name)}`;
}

function identityPath(id: IdentityId): string {
  return `${scopePath(id)}/${IDENTITIES}/${encodeURIComponent(id.name)}`;
}

function scopePath({ subscriptionId, resourceGroup }: ListScope): string {
  if (!GUID.test(subscriptionId)) throw new TypeError('a subscription id is a GUID');
  const group = resourceGroup === undefined ? '' : `/resourceGroups/${encodeURIComponent(resourceGroup)}`;
  return `/subscriptions/${subscriptionId}${group}`;
}
