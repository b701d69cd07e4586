import { allFlags, type Flag, variableOf, variablePrefix } from './flags.ts';
import { suggest } from './suggest.ts';

/** A value as it was given, and how: `via` is the flag or the variable, spelled in full. */
export interface Given {
  readonly text: string;
  readonly via: string;
}

/** What command line and environment say, before any value is read. */
export interface GivenSettings {
  readonly help: boolean;
  readonly version: boolean;
  /** By the flag's name; the command line wins over the environment. A flag without its value is there with no text. */
  readonly values: ReadonlyMap<string, Given>;
  readonly errors: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Collects what was given. Unknown names and repetitions are errors. */
export const readGiven = (argv: readonly string[], env: Environment): GivenSettings => {
  const line = readCommandLine(argv);
  const environment = readEnvironment(env);
  return {
    help: line.help,
    version: line.version,
    values: new Map([...environment.values, ...line.values]),
    errors: [...line.errors, ...environment.errors],
  };
};

const readCommandLine = (argv: readonly string[]): GivenSettings => {
  const values = new Map<string, Given>();
  const errors: string[] = [];
  const words = [...argv];
  let help = false;
  let version = false;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const option = readOption(word, words);
    if (option === undefined) errors.push(`${quote(word)}: unexpected argument; only flags are taken`);
    else if (option.name === '--help') help = true;
    else if (option.name === '--version') version = true;
    else if (option.flag === undefined) errors.push(unknown(option.name, 'flag', '--', flagNames));
    else if (values.has(option.flag.name)) errors.push(`${option.name}: given more than once`);
    else values.set(option.flag.name, { text: option.text, via: `${option.name} (${variableOf(option.flag)})` });
  }
  return { help, version, values, errors };
};

/** A flag as it stands on the command line; one without a value has no text, an unknown one no `flag`. */
interface Option {
  readonly name: string;
  readonly flag: Flag | undefined;
  readonly text: string;
}

/** Reads the flag in `word`. Its value may be the next word, which is then taken off `rest`, unless that is a flag too. */
const readOption = (word: string, rest: string[]): Option | undefined => {
  if (word === '-h' || switches.includes(word))
    return { name: word === '-h' ? '--help' : word, flag: undefined, text: '' };
  const [, name, inline] = /^(--[^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  if (name === undefined) return undefined;
  const flag = allFlags.find((candidate) => `--${candidate.name}` === name);
  if (inline !== undefined) return { name, flag, text: inline };
  if (flag !== undefined && flag.placeholder === undefined) return { name, flag, text: 'true' };
  const next = rest[0]?.startsWith('--') === true ? undefined : rest.shift();
  return { name, flag, text: next ?? '' };
};

const readEnvironment = (env: Environment): Pick<GivenSettings, 'values' | 'errors'> => {
  const values = new Map<string, Given>();
  const errors: string[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(variablePrefix) || isServiceLink(variable, text)) continue;
    const flag = allFlags.find((candidate) => variableOf(candidate) === variable);
    if (flag === undefined) errors.push(unknown(variable, 'variable', variablePrefix, variableNames));
    // Manifests pass an empty variable where they mean none.
    else if (text !== undefined && text !== '') values.set(flag.name, { text, via: `${variable} (--${flag.name})` });
  }
  return { values, errors };
};

/**
 * Kubernetes gives every container variables for each Service of its namespace (`enableServiceLinks`); for a Service
 * called `vmss-identity-operator` they begin like ours.
 */
const isServiceLink = (variable: string, text = ''): boolean =>
  /_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/.test(variable) ||
  (variable.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(text));

const switches = ['--help', '--version'];
const flagNames = [...allFlags.map(({ name }) => `--${name}`), ...switches];
const variableNames = allFlags.map(variableOf);

/** Names are compared without the `prefix` that all of them share. */
const unknown = (name: string, kind: string, prefix: string, known: readonly string[]): string => {
  const bare = (full: string): string => full.slice(prefix.length);
  const meant = suggest(bare(name), known.map(bare));
  return `${quote(name)}: unknown ${kind}${meant === undefined ? '' : `, did you mean ${prefix}${meant}?`}`;
};

/** For messages: in quotes, with control characters escaped. */
export const quote = (text: string): string => JSON.stringify(text);
