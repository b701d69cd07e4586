import { type Json, Refusal, type Reply } from '../http.ts';
import { fold, groupKey, scaleSetId, scaleSetType } from '../resource-id.ts';
import type { ScaleSet } from '../state.ts';
import { chargeScaleSet } from '../throttling/compute-requests.ts';
import { type ArmCall, type ChildRoute, readBody, requireGroup, requireMethod } from './arm-call.ts';
import * as errors from './errors.ts';
import { instanceType, viewInstance, viewStatus, viewSummary } from './instance-view.ts';
import { instancesOf, upgradeWith } from './instances.ts';
import { operationLink, startOperation } from './operations.ts';
import { page } from './paging.ts';
import { authorize } from './rights/authorization.ts';
import { checkIdle } from './scale-sets.ts';

/** What lies under a scale set: its instances, their states, and the action that brings the model to them. */
export function handleScaleSetChild(arm: ArmCall, route: ChildRoute): Reply {
  const [collection = '', id, view, ...more] = route.path;
  const under = fold(collection);
  if (under === 'virtualmachines' && more.length === 0) {
    if (id === undefined) return listInstances(arm, route);
    if (view === undefined) return readInstance(arm, route, id, false);
    if (fold(view) === 'instanceview') return readInstance(arm, route, id, true);
  }
  if (id === undefined && under === 'instanceview') return readSummary(arm, route);
  if (id === undefined && under === 'manualupgrade') return upgradeInstances(arm, route);
  return errors.unknownPath(`/${arm.call.segments.join('/')}`);
}

function listInstances(arm: ArmCall, route: ChildRoute): Reply {
  const set = required(arm, route, 'GET', `${instanceType}/read`);
  const { state, call, version } = arm;
  const withStatus = fold(call.query.get('$expand') ?? '') === 'instanceview';
  const { all } = instancesOf(state, set, call.nowMs);
  const entries = all.map((instance) => [instance.id, instance] as const);
  return page(arm, entries, (instance) => viewInstance(state, set, instance, { version, withStatus }));
}

/** @param status whether its instance view alone is asked for */
function readInstance(arm: ArmCall, route: ChildRoute, id: string, status: boolean): Reply {
  const action = status ? `${instanceType}/instanceView/read` : `${instanceType}/read`;
  const set = required(arm, route, 'GET', action);
  const { state, call, version } = arm;
  const instance = instancesOf(state, set, call.nowMs).all.find((each) => fold(each.id) === fold(id));
  if (instance === undefined) {
    throw new Refusal(errors.resourceNotFound(scaleSetType, `${set.name}/virtualMachines/${id}`, set.resourceGroup));
  }
  const withStatus = fold(call.query.get('$expand') ?? '') === 'instanceview';
  const body = status ? viewStatus(state, set, instance) : viewInstance(state, set, instance, { version, withStatus });
  return { status: 200, body };
}

function readSummary(arm: ArmCall, route: ChildRoute): Reply {
  const set = required(arm, route, 'GET', `${scaleSetType}/instanceView/read`);
  return { status: 200, body: viewSummary(arm.state, set, instancesOf(arm.state, set, arm.call.nowMs)) };
}

/** A write like any other: it moves the etag on, and takes as long. */
function upgradeInstances(arm: ArmCall, route: ChildRoute): Reply {
  const set = required(arm, route, 'POST', `${scaleSetType}/manualUpgrade/action`);
  const { state, call, version } = arm;
  const ids = chosenInstances(arm, set);
  chargeScaleSet(arm, 'VMScaleSetActions', set);
  checkIdle(set);
  set.etag += 1;
  const operation = startOperation(state, set, 'Upgrade', [], call.nowMs);
  upgradeWith(operation, set, ids);
  if (operation === undefined) return { status: 200 };
  const headers = {
    'azure-asyncoperation': operationLink(state, operation, call, version, false),
    location: operationLink(state, operation, call, version, true),
    'azure-asyncnotification': 'Enabled',
  };
  return { status: 202, headers };
}

/** `{ "instanceIds": ["*"] }`, or those of some. */
function chosenInstances(arm: ArmCall, set: ScaleSet): readonly string[] {
  const wanted = readBody(arm)['instanceIds'];
  if (!Array.isArray(wanted)) throw new Refusal(errors.instanceIdsMissing());
  const known = new Map(instancesOf(arm.state, set, arm.call.nowMs).all.map(({ id }) => [fold(id), id]));
  const chosen = (wanted as readonly Json[]).map((wish) => {
    if (wish === '*') return [...known.values()];
    const id = typeof wish === 'string' ? wish : JSON.stringify(wish);
    if (set.orchestrationMode === 'Uniform' && !/^\d+$/.test(id)) throw new Refusal(errors.instanceIdInvalid(id));
    const found = known.get(fold(id));
    if (found === undefined) throw new Refusal(errors.instanceNotActive(id));
    return [found];
  });
  return chosen.flat();
}

/** @throws Refusal 405, 403, 404, in that order */
function required(arm: ArmCall, route: ChildRoute, method: 'GET' | 'POST', action: string): ScaleSet {
  requireMethod(arm, [method]);
  authorize(arm.state, arm.caller, action, scaleSetId({ ...route, subscriptionId: arm.subscription.id }));
  requireGroup(arm, route.resourceGroup);
  const set = arm.subscription.scaleSets.get(groupKey(route));
  if (set === undefined) throw new Refusal(errors.resourceNotFound(scaleSetType, route.name, route.resourceGroup));
  return set;
}
