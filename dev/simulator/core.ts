import { handleArm } from './arm/router.ts';
import { settle } from './arm/settle.ts';
import { handleEntra } from './entra/token-endpoint.ts';
import { type FaultEffect, faultReply, type FaultRule, strike, withoutIdentity } from './faults.ts';
import { nextGuid } from './guids.ts';
import { type Answer, type Call, parseCall, Refusal, type Reply, type SimulatorRequest } from './http.ts';
import { handleImds } from './imds.ts';
import { closeLogEntry, type LogEntry, openLogEntry } from './request-log.ts';
import type { State } from './state.ts';

/**
 * The simulated Azure: what a request does to the state, and how it is answered, at a moment in time. Nothing here reads
 * a clock, waits, or makes up a random number: time-dependent effects are brought about by the next request after them.
 */
export function handleRequest(state: State, request: SimulatorRequest, nowMs: number): Answer {
  settle(state, nowMs);
  const call = parseCall(request, nowMs);
  const entry = openLogEntry(state.log, call, state.settings.requestLogLimit);
  const rule = strike(state.faults, call);
  return rule === undefined ? respond(state, call, entry, process(state, call)) : struck(state, call, entry, rule);
}

function struck(state: State, call: Call, entry: LogEntry, rule: FaultRule): Answer {
  entry.fault = rule.id;
  const { effect } = rule;
  if (effect.kind === 'withoutIdentity') return respond(state, call, entry, withoutIdentity(process(state, call)));
  const reply = effect.applied === true ? process(state, call) : undefined;
  return enact(state, call, entry, effect, reply);
}

/** @param reply what was truly done, if it was done */
function enact(
  state: State,
  call: Call,
  entry: LogEntry,
  effect: Exclude<FaultEffect, { kind: 'withoutIdentity' }>,
  reply: Reply | undefined,
): Answer {
  switch (effect.kind) {
    case 'status':
      return respond(state, call, entry, faultReply(effect));
    case 'reset':
    case 'hang':
      entry.status = effect.kind;
      if (effect.kind === 'reset') entry.endedMs = call.nowMs;
      return { kind: effect.kind };
    case 'delay':
      return {
        kind: 'delay',
        ms: effect.ms,
        answer: (nowMs) => {
          settle(state, nowMs);
          return respond(state, { ...call, nowMs }, entry, reply ?? process(state, { ...call, nowMs }));
        },
      };
  }
}

function process(state: State, call: Call): Reply {
  try {
    return handleImds(state, call) ?? handleEntra(state, call) ?? handleArm(state, call);
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    throw error;
  }
}

function respond(state: State, call: Call, entry: LogEntry, reply: Reply): Answer {
  closeLogEntry(entry, reply, call.nowMs);
  const requestId = nextGuid(state.guids);
  return {
    kind: 'response',
    status: reply.status,
    headers: {
      'cache-control': 'no-cache',
      ...contentType(reply),
      'x-ms-request-id': requestId,
      'x-ms-correlation-request-id': call.request.headers['x-ms-correlation-request-id'] ?? requestId,
      ...reply.headers,
    },
    body: reply.text ?? (reply.body === undefined ? '' : JSON.stringify(reply.body)),
  };
}

function contentType({ body, text }: Reply): Readonly<Record<string, string>> {
  if (text !== undefined) return { 'content-type': 'text/plain; charset=utf-8' };
  return body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
}
