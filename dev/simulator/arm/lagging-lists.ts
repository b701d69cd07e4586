import { findScaleSet, fold, groupKey } from '../resource-id.ts';
import type { ScaleSet, State, Subscription } from '../state.ts';

/**
 * Lists that are behind the truth: they miss what is new, show what is gone, and old etags with it. They are a second set
 * of books, in which every change is entered `settings.listLagMs` late. Without a lag there are none, and no cost.
 */
export function keepLists(state: State): void {
  if (state.settings.listLagMs === 0) state.laggingLists = undefined;
  else state.laggingLists ??= { shown: new Map([...state.subscriptions].map(copyOfSubscription)), pending: [] };
}

/** To be called after a change of anything that a scale set shows, a creation and a removal included. */
export function noteChange(state: State, set: ScaleSet, nowMs: number): void {
  if (state.laggingLists === undefined) return;
  const current = findScaleSet(state, set);
  state.laggingLists.pending.push({
    sinceMs: nowMs,
    subscriptionId: fold(set.subscriptionId),
    key: groupKey(set),
    set: current === undefined ? undefined : copyOf(current),
  });
}

/** The scale sets of a subscription as a list shows them. */
export function listedScaleSets({ laggingLists }: State, subscription: Subscription): ReadonlyMap<string, ScaleSet> {
  if (laggingLists === undefined) return subscription.scaleSets;
  return laggingLists.shown.get(fold(subscription.id)) ?? new Map<string, ScaleSet>();
}

/** Enters what is old enough by now. */
export function catchUp({ laggingLists, settings }: State, nowMs: number): void {
  if (laggingLists === undefined) return;
  const { shown, pending } = laggingLists;
  const untilMs = nowMs - settings.listLagMs;
  const later = pending.findIndex(({ sinceMs }) => sinceMs > untilMs);
  for (const { subscriptionId, key, set } of pending.splice(0, later < 0 ? pending.length : later)) {
    const sets = shown.get(subscriptionId) ?? new Map<string, ScaleSet>();
    shown.set(subscriptionId, sets);
    if (set === undefined) sets.delete(key);
    else sets.set(key, set);
  }
}

function copyOfSubscription([id, { scaleSets }]: [string, Subscription]): [string, Map<string, ScaleSet>] {
  return [id, new Map([...scaleSets].map(([key, set]) => [key, copyOf(set)]))];
}

/** Deep as far as anything in it is ever changed in place. */
function copyOf(set: ScaleSet): ScaleSet {
  const { systemAssigned, userAssigned } = set.identity;
  const copied = [...userAssigned].map(([id, entry]) => [id, { ...entry }] as const);
  return { ...set, identity: { systemAssigned, userAssigned: new Map(copied) } };
}
