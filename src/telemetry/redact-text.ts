/**
 * Takes secrets out of text, by what they look like and by what stands before them. Every pattern is linear: it is run
 * over what strangers send.
 */
import { isSecretHeader, secretNamePattern } from './secret-names.ts';

export const hidden = '[redacted]';

/** Longer text is cut: an error page of a gateway is not worth a log line of a megabyte. */
const longest = 4096;

/** One character of a URL or of a value in it; Go writes `&` into JSON as `\u0026`, PHP `/` as `\/`. */
const urlCharacter = String.raw`(?:[^\s"'<>\\]|\\{1,15}u00[0-9a-f]{2}|\\{1,15}\/)`;
const ampersand = String.raw`(?:&(?:amp;)?|\\{1,15}u0026|%26)`;

const schemes = 'Bearer|Basic|Negotiate|Digest|PoP|SharedKey|SharedKeyLite|SharedAccessSignature';
/** No secret is found without one of these: most texts are let through at once. */
const anySign = new RegExp(String.raw`[?&=:@]|%[23]|\\u0026|eyJ|LS0tLS1|-----BEGIN|${schemes}`, 'i');

/** Secrets that are known by themselves, in the order in which they are replaced. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g, hidden],
  // Base64 of `-----BEGIN`, and of an object of JSON, which is how a JWT begins.
  [/LS0tLS1CRUdJTi[\w+/=-]*/g, hidden],
  [/eyJ[\w+/=-]{8,}(?:\.[\w+/=-]*)*/g, hidden],
  [/(:\/\/)[^\s/?#@"'<>\\]{1,1024}@/g, `$1${hidden}@`],
  // Azure's poll, SAS and blob URLs carry signatures in the query. An api-version alone is harmless, and useful to read.
  [
    new RegExp(
      String.raw`\?(?!api-version=[\w.-]+(?:[^\w.&=%\\-]|\\{1,15}["'nrt]|$))[^\s"'<>\\?=]{1,80}=${urlCharacter}*`,
      'gi',
    ),
    `?${hidden}`,
  ],
  // The same without what is before the question mark.
  [new RegExp(String.raw`([\w.$-]{1,80}=)[^\s"'<>\\&=]*={0,2}(?=${ampersand}[\w.$-]{1,80}=)`, 'gi'), `$1${hidden}`],
  [
    new RegExp(String.raw`(${ampersand}[\w.$-]{1,80}(?:=|%3d))(?:(?!${ampersand})${urlCharacter})+`, 'gi'),
    `$1${hidden}`,
  ],
  [new RegExp(String.raw`(${schemes})(?:\s|%20|\\{1,15}[nrt]){1,9}[\w.~+/=:%-]{6,}`, 'gi'), `$1 ${hidden}`],
];

/** The name of a secret, and what leads to its value, in JSON (also in a string of JSON), YAML, a query or a header. */
const nameAndValue = new RegExp(
  String.raw`(${secretNamePattern})s?(?:\\{0,15}["'])?\s{0,4}(?:=>?|:|%3[ad])\s{0,4}(?!\[redacted\])`,
  'gi',
);
const openingQuote = /\\{0,15}["']/y;
/** Up to the end of the line: credentials of a header may have any form. */
const restOfLine = /[^\r\n]+/y;
const word = /[^\s"'&;<>\\]+/y;
/** After a colon, what is shorter is prose. */
const shortestWord = 6;

/** The text without secrets, cut to a length that a log line can bear. */
export const redactText = (text: string): string => {
  if (text.length <= longest && !anySign.test(text)) return text;
  // Cut first with room to spare, so that the patterns never run over a huge text, then to length.
  const isHuge = text.length > 4 * longest;
  // A secret that the cut takes in two may not look like one any more: its word goes with it.
  let result = isHuge ? text.slice(0, 4 * longest).replace(/\s\S*$/, '') : text;
  for (const [pattern, replacement] of shapes) result = result.replace(pattern, replacement);
  result = withoutNamed(result);
  return isHuge || result.length > longest ? `${result.slice(0, longest)}…` : result;
};

/** Hides what stands behind the name of a secret. */
const withoutNamed = (text: string): string => {
  let result = '';
  let done = 0;
  nameAndValue.lastIndex = 0;
  for (let found = nameAndValue.exec(text); found !== null; found = nameAndValue.exec(text)) {
    const from = nameAndValue.lastIndex;
    const [introduction, name = ''] = found;
    const range = valueAt(text, from, {
      isHeader: isSecretHeader(name),
      isProse: introduction.trimEnd().endsWith(':'),
    });
    if (range === undefined) continue;
    result += text.slice(done, range.from) + hidden;
    done = range.to;
    nameAndValue.lastIndex = done;
  }
  return result + text.slice(done);
};

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Where the value that begins here ends. */
const valueAt = (
  text: string,
  from: number,
  { isHeader, isProse }: { readonly isHeader: boolean; readonly isProse: boolean },
): Range | undefined => {
  const quote = matchAt(openingQuote, text, from);
  if (quote !== undefined) return { from: from + quote.length, to: endOfQuoted(text, from + quote.length, quote) };
  // Where an object ends cannot be told from a text that may have been cut or escaped.
  if (text[from] === '{' || text[from] === '[') return { from, to: text.length };
  const value = matchAt(isHeader ? restOfLine : word, text, from);
  if (value === undefined || (isProse && value.length < shortestWord)) return undefined;
  return { from, to: from + value.length };
};

const matchAt = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

/**
 * Where a string ends that was opened by this quote: at the next one with as many backslashes, for a quote within it has
 * more. Without any, at the end of the text, which may have been cut.
 */
const endOfQuoted = (text: string, from: number, quote: string): number => {
  const mark = quote.at(-1);
  const depth = quote.length - 1;
  let backslashes = 0;
  for (let index = from; index < text.length; index++) {
    if (text[index] === '\\') backslashes++;
    else {
      if (text[index] === mark && backslashes <= depth) return index - backslashes;
      backslashes = 0;
    }
  }
  return text.length;
};
