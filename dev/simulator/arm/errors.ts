import { present, type Reply } from '../http.ts';
import { regions } from './management/regions.ts';

/** ARM's error envelope. */
export function armError(
  status: number,
  code: string,
  message: string,
  extra: { readonly target?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Reply {
  return {
    status,
    headers: extra.headers ?? {},
    body: { error: present({ code, target: extra.target, message }) },
  };
}

export interface Caller {
  readonly clientId: string;
  readonly objectId: string;
}

// --- authentication -------------------------------------------------------------------------------------------------

/**
 * 401 with the challenge that names the authority to ask.
 * @param description of the error, in the challenge
 */
export function unauthenticated(code: string, message: string, authority: string, description: string): Reply {
  const challenge = `Bearer authorization_uri="${authority}", error="invalid_token", error_description="${description.replaceAll('"', "'")}"`;
  return armError(401, code, message, { headers: { 'www-authenticate': challenge } });
}

// --- addressing -----------------------------------------------------------------------------------------------------

export function missingApiVersion(): Reply {
  return armError(
    400,
    'MissingApiVersionParameter',
    'The api-version query parameter (?api-version=) is required for all requests.',
  );
}

export function noRegisteredProvider(
  location: string,
  version: string,
  type: string,
  supported: readonly string[],
): Reply {
  return armError(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location '${location}' and API version '${version}' for type '${type}'. ` +
      `The supported api-versions are '${supported.join(', ')}'. The supported locations are '${regions.map(({ name }) => name).join(', ')}'.`,
  );
}

export function unknownPath(path: string): Reply {
  return armError(404, 'InvalidResourceType', `The simulated Azure has nothing at '${path}'.`);
}

export function methodNotAllowed(method: string): Reply {
  return armError(405, 'MethodNotAllowed', `The requested resource does not support http method '${method}'.`);
}

export function subscriptionNotFound(id: string): Reply {
  return armError(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`);
}

export function resourceGroupNotFound(name: string): Reply {
  return armError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
}

/** `type` with its namespace: `Microsoft.Compute/virtualMachineScaleSets`. */
export function resourceNotFound(type: string, name: string, resourceGroup: string): Reply {
  return armError(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. ` +
      'For more details please go to https://aka.ms/ARMResourceNotFoundFix',
  );
}

export function operationNotFound(): Reply {
  return armError(404, 'NotFound', 'The entity was not found in this Azure location.');
}

// --- rights ---------------------------------------------------------------------------------------------------------

export function authorizationFailed(caller: Caller, action: string, scope: string): Reply {
  return armError(
    403,
    'AuthorizationFailed',
    `The client '${caller.clientId}' with object id '${caller.objectId}' does not have authorization to perform action '${action}' ` +
      `over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

/** Also what an identity that does not exist leads to. All the bad ids stand in one message, comma-separated. */
export function linkedAuthorizationFailed(caller: Caller, scaleSet: string, ids: readonly string[]): Reply {
  return armError(
    403,
    'LinkedAuthorizationFailed',
    `The client '${caller.clientId}' with object id '${caller.objectId}' has permission to perform action ` +
      `'Microsoft.Compute/virtualMachineScaleSets/write' on scope '${scaleSet}'; however, it does not have permission to perform action ` +
      `'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope(s) '${ids.join(',')}' ` +
      'or the linked scope(s) are invalid.',
  );
}

export function linkedSubscriptionRefused(scaleSet: string, tenantId: string, subscriptionId: string): Reply {
  return armError(
    403,
    'LinkedAuthorizationFailed',
    "The client has permission to perform action 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on scope " +
      `'${scaleSet}', however the current tenant '${tenantId}' is not authorized to access linked subscription '${subscriptionId}'.`,
  );
}

// --- contents -------------------------------------------------------------------------------------------------------

/** `reason` as the deserialiser words it. */
export function invalidRequestContent(reason: string): Reply {
  return armError(
    400,
    'InvalidRequestContent',
    `The request content was invalid and could not be deserialized: '${reason}'.`,
  );
}

export function locationRequired(): Reply {
  return armError(400, 'LocationRequired', 'The location property is required for this definition.');
}

export function locationDiffers(name: string, resourceGroup: string, existing: string, wanted: string): Reply {
  return armError(
    409,
    'InvalidResourceLocation',
    `The resource '${name}' already exists in location '${existing}' in resource group '${resourceGroup}'. A resource with the same name ` +
      `cannot be created in location '${wanted}'. Please select a new resource name.`,
  );
}

export function linkedInvalidPropertyId(id: string): Reply {
  return armError(
    400,
    'LinkedInvalidPropertyId',
    `Property id '${id}' at path 'identity.userAssignedIdentities' is invalid. Expect fully qualified resource Id that start with ` +
      "'/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.",
  );
}

export function invalidIdentityValues(ids: readonly string[]): Reply {
  return armError(
    400,
    'InvalidIdentityValues',
    `Invalid value for the identities '${ids.join(',')}'. The 'UserAssignedIdentities' property keys should only be empty json objects, ` +
      'null or the resource existing property.',
  );
}

/** As other providers word it (ansible-collections/azure#1635). */
export function nullOutsidePatch(ids: readonly string[]): Reply {
  return armError(
    400,
    'InvalidIdentityValues',
    `Invalid value for the identities '${ids.join(',')}'. The 'UserAssignedIdentities' property keys should only be empty null during ` +
      'PATCH requests.',
  );
}

/** The rule is documented (3 to 128 characters); Microsoft.ManagedIdentity's own words for it are not known. */
export function invalidIdentityName(name: string): Reply {
  return armError(
    400,
    'InvalidResourceName',
    `The provided resource name '${name}' is invalid. It must begin with a letter or a number, have 3 to 128 characters, and hold ` +
      'letters, numbers, hyphens and underscores only.',
  );
}

export function identityTypeNotAllowed(type: string): Reply {
  return armError(
    400,
    'InvalidParameter',
    `The value '${type}' of parameter 'identity' is not allowed. Allowed values are: UserAssigned, None.`,
    { target: 'identity' },
  );
}

/** `member`: `identityIds` or `userAssignedIdentities`. */
export function identitiesNotExpected(member: string, type: string): Reply {
  return armError(
    400,
    'InvalidParameter',
    `ResourceIdentity ${member} should not be provided if the type is "${type}".`,
    { target: `resourceIdentity.${member}` },
  );
}

export function identityIdsDeprecated(): Reply {
  return armError(
    400,
    'InvalidParameter',
    'ResourceIdentity property identityIds is deprecated. The userAssignedIdentities property should be used instead.',
    { target: 'resourceIdentity.identityIds' },
  );
}

export function duplicateIdentity(id: string): Reply {
  return armError(
    400,
    'InvalidParameter',
    `ResourceIdentity identityId '${id}' cannot be duplicated in the provided identityIds list.`,
    { target: 'resourceIdentity.identityIds' },
  );
}

/** The identity service's own answer lies inside the message, as a string of JSON. */
export function failedIdentityOperation(scaleSet: string, reason: string): Reply {
  const inner = JSON.stringify({ error: { code: 'BadRequest', message: reason } });
  return armError(
    400,
    'FailedIdentityOperation',
    `Identity operation for resource '${scaleSet}' failed with error 'Failed to perform resource identity operation. ` +
      `Status: 'BadRequest'. Response: '${inner}'.'.`,
  );
}

export const identityReasons = {
  notFound: (id: string): string => `Resource '${id}' was not found.`,
  notAssigned: (id: string): string => `The identity '${id}' is not assigned to the resource.`,
  /** This and the next are documented to be refused; their wording is not on record. */
  restricted: (id: string, providers: readonly string[]): string =>
    `Resource '${id}' cannot be assigned to a resource of type 'Microsoft.Compute/virtualMachineScaleSets'. ` +
    `Its assignment restrictions allow: '${providers.join(',')}'.`,
  elsewhere: (id: string, own: string, location: string): string =>
    `Resource '${id}' cannot be assigned to a resource in location '${location}'. Its isolation scope is 'Regional' and its location '${own}'.`,
  none: "The identity ids must not be null or empty for 'UserAssigned' identity type.",
  tooMany: (count: number, limit: number): string =>
    `User Assigned Identities Number '${String(count)}' Assign exceed limit '${String(limit)}' in one request.`,
};

export function instanceIdsMissing(): Reply {
  return armError(400, 'InvalidParameter', "Required parameter 'instanceIds' is missing (null).", {
    target: 'instanceIds',
  });
}

/** Azure/azure-cli#9926. */
export function instanceIdInvalid(id: string): Reply {
  const message = `The provided instanceId ${id} is invalid. It must be a non-negative integer or the character "*".`;
  return armError(400, 'InvalidParameter', message, { target: 'instanceIds' });
}

/** microsoft/onefuzz#2547. */
export function instanceNotActive(id: string): Reply {
  const message = `The provided instanceId ${id} is not an active Virtual Machine Scale Set VM instanceId.`;
  return armError(400, 'InvalidParameter', message, { target: 'instanceIds' });
}

// --- concurrency ----------------------------------------------------------------------------------------------------

/** `header` as the caller wrote it, quotes and all. */
export function etagMismatch(header: string, etag: number): Reply {
  return armError(
    412,
    'PreconditionFailed',
    `Etag provided in if-match header ${header} does not match etag "${String(etag)}" of resource.`,
  );
}

export function etagMatches(header: string, etag: number): Reply {
  return armError(
    412,
    'PreconditionFailed',
    `Etag provided in if-none-match header ${header} matches etag "${String(etag)}" of resource.`,
  );
}

export function conflict(): Reply {
  return armError(
    409,
    'Conflict',
    'The request failed due to conflict with a concurrent request. To resolve it, please refer to https://aka.ms/activitylog ' +
      'to get more details on the conflicting requests.',
  );
}

export function markedForDeletion(name: string): Reply {
  return armError(
    409,
    'OperationNotAllowed',
    `Operation 'Update Virtual Machine Scale Set' is not allowed on Virtual Machine Scale Set '${name}' since it is marked for deletion. ` +
      'For more information on your operations, please refer to https://aka.ms/activitylog.',
  );
}

/** What the request itself would have been answered, had its operation failed at once. `status`: where it is known. */
export function operationFailed(error: { readonly code: string; readonly message: string }, status?: number): Reply {
  return armError(status ?? failureStatus(error.code), error.code, error.message);
}

function failureStatus(code: string): number {
  if (code.startsWith('Internal')) return 500;
  return ['Conflict', 'OperationNotAllowed', preempted.code].includes(code) ? 409 : 400;
}

export const preempted = {
  code: 'OperationPreempted',
  message: 'Operation execution has been preempted by a more recent operation.',
};
