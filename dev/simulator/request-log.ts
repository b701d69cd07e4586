import { decodeJwt } from './entra/jwt.ts';
import { type Call, isJsonObject, type Json, type Reply } from './http.ts';

/** One request as it arrived, and how it was answered. Never a token, a secret, or the signature of a poll link. */
export interface LogEntry {
  readonly sequence: number;
  readonly timeMs: number;
  /** The client id that its token claims. */
  readonly principal: string | undefined;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly apiVersion: string | undefined;
  readonly ifMatch: string | undefined;
  /** The body of a PUT or PATCH. */
  readonly body: Json | undefined;
  /** When it was answered, or its connection broken; undefined before, and for one that is never answered. */
  endedMs: number | undefined;
  /** Undefined while it is not answered. */
  status: number | 'reset' | 'hang' | undefined;
  /** The error's code, if it was refused. */
  code: string | undefined;
  /** The id of the fault rule that had a hand in the answer. */
  fault: string | undefined;
}

export interface RequestLog {
  readonly entries: LogEntry[];
  nextSequence: number;
}

/** @param limit entries that are kept; the oldest go first */
export function openLogEntry(log: RequestLog, call: Call, limit: number): LogEntry {
  const { headers, body } = call.request;
  const entry: LogEntry = {
    sequence: log.nextSequence++,
    timeMs: call.nowMs,
    principal: claimedClientId(headers['authorization']),
    method: call.method,
    path: `/${call.segments.join('/')}`,
    apiVersion: call.query.get('api-version') ?? undefined,
    ifMatch: headers['if-match'],
    body: call.method === 'PUT' || call.method === 'PATCH' ? readJson(body) : undefined,
    endedMs: undefined,
    status: undefined,
    code: undefined,
    fault: undefined,
  };
  log.entries.push(entry);
  // In batches: a shift with every request would move the whole log each time.
  if (log.entries.length > limit * 1.1) log.entries.splice(0, log.entries.length - limit);
  return entry;
}

export function closeLogEntry(entry: LogEntry, reply: Reply, nowMs: number): void {
  entry.endedMs = nowMs;
  entry.status = reply.status;
  entry.code = errorCode(reply.body);
}

/** What the token says of itself; nobody has verified it. */
function claimedClientId(authorization: string | undefined): string | undefined {
  const appId = decodeJwt(authorization?.replace(/^Bearer /i, '') ?? '')?.claims['appid'];
  return typeof appId === 'string' ? appId : undefined;
}

function readJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text === '' ? undefined : text;
  }
}

function errorCode(body: unknown): string | undefined {
  if (!isJsonObject(body)) return undefined;
  const error = body['error'];
  if (typeof error === 'string') return error;
  const code = isJsonObject(error) ? error['code'] : undefined;
  return typeof code === 'string' ? code : undefined;
}
