/** Turns whatever is logged into plain data without secrets, of limited size. It never throws, and never asks `toJSON`. */
import { types } from 'node:util';

import { hidden, redactText } from './redact-text.ts';
import { isSecretName } from './secret-names.ts';

export { redactText };

const deepest = 6;
/** Of values in one line, and of characters in all their texts. */
const mostValues = 1000;
const mostCharacters = 32_768;
const leftOut = '…';
const unreadable = '[unreadable]';

/** A value as it may be written to a log; errors become plain objects too. */
export const redact = (value: unknown): unknown => new Redaction().of(value, 0);

/** The fields of a log line, where the later ones count. */
export const redactFields = (...fields: readonly object[]): Record<string, unknown> => {
  const redaction = new Redaction();
  return Object.assign({}, ...fields.map((each) => redaction.of(each, 0))) as Record<string, unknown>;
};

class Redaction {
  #values = mostValues;
  #characters = mostCharacters;

  of(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'bigint') return this.#text(String(value));
    if (typeof value === 'function' || typeof value === 'symbol') return undefined;
    if (typeof value !== 'object' || value === null) return value;
    this.#values--;
    if (depth >= deepest || this.#values < 0) return leftOut;
    try {
      return this.#object(value, depth);
    } catch {
      // A proxy, or an object that is made to look like another kind.
      return unreadable;
    }
  }

  #object(value: object, depth: number): unknown {
    if (value instanceof Error) return this.#error(value, depth);
    if (types.isStringObject(value)) return this.#text(String.prototype.valueOf.call(value));
    if (types.isDate(value)) return dateOf(value);
    if (value instanceof URL) return this.#text(value.href);
    const bytes = bytesIn(value);
    if (bytes !== undefined) return `[${String(bytes)} bytes]`;
    if (types.isMap(value))
      return this.#fields(
        [...value].map(([key, field]) => [keyOf(key), () => field]),
        depth,
      );
    if (types.isSet(value)) return this.#list([...value], depth);
    if (Array.isArray(value)) return this.#list(value, depth);
    const names = Object.keys(value);
    return this.#fields(
      names.map((name) => [name, () => (value as Record<string, unknown>)[name]]),
      depth,
    );
  }

  /** A header or a variable may be told as a pair: the name first, or under a name of its own. */
  #list(items: readonly unknown[], depth: number): readonly unknown[] {
    return Array.from(items.slice(0, Math.max(0, this.#values)), (item, index) => {
      const before = items[index - 1];
      return typeof before === 'string' && isSecretName(before) ? hidden : this.of(item, depth + 1);
    });
  }

  #fields(entries: readonly (readonly [string, () => unknown])[], depth: number): Record<string, unknown> {
    const isPairOfSecret = entries.some(([name, read]) => /^(?:name|key|header)$/i.test(name) && namesSecret(read));
    const fields = entries.slice(0, Math.max(0, this.#values)).map(([name, read]): readonly [string, unknown] => {
      const isSecret = isSecretName(name) || (isPairOfSecret && /^values?$/i.test(name));
      return [this.#text(name), isSecret ? hidden : this.#read(read, depth)];
    });
    return Object.fromEntries(fields);
  }

  #read(read: () => unknown, depth: number): unknown {
    try {
      return this.of(read(), depth + 1);
    } catch {
      // A getter that throws.
      return unreadable;
    }
  }

  /**
   * Errors of this project have a `kind` and are expected; only others need a stack. Nothing else of an error is written:
   * HTTP errors carry whole requests.
   */
  #error(error: Error, depth: number): Record<string, unknown> {
    const part = (name: string): unknown => attempt(() => (error as unknown as Record<string, unknown>)[name]);
    const [name, message, stack, cause, errors] = ['name', 'message', 'stack', 'cause', 'errors'].map(part);
    const told = ['kind', 'code', 'status'].map((each) => [each, part(each)] as const);
    const known = told.filter(([, field]) => typeof field === 'string' || typeof field === 'number');
    const isExpected = known.some(([each]) => each === 'kind');
    return {
      name: typeof name === 'string' ? this.#text(name) : 'Error',
      message: typeof message === 'string' ? this.#text(message) : '',
      ...Object.fromEntries(known.map(([each, field]) => [each, this.of(field, depth)])),
      ...(!isExpected && typeof stack === 'string' ? { stack: this.#text(stack) } : {}),
      ...(isErrorOrText(cause) ? { cause: this.of(cause, depth + 1) } : {}),
      ...(Array.isArray(errors) ? { errors: this.#list(errors.filter(isErrorOrText), depth + 1) } : {}),
    };
  }

  #text(text: string): string {
    if (this.#characters <= 0 && text !== '') return leftOut;
    const redacted = redactText(text);
    this.#characters -= redacted.length;
    return redacted;
  }
}

const attempt = (read: () => unknown): unknown => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

const isErrorOrText = (value: unknown): boolean => typeof value === 'string' || value instanceof Error;

const namesSecret = (read: () => unknown): boolean => {
  const name = attempt(read);
  return typeof name === 'string' && isSecretName(name);
};

const keyOf = (key: unknown): string => {
  if (typeof key === 'string') return key;
  return typeof key === 'number' || typeof key === 'boolean' ? String(key) : `[${typeof key}]`;
};

const dateOf = (date: Date): string | null => {
  const ms = Date.prototype.getTime.call(date);
  return Number.isNaN(ms) ? null : Date.prototype.toISOString.call(date);
};

/** How many bytes this is, if it is nothing else: numbers that spell out a secret are one. */
const bytesIn = (value: object): number | undefined => {
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return value.byteLength;
  // What a Buffer becomes in JSON.
  const { type, data } = value as { readonly type?: unknown; readonly data?: unknown };
  return type === 'Buffer' && Array.isArray(data) ? data.length : undefined;
};
