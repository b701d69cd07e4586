/** What there is to say about rights in Azure, a line for each right that resources of a group share. */
import { type IdentityId, nameOf, type ScaleSetId } from '../identity/arm-id.ts';
import { type AzureAction, READ_PERMISSIONS } from '../identity/azure-actions.ts';
import type { ListScope } from '../reconcile/azure-port.ts';
import { assignmentCommand, roleFor } from './azure-command.ts';
import type { SignedIn } from './azure-port.ts';
import type { GroupRights, ResourceRights, RightState } from './azure-rights.ts';
import type { Finding } from './finding.ts';

/** So many resources are named in one line. */
const MOST_NAMED = 3;

export function azureFindings(groups: readonly GroupRights[], signedIn: SignedIn): readonly Finding[] {
  return groups.flatMap((group) => [...ofRights(group, signedIn), ...ofAsking(group, signedIn)]);
}

function ofRights({ group, resources }: GroupRights, signedIn: SignedIn): readonly Finding[] {
  const actions = [...new Set(resources.flatMap((each) => each.actions))];
  return actions.flatMap((action) => {
    const concerned = resources.filter((each) => each.actions.includes(action));
    return findingsOf(action, concerned, group, signedIn);
  });
}

function findingsOf(
  action: AzureAction,
  resources: readonly ResourceRights[],
  group: Required<ListScope>,
  signedIn: SignedIn,
): readonly Finding[] {
  const byState = Map.groupBy(resources, ({ stateOf }) => keyOf(stateOf(action)));
  return [...byState.values()].map((alike): Finding => {
    const says = `${action} on ${placeOf(alike, group)}`;
    const state = alike[0]?.stateOf(action) ?? { is: 'granted' };
    if (state.is === 'granted') return { verdict: 'ok', check: 'azure-right', says };
    if (state.is === 'unknown') return { verdict: 'failed', check: 'azure-right', says: `${says}: ${state.why}` };
    const command = assignmentCommand(signedIn, roleFor(action), scopeOf(alike, group));
    return { verdict: 'missing', check: 'azure-right', says, command };
  });
}

function keyOf(state: RightState): string {
  return state.is === 'unknown' ? state.why : state.is;
}

/** What one may ask about oneself: without it only reads can be told, by reading. */
function ofAsking({ group, resources }: GroupRights, signedIn: SignedIn): readonly Finding[] {
  const silent = resources.filter(({ mayNotAsk }) => mayNotAsk);
  const [action] = silent[0]?.actions ?? [];
  if (action === undefined) return [];
  const says = `${READ_PERMISSIONS} on ${placeOf(silent, group)}`;
  const command = assignmentCommand(signedIn, roleFor(action), scopeOf(silent, group));
  return [{ verdict: 'missing', check: 'azure-right', says, command }];
}

/** The one resource, or how many of which group. */
function placeOf(resources: readonly ResourceRights[], group: Required<ListScope>): string {
  const [first] = resources;
  if (first === undefined || resources.length === 1) return first?.id.resourceId ?? '';
  const names = resources.slice(0, MOST_NAMED).map(({ id }) => nameOf(id.resourceId));
  const more = resources.length > MOST_NAMED ? ', …' : '';
  const what = `${String(resources.length)} ${KINDS[first.id.kind]}`;
  return `${what} in ${groupId(group)} (${names.join(', ')}${more})`;
}

const KINDS: Readonly<Record<(ScaleSetId | IdentityId)['kind'], string>> = {
  scaleSet: 'scale sets',
  identity: 'identities',
};

/** The narrowest scope that one assignment can have. */
function scopeOf(resources: readonly ResourceRights[], group: Required<ListScope>): string {
  const [first] = resources;
  return first !== undefined && resources.length === 1 ? first.id.resourceId : groupId(group);
}

function groupId({ subscriptionId, resourceGroup }: Required<ListScope>): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
}
