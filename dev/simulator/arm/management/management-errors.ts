import type { Reply } from '../../http.ts';
import { armError } from '../errors.ts';

/** The words of Resource Manager itself, for what lies above resources: subscriptions, providers, resource groups. */

export function invalidApiVersion(asked: string, supported: readonly string[]): Reply {
  return armError(
    400,
    'InvalidApiVersionParameter',
    `The api-version '${asked}' is invalid. The supported versions are '${supported.toReversed().join(',')}'.`,
  );
}

export function invalidNamespace(namespace: string): Reply {
  return armError(404, 'InvalidResourceNamespace', `The resource namespace '${namespace}' is invalid.`);
}

/** Azure/azure-sdk-for-node#2305. */
export function notRegistered(namespace: string): Reply {
  const code = 'MissingSubscriptionRegistration';
  const message =
    "The subscription registration is in 'Unregistered' state. The subscription must be registered to use namespace " +
    `'${namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`;
  return { status: 409, body: { error: { code, message, details: [{ code, target: namespace, message }] } } };
}

/** microsoft/microsoft-foundry-for-vscode#53. `invalid`: the characters that may not be, in their order. */
export function invalidGroupName(name: string, invalid: string): Reply {
  return armError(
    400,
    'InvalidResourceGroup',
    `The provided resource group name '${name}' has these invalid characters: '${invalid}'. The name can only be a letter, digit, ` +
      "'-', '.', '(', ')' or '_'. For more details, visit https://aka.ms/ResourceGroupNamingRestrictions .",
  );
}

/** The limits are documented; the words are not known. */
export function groupNameOutOfBounds(name: string): Reply {
  return armError(
    400,
    'InvalidResourceGroup',
    `The provided resource group name '${name}' is invalid. It must have 1 to 90 characters and not end with a period.`,
  );
}

/** Azure/azure-cli#22242. `wanted` as the caller wrote it. */
export function groupLocationDiffers(existing: string, wanted: string): Reply {
  return armError(
    409,
    'InvalidResourceGroupLocation',
    `Invalid resource group location '${wanted}'. The Resource group already exists in location '${existing}'.`,
  );
}

/** microsoft/vscode-azureresourcegroups#33. */
export function noSuchGroupLocation(wanted: string, available: readonly string[]): Reply {
  return armError(
    400,
    'LocationNotAvailableForResourceGroup',
    `The provided location '${wanted}' is not available for resource group. List of available regions is '${available.join(',')}'.`,
  );
}

/** Azure/azure-cli#21121. */
export function groupBeingDeleted(name: string): Reply {
  return armError(
    409,
    'ResourceGroupBeingDeleted',
    `The resource group '${name}' is in deprovisioning state and cannot perform this operation.`,
  );
}

export function operationResultNotFound(token: string): Reply {
  return armError(404, 'OperationNotFound', `The operation '${token}' could not be found.`);
}
