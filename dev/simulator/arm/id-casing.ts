import { fold } from '../resource-id.ts';
import type { Settings } from '../settings.ts';

/**
 * An id as it is spelled in answers of the day. Ids compare without regard to case, and what comes back need not be what
 * was sent: Microsoft.ManagedIdentity writes `resourcegroups`, Compute has been seen to write groups in capitals
 * (Azure/azure-rest-api-specs#10016) and whole keys in lower case (hashicorp/terraform-provider-azurerm#10722).
 */
export function respell(id: string, casing: Settings['idCasing']): string {
  switch (casing) {
    case 'AsSent':
      return id;
    case 'Lower':
      return fold(id);
    case 'LowerResourcegroups':
      return id.replace(/\/resourcegroups\//i, '/resourcegroups/');
    case 'UpperGroups':
      return id.replace(/(?<=\/resourcegroups\/)[^/]+/i, upper);
  }
}

/** A to Z only, as `fold` does the other way. */
function upper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}
