/**
 * Tools of others that the manifests and rules are held against, by their own code: built once from the Go modules that
 * `go/go.mod` pins, into the same cache as the control plane.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheRoot, isExecutable } from '../control-plane/cache.ts';
import { buildProgram, duration, findGo, type GoProgram } from '../control-plane/go-build.ts';
import { withLock } from '../control-plane/lock.ts';
import { platformOf } from '../control-plane/release.ts';

export type ToolName = 'promtool' | 'ranges' | 'verdicts';

interface Tool {
  readonly program: GoProgram;
  /** The variable that names a binary to be used instead of one that is built. */
  readonly variable: string;
  readonly why: string;
  /** What a first build takes on two idle cores with empty Go caches. Only to tell people. */
  readonly minutes: number;
}

const MODULE = join(import.meta.dirname, 'go');
const STRIPPED = ['-ldflags', '-s -w'];
/** Without the service discovery of every cloud, which would be two thirds of it. */
const LEAN = ['-tags', 'remove_all_sd', ...STRIPPED];

const TOOLS: Readonly<Record<ToolName, Tool>> = {
  promtool: {
    program: {
      name: 'promtool',
      package: 'github.com/prometheus/prometheus/cmd/promtool',
      module: MODULE,
      flags: LEAN,
    },
    variable: 'PROMTOOL',
    why: 'Prometheus itself tests the alerts',
    minutes: 4,
  },
  ranges: {
    program: { name: 'ranges', package: './ranges', module: MODULE, flags: LEAN },
    variable: 'RANGES',
    why: "Prometheus' own engine answers the queries of the dashboard",
    minutes: 3,
  },
  verdicts: {
    program: { name: 'verdicts', package: './verdicts', module: MODULE, flags: STRIPPED },
    variable: 'VERDICTS',
    why: "Argo CD's Lua interpreter and Flux's kstatus judge the statuses of bindings",
    minutes: 1,
  },
};

export interface ToolOptions {
  /** Told what is done and why, one line a call. Default: standard error. */
  readonly progress?: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
  /** Puts the binary into a folder. Default: `go build`. */
  readonly build?: (program: GoProgram, folder: string, progress: (line: string) => void) => Promise<void>;
}

/**
 * The path of the binary: what its variable names, else from the cache, else built. Processes that want the same wait for
 * each other.
 *
 * @throws Error where there is no Go that is new enough, or the build fails.
 */
export async function ensureTool(name: ToolName, options: ToolOptions = {}): Promise<string> {
  const { env = process.env, progress = printProgress } = options;
  const { program, variable, why, minutes } = TOOLS[name];
  const given = env[variable];
  if (given !== undefined && given !== '') return given;
  const folder = await folderFor(env);
  const path = join(folder, name);
  if (isExecutable(path)) return path;

  progress(`${why}: that needs ${name}, which is not yet on this machine.`);
  progress(
    `Building it from Go modules, once for this machine: about ${String(minutes)} min on two cores with empty Go caches. ` +
      `Faster: set ${variable} to a binary.`,
  );
  const build = options.build ?? (await goBuilder(env));
  const buildOnce = async (): Promise<void> => {
    if (!isExecutable(path)) await build(program, folder, progress);
  };
  await withLock(join(folder, `.${name}.lock`), buildOnce, {
    onWait: ({ pid }, waitedMs) => {
      progress(`  ${name}: process ${String(pid)} is building it; waiting (${duration(waitedMs)})`);
    },
  });
  progress(`Kept in ${folder}`);
  return path;
}

/** Another one for other sources, so that what is found there is what would be built. */
async function folderFor(env: NodeJS.ProcessEnv): Promise<string> {
  const files = (await readdir(MODULE, { recursive: true })).filter((file) => /(?:\.go|go\.mod|go\.sum)$/.test(file));
  const hash = createHash('sha256');
  for (const file of files.toSorted()) hash.update(`${file}\n`).update(await readFile(join(MODULE, file)));
  const digest = hash.digest('hex').slice(0, 12);
  return join(cacheRoot(env), 'go-tools', `${digest}-${platformOf(process.platform, process.arch)}`);
}

async function goBuilder(env: NodeJS.ProcessEnv): Promise<NonNullable<ToolOptions['build']>> {
  const go = await findGo(env);
  return (program, folder, progress) => buildProgram(go, program, folder, env, progress);
}

function printProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}
