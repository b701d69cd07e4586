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
import type { AzureRightsPort } from './azure-port.ts';
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

export async function azureRights(
  azure: AzureRightsPort,
  needs: readonly AzureNeed[],
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly GroupRights[]> {
  const rights = new Rights(azure, clock, signal);
  const groups = Map.groupBy(needs, ({ id }) => [id.kind, id.subscriptionId, asciiLower(id.resourceGroup)].join('/'));
  return inParallel([...groups.values()], PARALLEL, (group) => rights.ofGroup(group));
}

class Rights {
  readonly #azure: AzureRightsPort;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;

  constructor(azure: AzureRightsPort, clock: Clock, signal: AbortSignal) {
    this.#azure = azure;
    this.#clock = clock;
    this.#signal = signal;
  }

  async ofGroup(needs: readonly AzureNeed[]): Promise<GroupRights> {
    const { subscriptionId = '', resourceGroup = '' } = needs[0]?.id ?? {};
    const group = { subscriptionId, resourceGroup };
    const all = [...new Set(needs.flatMap(({ actions }) => actions))];
    const inGroup = await this.#allowedAt(group, all);
    const allowed: ReadonlySet<AzureAction> = inGroup.ok ? inGroup.value : new Set();
    const isOpen = ({ actions }: AzureNeed): boolean => !actions.every((action) => allowed.has(action));
    const asked = new Set(needs.filter(isOpen).slice(0, MOST_IN_GROUP));
    const resources = await inParallel(needs, PARALLEL, async (need): Promise<ResourceRights> => {
      if (asked.has(need)) return this.#ofResource(need);
      const stateOf = (action: AzureAction): RightState => (allowed.has(action) ? GRANTED : TOO_MANY);
      return { ...need, stateOf, mayNotAsk: false };
    });
    return { group, resources };
  }

  async #ofResource(need: AzureNeed): Promise<ResourceRights> {
    const answer = await this.#allowedAt(need.id, need.actions);
    if (answer.ok) {
      return { ...need, stateOf: (action) => (answer.value.has(action) ? GRANTED : MISSING), mayNotAsk: false };
    }
    if (answer.failure.kind !== 'notAuthorised') {
      const unknown: RightState = { is: 'unknown', why: answer.failure.message };
      return { ...need, stateOf: () => unknown, mayNotAsk: false };
    }
    const read = await this.#mayRead(need);
    const isRead = (action: AzureAction): boolean => action === READ_SCALE_SET || action === READ_IDENTITY;
    return { ...need, stateOf: (action) => (isRead(action) ? read : NOT_TOLD), mayNotAsk: true };
  }

  #allowedAt(...[scope, actions]: [Parameters<AzureRightsPort['allowedAt']>[0], readonly AzureAction[]]) {
    return answered(() => this.#azure.allowedAt(scope, actions, this.#signal), this.#clock, this.#signal);
  }

  /** What a GET says: rights are judged before existence, so that who is told of its absence may read it. */
  async #mayRead({ id }: AzureNeed): Promise<RightState> {
    const read = (): Promise<Result<unknown>> =>
      id.kind === 'scaleSet' ? this.#azure.getScaleSet(id, this.#signal) : this.#azure.getIdentity(id, this.#signal);
    const answer = await answered(read, this.#clock, this.#signal);
    if (answer.ok || answer.failure.kind === 'notFound') return GRANTED;
    return answer.failure.kind === 'notAuthorised' ? MISSING : { is: 'unknown', why: answer.failure.message };
  }
}
