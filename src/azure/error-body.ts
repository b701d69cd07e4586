/**
 * What an error reply of Azure says, gathered from wherever it says it: ARM's envelope, `details`, `innererror`, OData's
 * envelope, an envelope inside a string, or no envelope at all.
 */
import { asciiLower } from '../identity/arm-id.ts';
import { isObject, type JsonObject, member, parseJson, textOf } from './json.ts';

export interface AzureError {
  /** Codes from the outermost to the innermost, as Azure spells them. */
  readonly codes: readonly string[];
  /** All messages, one a line, with JSON's escapes taken out. Material to search, never to show. */
  readonly text: string;
  /** The throttling policy that a `TooManyRequests` names: its target, or the operation group in its message. */
  readonly throttledPolicy?: string;
}

const MAX_DEPTH = 8;
const MAX_PARTS = 500;
/** 150 identities of the greatest length, and as much again. */
const MAX_TEXT = 131_072;

export function readAzureError(body: unknown): AzureError {
  const found: Found = { codes: [], texts: [], policies: [], parts: 0, length: 0 };
  gather(body, found, 0);
  const [throttledPolicy] = found.policies;
  return {
    codes: found.codes,
    text: unescape(found.texts.join('\n')),
    ...(throttledPolicy === undefined ? {} : { throttledPolicy }),
  };
}

interface Found {
  readonly codes: string[];
  readonly texts: string[];
  readonly policies: string[];
  parts: number;
  length: number;
}

function gather(part: unknown, found: Found, depth: number): void {
  found.parts += 1;
  if (depth > MAX_DEPTH || found.parts > MAX_PARTS) return;
  if (typeof part === 'string') gatherText(part, found, depth);
  else if (Array.isArray(part)) {
    for (const element of part.slice(0, MAX_PARTS) as readonly unknown[]) gather(element, found, depth + 1);
  } else if (isObject(part)) gatherError(part, found, depth);
}

function gatherError(part: JsonObject, found: Found, depth: number): void {
  const envelope = member(part, 'error') ?? member(part, 'odata.error');
  if (envelope !== undefined) gather(envelope, found, depth + 1);
  const code = textOf(member(part, 'code') ?? member(part, 'Code'));
  if (code !== undefined) found.codes.push(code);
  gatherPolicy(part, code, found);
  for (const name of ['message', 'Message', 'value', 'details', 'innererror', 'innerError']) {
    const inner = member(part, name);
    if (inner !== undefined) gather(inner, found, depth + 1);
  }
  const internalCode = textOf(member(part, 'internalErrorCode'));
  if (internalCode !== undefined) found.codes.push(internalCode);
}

/** Compute's 429 names the policy in `details[].target`, and in JSON that its `details[].message` holds as a string. */
function gatherPolicy(part: JsonObject, code: string | undefined, found: Found): void {
  const named = asciiLower(code ?? '') === 'toomanyrequests' ? member(part, 'target') : member(part, 'operationGroup');
  const policy = textOf(named);
  if (policy !== undefined && POLICY_NAME.test(policy)) found.policies.push(policy);
}

const POLICY_NAME = /^[A-Za-z0-9_./-]{1,100}$/;

function gatherText(text: string, found: Found, depth: number): void {
  const nested = text.length <= MAX_TEXT && /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  if (nested !== undefined) {
    gather(nested.value, found, depth + 1);
    return;
  }
  const kept = text.slice(0, MAX_TEXT - found.length);
  found.length += kept.length;
  found.texts.push(kept);
}

/** An error quoted inside a message is JSON inside a string: `\"`, `\/` and `\u0027` stand for themselves. */
function unescape(text: string): string {
  return text
    .replace(/\\{1,8}u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\{1,8}(["'/])/g, '$1');
}
