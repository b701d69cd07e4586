import { execFile } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { removeLeftovers } from './cache.ts';
import { countLines, lastLines } from './log-file.ts';
import { type BinaryName, GO_PACKAGES, GO_RELEASE } from './release.ts';
import { openSupervisor } from './supervised.ts';

/** What the `go` line of `go/go.mod` asks for. A unit test keeps the two equal. */
export const GO_VERSION = { major: 1, minor: 26 } as const;

const HEARTBEAT_MS = 20_000;

/**
 * What a first build takes on two idle cores with empty Go caches, in minutes: what all binaries share, then each one's own.
 * Only to tell people.
 */
const SHARED_MINUTES = 2;
const OWN_MINUTES: Readonly<Record<BinaryName, number>> = {
  etcd: 0.5,
  'kube-apiserver': 4,
  'kube-controller-manager': 1.5,
  kubectl: 1,
};

export function usualMinutes(names: readonly BinaryName[]): number {
  return Math.ceil(names.reduce((total, name) => total + OWN_MINUTES[name], SHARED_MINUTES));
}

/**
 * The first `go` that is new enough: of `PATH`, `GOROOT`, and where Go's own installers put it.
 *
 * @throws Error that tells what was found instead.
 */
export async function findGo(env: NodeJS.ProcessEnv): Promise<string> {
  const goroot = env['GOROOT'];
  const candidates = ['go', ...(goroot ? [join(goroot, 'bin', 'go')] : []), '/usr/local/go/bin/go'];
  const found: string[] = [];
  for (const go of candidates) {
    try {
      const { stdout } = await promisify(execFile)(go, ['env', 'GOVERSION'], { env: { ...env, GOTOOLCHAIN: 'local' } });
      if (isNewEnough(stdout.trim())) return go;
      found.push(`${go} is ${stdout.trim()}`);
    } catch {
      // Not there: the next may be.
    }
  }
  const wanted = `Go ${GO_VERSION.major}.${GO_VERSION.minor} or newer`;
  throw new Error(`${wanted} is needed (${found.length === 0 ? 'no go was found' : found.join(', ')})`);
}

/** `version` as `go env GOVERSION` prints it, for example `go1.26.3`. */
export function isNewEnough(version: string): boolean {
  const match = /^go(\d+)\.(\d+)/.exec(version);
  if (match === null) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > GO_VERSION.major || (major === GO_VERSION.major && minor >= GO_VERSION.minor);
}

/** Stamps the release: without it the binaries call themselves v0.0.0, which kubectl cannot compare with a server. */
export function linkerFlags(release: string): string {
  const [major, minor] = release.replace(/^v/, '').split('.');
  const stamps = { gitVersion: release, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const assignments = packages.flatMap((name) =>
    Object.entries(stamps).map(([variable, value]) => `-X ${name}.${variable}=${value}`),
  );
  return ['-s', '-w', ...assignments].join(' ');
}

/** A main package of a Go module that pins all it is built of. */
export interface GoProgram {
  /** Of the binary. */
  readonly name: string;
  /** As `go build` takes it: an import path, or `./folder`. */
  readonly package: string;
  /** The folder of `go.mod` and `go.sum`. */
  readonly module: string;
  /** For `go build`, beside those that every build has. */
  readonly flags: readonly string[];
}

/** Builds one binary of the control plane: see {@link buildProgram}. */
export async function goBuild(
  go: string,
  name: BinaryName,
  folder: string,
  env: NodeJS.ProcessEnv,
  progress: (line: string) => void,
): Promise<void> {
  const module = fileURLToPath(new URL('./go/', import.meta.url));
  const flags = ['-ldflags', linkerFlags(GO_RELEASE)];
  await buildProgram(go, { name, package: GO_PACKAGES[name], module, flags }, folder, env, progress);
}

/**
 * Builds one binary from the modules that `go.mod` and `go.sum` pin, and puts it into `folder` by a rename.
 * The compilers end with this process, whatever ends it. The caller holds the binary's lock.
 *
 * @throws Error with the last lines of the compiler's output.
 */
export async function buildProgram(
  go: string,
  program: GoProgram,
  folder: string,
  env: NodeJS.ProcessEnv,
  progress: (line: string) => void,
): Promise<void> {
  const { name } = program;
  const prefix = `.build-${name}-`;
  await removeLeftovers(folder, prefix);
  const supervisor = await openSupervisor(join(folder, prefix));
  const started = Date.now();
  const logFile = join(supervisor.folder, 'log');
  const output = join(supervisor.folder, name);
  const heartbeat = setInterval(() => {
    progress(`  ${name}: ${duration(Date.now() - started)}, ${buildState(logFile)}`);
  }, HEARTBEAT_MS);
  try {
    progress(`  ${name}: building`);
    const build = await supervisor.start({
      command: go,
      args: ['build', '-v', '-buildvcs=false', '-trimpath', ...program.flags, '-o', output, program.package],
      cwd: program.module,
      env: buildEnvironment(env, supervisor.folder),
      logFile,
    });
    const exit = await build.wait();
    if (exit.code !== 0) {
      throw new Error(`go build ended with ${exit.code ?? exit.signal}:\n${lastLines(logFile, 20)}`);
    }
    await rename(output, join(folder, name));
    progress(`  ${name}: built in ${duration(Date.now() - started)}`);
  } finally {
    clearInterval(heartbeat);
    await supervisor.close();
  }
}

/** The user's own settings (proxy, caches) with those that make the result depend on the pinned modules alone. */
function buildEnvironment(env: NodeJS.ProcessEnv, workFolder: string): Readonly<Record<string, string>> {
  const inherited = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    HOME: homedir(),
    ...Object.fromEntries(inherited),
    CGO_ENABLED: '0',
    GOFLAGS: '-mod=readonly',
    GOTMPDIR: workFolder, // what a killed build leaves there goes with the folder
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
  };
}

/** `go build -v` prints one line for each module it downloads and each package it compiles. */
function buildState(logFile: string): string {
  const downloads = countLines(logFile, (line) => line.startsWith('go: downloading '));
  const packages = countLines(logFile, (line) => line !== '' && !line.startsWith('go: '));
  return `${downloads} modules downloaded, ${packages} packages compiled`;
}

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}
