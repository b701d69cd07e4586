/** The api-versions of Microsoft.Compute that tell apart how a scale set is written to. */

/** Etags, and with them If-Match, exist from this one on (Azure/azure-rest-api-specs). */
export const FIRST_WITH_ETAGS = '2023-09-01';

/**
 * The one in which `identityIds` is the whole list of user-assigned identities (the array shape): every write replaces
 * the list, and nothing guards it.
 */
export const ARRAY_API_VERSION = '2017-12-01';
