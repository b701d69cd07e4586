/** The part of `--check` that is about Azure. */
import type { VmssIdentityBinding, VmssIdentityPolicySpec } from '../api/types.ts';
import type { ListScope, Result } from '../reconcile/azure-port.ts';
import { answered } from './answered.ts';
import { federationCommand } from './azure-command.ts';
import { azureFindings } from './azure-findings.ts';
import { type AzureNeed, azureNeeds } from './azure-needs.ts';
import type { SignedIn } from './azure-port.ts';
import { type Asking, azureRights } from './azure-rights.ts';
import type { Tell } from './check-kubernetes.ts';
import type { Finding } from './finding.ts';

export interface Asked extends Asking {
  readonly tell: Tell;
}

/** Returns as whom Azure knows the operator; undefined without a token. */
export async function checkToken({ azure, tell, signal }: Asked): Promise<SignedIn | undefined> {
  const signIn = await azure.signIn(signal);
  if (signIn.ok) {
    const { principalId, tenantId, audience, issuer } = signIn.value;
    const says = `principal ${principalId} of tenant ${tenantId}, audience ${audience}, issuer ${issuer}`;
    tell({ verdict: 'ok', check: 'azure-token', says });
    return signIn.value;
  }
  const { failure, lacking } = signIn;
  const finding: Finding = { verdict: 'failed', check: 'azure-token', says: failure.message };
  tell(lacking === undefined ? finding : { ...finding, verdict: 'missing', command: federationCommand(lacking) });
  return undefined;
}

/** Rights on whatever the bindings name, as far as policies permit it. */
export async function checkAzureRights(
  asked: Asked,
  signedIn: SignedIn,
  bindings: readonly VmssIdentityBinding[],
  policies: readonly VmssIdentityPolicySpec[],
): Promise<void> {
  const { tell } = asked;
  const { needs, notPermitted } = azureNeeds(bindings, policies);
  tell({ verdict: 'ok', check: 'azure-right', says: countOf(bindings.length, notPermitted) });
  for (const finding of azureFindings(await azureRights(needs, asked), signedIn)) tell(finding);
  await checkLists(asked, needs);
}

function countOf(bindings: number, notPermitted: number): string {
  if (notPermitted === 0) return `asked about all that ${String(bindings)} bindings name`;
  return `asked about what ${String(bindings - notPermitted)} of ${String(bindings)} bindings name; no policy permits the others`;
}

/** Lists are what drift is found by; where there are none, every resource is read by itself. */
async function checkLists(asked: Asked, needs: readonly AzureNeed[]): Promise<void> {
  const bySubscription = Map.groupBy(needs, ({ id }) => id.subscriptionId);
  for (const [subscriptionId, ofSubscription] of bySubscription) {
    for (const [kind, ofKind] of Map.groupBy(ofSubscription, ({ id }) => id.kind)) {
      asked.tell(await listFinding(asked, kind, subscriptionId, ofKind));
    }
  }
}

async function listFinding(
  { azure, clock, signal }: Asked,
  kind: AzureNeed['id']['kind'],
  subscriptionId: string,
  needs: readonly AzureNeed[],
): Promise<Finding> {
  const what = kind === 'scaleSet' ? 'scale sets' : 'identities';
  const list = (scope: ListScope): Promise<Result<unknown>> =>
    kind === 'scaleSet'
      ? azure.listScaleSets(scope, undefined, signal)
      : azure.listIdentities(scope, undefined, signal);
  const whole = await answered(() => list({ subscriptionId }), clock, signal);
  const place = `/subscriptions/${subscriptionId}`;
  if (whole.ok) return { verdict: 'ok', check: 'azure-list', says: `${what} of ${place} are listed together` };
  if (whole.failure.kind !== 'notAuthorised') {
    return { verdict: 'failed', check: 'azure-list', says: `${what} of ${place}: ${whole.failure.message}` };
  }
  const groups = new Set(needs.map(({ id }) => id.resourceGroup));
  let listed = 0;
  for (const resourceGroup of groups) {
    if ((await answered(() => list({ subscriptionId, resourceGroup }), clock, signal)).ok) listed += 1;
  }
  const how = listed === 0 ? 'are read one by one' : `are listed in ${String(listed)} of ${String(groups.size)} groups`;
  return { verdict: 'ok', check: 'azure-list', says: `${what} of ${place} ${how}` };
}
