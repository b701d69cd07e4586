/**
 * Finds out which of the needed rights the operator has. It asks about a whole resource group first: what is allowed there
 * is allowed on all that is in it, so that thousands of bindings cost as many requests as they have groups.
 */
import { asciiLower } from '../identity/arm-id.ts';
import { type AzureAction, READ_IDENTITY, READ_PERMISSIONS, READ_SCALE_SET } from '../identity/azure-actions.ts';
import type { ListScope, Result } from '../reconcile/azure-port.ts';
import type { Clock } from '../runtime/clock.ts';
import { answered } from './answered.ts';
import type { AzureNeed } from './azure-needs.ts';
import type { AzureRightsPort, AzureScope } from './azure-port.ts';
import { inParallel } from './in-parallel.ts';

/** What is known of one right on one resource; `unknown` with why. */
export type RightState = { readonly is: 'granted' | 'missing' } | { readonly is: 'unknown'; readonly why: string };

export interface ResourceRights extends AzureNeed {
  readonly stateOf: (action: AzureAction) => RightState;
  /** Azure does not tell what the operator may do on it. */
  readonly mayNotAsk: boolean;
}

/** The resources of one type in one resource group. */
export interface GroupRights {
  readonly group: Required<ListScope>;
  readonly resources: readonly ResourceRights[];
}

/** Requests that are under way at once. */
const PARALLEL = 8;
/** So many resources of a group are asked about by themselves, where the group does not allow all that they need. */
const MOST_IN_GROUP = 200;

const GRANTED: RightState = { is: 'granted' };
const MISSING: RightState = { is: 'missing' };
const TOO_MANY: RightState = {
  is: 'unknown',
  why: `not asked: in one resource group no more than ${String(MOST_IN_GROUP)} resources are asked about one by one`,
};
const NOT_TOLD: RightState = { is: 'unknown', why: `Azure tells it only to who has ${READ_PERMISSIONS}` };

/** How Azure is asked: the port, the clock of the waits, and what ends it all. */
export interface Asking {
  readonly azure: AzureRightsPort;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** First about all groups, then about the single resources that these leave open. */
export async function azureRights(needs: readonly AzureNeed[], asking: Asking): Promise<readonly GroupRights[]> {
  const groups = await inParallel(grouped(needs), PARALLEL, async (group): Promise<AskedGroup> => {
    const inGroup = await allowedAt(scopeOf(group), [...new Set(group.flatMap(({ actions }) => actions))], asking);
    return { needs: group, allowed: inGroup.ok ? inGroup.value : new Set() };
  });
  const open = groups.flatMap(({ needs: group, allowed }) => {
    const isOpen = ({ actions }: AzureNeed): boolean => !actions.every((action) => allowed.has(action));
    return group.filter(isOpen).slice(0, MOST_IN_GROUP);
  });
  const found = await inParallel(open, PARALLEL, async (need) => [need, await rightsOn(need, asking)] as const);
  const ofResource = new Map(found);
  return groups.map(({ needs: group, allowed }) => ({
    group: scopeOf(group),
    resources: group.map((need) => {
      const stateOf = (action: AzureAction): RightState => (allowed.has(action) ? GRANTED : TOO_MANY);
      return ofResource.get(need) ?? { ...need, stateOf, mayNotAsk: false };
    }),
  }));
}

interface AskedGroup {
  /** Of one type, in one resource group. */
  readonly needs: readonly AzureNeed[];
  readonly allowed: ReadonlySet<AzureAction>;
}

function grouped(needs: readonly AzureNeed[]): readonly (readonly AzureNeed[])[] {
  const groupOf = ({ id }: AzureNeed): string => [id.kind, id.subscriptionId, asciiLower(id.resourceGroup)].join('/');
  return [...Map.groupBy(needs, groupOf).values()];
}

function scopeOf([first]: readonly AzureNeed[]): Required<ListScope> {
  const { subscriptionId = '', resourceGroup = '' } = first?.id ?? {};
  return { subscriptionId, resourceGroup };
}

function allowedAt(
  scope: AzureScope,
  actions: readonly AzureAction[],
  { azure, clock, signal }: Asking,
): Promise<Result<ReadonlySet<AzureAction>>> {
  return answered(() => azure.allowedAt(scope, actions, signal), clock, signal);
}

async function rightsOn(need: AzureNeed, asking: Asking): Promise<ResourceRights> {
  const answer = await allowedAt(need.id, need.actions, asking);
  if (answer.ok) {
    return { ...need, stateOf: (action) => (answer.value.has(action) ? GRANTED : MISSING), mayNotAsk: false };
  }
  if (answer.failure.kind !== 'notAuthorised') {
    const unknown: RightState = { is: 'unknown', why: answer.failure.message };
    return { ...need, stateOf: () => unknown, mayNotAsk: false };
  }
  const read = await mayRead(need, asking);
  const isRead = (action: AzureAction): boolean => action === READ_SCALE_SET || action === READ_IDENTITY;
  return { ...need, stateOf: (action) => (isRead(action) ? read : NOT_TOLD), mayNotAsk: true };
}

/** What a GET says: rights are judged before existence, so that who is told of its absence may read it. */
async function mayRead({ id }: AzureNeed, { azure, clock, signal }: Asking): Promise<RightState> {
  const read = (): Promise<Result<unknown>> =>
    id.kind === 'scaleSet' ? azure.getScaleSet(id, signal) : azure.getIdentity(id, signal);
  const answer = await answered(read, clock, signal);
  if (answer.ok || answer.failure.kind === 'notFound') return GRANTED;
  return answer.failure.kind === 'notAuthorised' ? MISSING : { is: 'unknown', why: answer.failure.message };
}
