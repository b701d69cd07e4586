/**
 * Reads a Dockerfile, as much of it as this repository's has. What is not known here is an error, never passed over.
 * See the Dockerfile reference of Docker.
 */

export interface Instruction {
  /** In capitals. */
  readonly keyword: string;
  /** `--from=build` is `{ from: 'build' }`. */
  readonly flags: Readonly<Record<string, string>>;
  /** What follows, with its variables replaced where Docker replaces them. */
  readonly value: string;
}

export interface Stage {
  /** What it begins with, with variables replaced. */
  readonly image: string;
  readonly platform?: string;
  readonly name?: string;
  readonly instructions: readonly Instruction[];
}

type Values = Readonly<Record<string, string>>;

/** What a builder sets by itself. */
const PLATFORMS: Values = { BUILDPLATFORM: 'linux/amd64', TARGETPLATFORM: 'linux/amd64' };
const FLAG = /--([\w-]+)=(\S+)/g;
/** Docker leaves the variables of these to the shell, or to nobody. */
const UNREPLACED: ReadonlySet<string> = new Set(['RUN', 'ENTRYPOINT', 'CMD']);

/**
 * @param given in place of the defaults of global arguments, as by `--build-arg`
 * @throws Error for an instruction that is not understood, and a variable that nothing sets
 */
export function parseDockerfile(text: string, given: Values = {}): readonly Stage[] {
  const stages: (Stage & { readonly instructions: Instruction[] })[] = [];
  const globals: Record<string, string> = {};
  let values: Record<string, string> = {};
  for (const line of instructionLines(text)) {
    const { keyword, flags, value } = split(line);
    const stage = stages.at(-1);
    if (keyword === 'FROM') {
      const [image = '', , name] = replaced(value, globals).split(/\s+/);
      const { platform } = flags;
      stages.push({
        image,
        ...(platform === undefined ? {} : { platform: replaced(platform, { ...PLATFORMS, ...globals }) }),
        ...(name === undefined ? {} : { name }),
        instructions: [],
      });
      values = {};
    } else if (keyword === 'ARG') {
      const [name = '', written] = value.split(/=(.*)/s);
      const known = given[name] ?? written ?? globals[name];
      if (known === undefined) throw new Error(`nothing sets the argument ${name}`);
      if (stage === undefined) globals[name] = known;
      else values[name] = known;
    } else if (stage === undefined) {
      throw new Error(`${keyword} stands before the first FROM`);
    } else {
      stage.instructions.push({
        keyword,
        flags,
        value: UNREPLACED.has(keyword) ? value : replaced(value, { ...PLATFORMS, ...values }),
      });
    }
  }
  return stages;
}

/** Without comments, and with continued lines as one. */
function instructionLines(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function split(line: string): Instruction {
  const [, keyword = '', rest = ''] = /^(\w+)\s+(.*)$/s.exec(line) ?? [];
  if (keyword === '') throw new Error(`not an instruction: ${line}`);
  const [, flags = '', value = ''] = /^((?:--[\w-]+=\S+\s+)*)(.*)$/s.exec(rest) ?? [];
  return {
    keyword: keyword.toUpperCase(),
    flags: Object.fromEntries<string>([...flags.matchAll(FLAG)].map(([, name = '', set = '']) => [name, set])),
    value,
  };
}

function replaced(text: string, values: Values): string {
  return text.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced: string | undefined, plain: string | undefined) => {
    const name = braced ?? plain ?? '';
    const value = values[name];
    if (value === undefined) throw new Error(`nothing sets the variable ${name}`);
    return value;
  });
}

/** The words of `COPY`, the pairs of `LABEL`: divided by spaces, of which those in quotes are part of a word. */
export function wordsOf(value: string): readonly string[] {
  return [...value.matchAll(/(?:"[^"]*"|[^\s"])+/g)].map(([word]) => word.replaceAll('"', ''));
}
