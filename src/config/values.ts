/** What reading a value gave: the value, or what would have been accepted, as the end of a sentence that begins with "expected". */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string };

/** Reads the text of one flag; an empty one is never accepted. */
export type Parser<T> = (text: string) => Parsed<T>;

/** A TCP address to listen on. An IPv6 host has no brackets here. Port 0 means any free port. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const accepted = <T>(value: T): Parsed<T> => ({ ok: true, value });
const refused = (expected: string): Parsed<never> => ({ ok: false, expected });

/** Any path, as it stands. */
export const path: Parser<string> = (given) => (given === '' ? refused('a path') : accepted(given));

export const oneOf =
  <T extends string>(values: readonly T[]): Parser<T> =>
  (given) => {
    const value = values.find((candidate) => candidate === given);
    return value === undefined ? refused(`one of ${values.join(', ')}`) : accepted(value);
  };

export const trueOrFalse: Parser<boolean> = (given) =>
  given === 'true' || given === 'false' ? accepted(given === 'true') : refused('true or false');

export const integer =
  (min: number, max: number): Parser<number> =>
  (given) => {
    const value = /^\d{1,9}$/.test(given) ? Number(given) : NaN;
    return value >= min && value <= max ? accepted(value) : refused(`a whole number from ${min} to ${max}`);
  };

/** A part of a whole: a number from 0 to 1, with up to six digits after the point. */
export const share: Parser<number> = (given) => {
  const value = /^[01](\.\d{1,6})?$/.test(given) ? Number(given) : NaN;
  return value <= 1 ? accepted(value) : refused('a number from 0 to 1, such as 0.5');
};

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration such as `90s`, `10m` or `1h30m`, read into milliseconds. The bounds are durations in the same notation. */
export const durationMs = (min: string, max: string): Parser<number> => {
  const [minMs, maxMs] = [sumUnits(min), sumUnits(max)];
  return (given) => {
    const value = sumUnits(given);
    return value >= minMs && value <= maxMs
      ? accepted(value)
      : refused(`a duration from ${min} to ${max}, such as 90s, 10m or 1h30m`);
  };
};

/** NaN for what is not a duration. */
const sumUnits = (given: string): number => {
  if (!/^(\d{1,9}(ms|s|m|h))+$/.test(given)) return NaN;
  return [...given.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ''] ?? NaN),
    0,
  );
};

const nameOfNamespace = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export const namespace: Parser<string> = (given) =>
  nameOfNamespace.test(given) ? accepted(given) : refused('the name of a namespace: up to 63 of a-z, 0-9 and -');

/** Names of namespaces, separated by commas; each once in the result. */
export const namespaces: Parser<readonly string[]> = (given) => {
  const names = given.split(',').map((name) => name.trim());
  return names.every((name) => nameOfNamespace.test(name))
    ? accepted([...new Set(names)])
    : refused('names of namespaces, separated by commas');
};

/** An https URL, with a path at most. A slash at its end is taken off. */
export const httpsUrl: Parser<string> = (given) => {
  const url = URL.parse(given);
  const bare = url !== null && url.username === '' && url.password === '' && !/[?#]/.test(given);
  return bare && url.protocol === 'https:'
    ? accepted(url.href.replace(/\/+$/, ''))
    : refused('an https:// URL without user, query or fragment');
};

/**
 * The resource a token is for. It is compared letter by letter with what the cloud has registered, so it is kept as it
 * is, a slash at its end included.
 */
export const audience: Parser<string> = (given) => {
  if (given.endsWith('/.default')) return refused('the audience alone, without /.default at its end');
  const url = httpsUrl(given);
  return url.ok ? accepted(given) : url;
};

/** A version from `first` on, or exactly `unguarded`, which needs a word more than that: `because` says so, in brackets. */
export const apiVersion =
  (first: string, unguarded: string, because: string): Parser<string> =>
  (given) =>
    given === unguarded || (/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(given) && given >= first)
      ? accepted(given)
      : refused(`an api-version such as 2024-11-01, ${first} or later, or ${unguarded} (${because})`);

/** `host:port`; an IPv6 host stands in brackets. */
export const listenAddress: Parser<ListenAddress> = (given) => {
  const [, bracketed, plain, digits = ''] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(given) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host !== undefined && port <= 65_535
    ? accepted({ host, port })
    : refused('host:port, such as 0.0.0.0:8080 or [::1]:8080 (port 0: any free one)');
};
