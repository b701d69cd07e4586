/** The commands that grant the operator what it lacks in Azure. */
import { ASSIGN_IDENTITY, type AzureAction, READ_IDENTITY } from '../identity/azure-actions.ts';
import type { FederatedClaims, SignedIn } from './azure-port.ts';
import { shellLine } from './shell.ts';

/** As `deploy/azure/` calls it. */
export const SCALE_SET_ROLE = 'VMSS Identity Operator';
export const IDENTITY_ROLE = 'Managed Identity Operator';

const OF_IDENTITIES: readonly AzureAction[] = [READ_IDENTITY, ASSIGN_IDENTITY];

/** The role that allows what is done with scale sets, or with identities. */
export function roleFor(action: AzureAction): string {
  return OF_IDENTITIES.includes(action) ? IDENTITY_ROLE : SCALE_SET_ROLE;
}

export function assignmentCommand(signedIn: SignedIn, role: string, scope: string): string {
  const who = ['--assignee-object-id', signedIn.principalId, '--assignee-principal-type', signedIn.principalType];
  return shellLine('az', 'role', 'assignment', 'create', ...who, '--role', role, '--scope', scope);
}

/** Which identity the operator signs in as, its token file does not say by name. */
export function federationCommand({ issuer, subject, audience }: FederatedClaims): string {
  const create = shellLine('az', 'identity', 'federated-credential', 'create', '--name', 'vmss-identity-operator');
  const claims = shellLine('--issuer', issuer, '--subject', subject, '--audiences', audience);
  return `${create} --identity-name <identity> --resource-group <group> ${claims}`;
}
