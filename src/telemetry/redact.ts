/**
 * Field names whose values are never written, whatever they are: compared in lower case, without `-` and `_`.
 */
const secretNames: ReadonlySet<string> = new Set([
  'accesstoken',
  'apikey',
  'assertion',
  'authorization',
  'bearer',
  'clientassertion',
  'clientkeydata',
  'clientsecret',
  'cookie',
  'idtoken',
  'password',
  'proxyauthorization',
  'refreshtoken',
  'sastoken',
  'secret',
  'setcookie',
  'sig',
  'token',
  'xmsauthorizationauxiliary',
]);

const hidden = '[redacted]';

/** Patterns of secrets within text, in the order in which they are replaced. */
const secrets: readonly (readonly [RegExp, string])[] = [
  // Azure's poll, SAS and blob URLs carry signatures in the query. An api-version alone is harmless, and useful to read.
  [/(\bhttps?:\/\/[^\s"'<>\\?]+)\?(?!api-version=[\w.-]+(?![\w.&=%-]))[^\s"'<>\\]*/gi, `$1?${hidden}`],
  [/\b(Bearer|Basic|Negotiate)\s+[\w.~+/=-]{6,}/gi, `$1 ${hidden}`],
  // A JWT: three base64url parts, the first one of a JSON object.
  [/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, hidden],
  // Form bodies and queries.
  [
    /\b(client_assertion|client_secret|access_token|refresh_token|id_token|assertion|password|sig)=[^&\s"']+/gi,
    `$1=${hidden}`,
  ],
  // JSON and header lines within text; the quotes may be escaped.
  [
    /((?:client_?assertion|client_?secret|(?:access|refresh|id)_?token|password|authorization|token)\\?["']?\s*:\s*\\?["']?)(?!\[redacted\])[^\s"',}\\]{6,}/gi,
    `$1${hidden}`,
  ],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
];

/** Longer text is cut: an error page of a gateway is not worth a log line of a megabyte. */
const longestText = 4096;
const deepest = 6;

/** The text without secrets. */
export const redactText = (text: string): string => {
  // Cut first with room to spare, so that the patterns never run over a huge text, then to length.
  let result = text.length > 4 * longestText ? text.slice(0, 4 * longestText) : text;
  for (const [pattern, replacement] of secrets) result = result.replace(pattern, replacement);
  return result.length > longestText || text.length > 4 * longestText ? `${result.slice(0, longestText)}…` : result;
};

/** A value as it may be written to a log: plain data, without secrets, of limited depth; errors become plain objects too. */
export const redact = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return '…';
  if (value instanceof Error) return redact(plainError(value), depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Map) return redact(Object.fromEntries(value), depth);
  if (value instanceof Set || Array.isArray(value))
    return Array.from(value, (item: unknown) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, isSecretName(name) ? hidden : redact(field, depth + 1)]),
  );
};

const isSecretName = (name: string): boolean => secretNames.has(name.toLowerCase().replace(/[-_]/g, ''));

/** Errors of this project have a `kind` and are expected; only others need a stack. Nothing else of an error is written: HTTP errors carry whole requests. */
const plainError = (error: Error): Record<string, unknown> => {
  const { kind, code, status } = error as {
    readonly kind?: unknown;
    readonly code?: unknown;
    readonly status?: unknown;
  };
  return {
    name: error.name,
    message: error.message,
    ...plainFields({ kind, code, status }),
    ...(kind === undefined && error.stack !== undefined ? { stack: error.stack } : {}),
    ...(error.cause instanceof Error ? { cause: error.cause } : {}),
  };
};

const plainFields = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, field]) => typeof field === 'string' || typeof field === 'number'),
  );
