import type { Call, Reply } from './http.ts';

/** Which requests a rule is about. Everything that is given has to fit. */
export interface FaultMatch {
  readonly method?: string;
  /** A regular expression over the decoded path, in any case. */
  readonly path?: string;
  /** A regular expression over the body. */
  readonly body?: string;
}

/**
 * What happens instead of, or to, the answer. `applied: true` lets the request have its effect first:
 * the write lands, and only the answer is lost, late or false. Otherwise it never arrives.
 * `withoutIdentity` answers truly, but leaves out `identity` (a read that is briefly incomplete).
 */
export type FaultEffect =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly code?: string;
      readonly message?: string;
      /** In place of the error envelope that `code` and `message` make. */
      readonly body?: unknown;
      /** Sent as it is, JSON or not; its `content-type` is plain text unless `headers` says otherwise. */
      readonly text?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly applied?: boolean;
    }
  | { readonly kind: 'reset' | 'hang'; readonly applied?: boolean }
  | { readonly kind: 'delay'; readonly ms: number; readonly applied?: boolean }
  | { readonly kind: 'withoutIdentity' };

export interface Fault {
  readonly match?: FaultMatch;
  readonly effect: FaultEffect;
  /** The first matching request it strikes, counted from 1. Default: 1. */
  readonly nth?: number;
  /** How many it strikes from there on; null: all. Default: 1. */
  readonly count?: number | null;
}

export interface FaultRule extends Fault {
  readonly id: string;
  /** Requests that matched so far. */
  matched: number;
  /** Requests that were struck so far. */
  struck: number;
}

/** The first rule that strikes this request. Every rule it matches counts it. */
export function strike(rules: readonly FaultRule[], call: Call): FaultRule | undefined {
  let struck: FaultRule | undefined;
  for (const rule of rules) {
    if (!matches(rule.match ?? {}, call)) continue;
    rule.matched += 1;
    if (struck !== undefined || !isDue(rule)) continue;
    rule.struck += 1;
    struck = rule;
  }
  return struck;
}

function isDue(rule: FaultRule): boolean {
  if (rule.matched < (rule.nth ?? 1)) return false;
  return rule.count === null || rule.struck < (rule.count ?? 1);
}

function matches(match: FaultMatch, call: Call): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== call.method) return false;
  if (match.path !== undefined && !new RegExp(match.path, 'i').test(`/${call.segments.join('/')}`)) return false;
  return match.body === undefined || new RegExp(match.body).test(call.request.body);
}

export function faultReply(effect: Extract<FaultEffect, { kind: 'status' }>): Reply {
  if (effect.text !== undefined) return { status: effect.status, headers: effect.headers ?? {}, text: effect.text };
  const envelope = { error: { code: effect.code ?? 'InternalServerError', message: effect.message ?? 'Injected.' } };
  return { status: effect.status, headers: effect.headers ?? {}, body: effect.body ?? envelope };
}

/** The same answer as if the resource, or each entry of the page, had no identity. */
export function withoutIdentity(reply: Reply): Reply {
  return { ...reply, body: strip(reply.body) };
}

function strip(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  const { identity: _identity, value, ...rest } = body as { identity?: unknown; value?: unknown };
  return Array.isArray(value)
    ? { ...rest, value: value.map(strip) }
    : { ...rest, ...(value === undefined ? {} : { value }) };
}
