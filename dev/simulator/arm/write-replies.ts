import { isJsonObject, type Reply } from '../http.ts';
import type { Operation, ScaleSet } from '../state.ts';
import { hasEtags } from './api-versions.ts';
import type { ArmCall } from './arm-call.ts';
import { operationLink } from './operations.ts';
import { retryAfter } from './retry-after.ts';
import { etagOf, viewScaleSet } from './scale-set-view.ts';

type View = Pick<ArmCall, 'state' | 'version'>;

/** A scale set as the answer to a request for it. */
export function showing({ state, version }: View, set: ScaleSet, status: number): Reply {
  const headers: Record<string, string> = hasEtags(version) ? { etag: etagOf(set) } : {};
  const body = viewScaleSet(state, set, version);
  return { status, headers, body: isJsonObject(body) ? body : {} };
}

/**
 * The answer to a PUT or PATCH that was accepted. Compute shows the target model and hands out a poll link; the
 * guidelines for providers (Azure/azure-resource-manager-rpc, async-api-reference) have it 202 with a `location` and
 * without a body; some have sent nothing but a `provisioningState`.
 * @param operation undefined: it is done already
 * @param status of an answer that shows the model
 */
export function accepted(arm: ArmCall, set: ScaleSet, operation: Operation | undefined, status: number): Reply {
  if (operation === undefined) return showing(arm, set, status);
  const { settings } = arm.state;
  const wait = retryAfter(settings, settings.writeRetryAfterSeconds, arm.call.nowMs);
  switch (settings.writeReply) {
    case 'AsyncOperation':
      return withHeaders(showing(arm, set, status), { ...asyncOperation(arm, operation), ...wait });
    case 'Accepted':
      return { status: 202, headers: { ...asyncOperation(arm, operation), ...location(arm, operation), ...wait } };
    case 'AcceptedLocation':
      return { status: 202, headers: { ...location(arm, operation), ...wait } };
    case 'Bare':
      return withHeaders(showing(arm, set, status), wait);
  }
}

/** A DELETE is answered with both links, whatever the mode. */
export function deleting(arm: ArmCall, operation: Operation): Reply {
  const { settings } = arm.state;
  const wait = retryAfter(settings, settings.writeRetryAfterSeconds ?? 10, arm.call.nowMs);
  return { status: 202, headers: { ...asyncOperation(arm, operation), ...location(arm, operation), ...wait } };
}

function asyncOperation({ state, call, version }: ArmCall, operation: Operation): Readonly<Record<string, string>> {
  return {
    'azure-asyncoperation': operationLink(state, operation, call, version, false),
    'azure-asyncnotification': 'Enabled',
  };
}

function location({ state, call, version }: ArmCall, operation: Operation): Readonly<Record<string, string>> {
  return { location: operationLink(state, operation, call, version, true) };
}

function withHeaders(reply: Reply, headers: Readonly<Record<string, string>>): Reply {
  return { ...reply, headers: { ...reply.headers, ...headers } };
}
