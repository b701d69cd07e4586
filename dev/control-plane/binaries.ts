import { join } from 'node:path';

import { installArchive } from './archive.ts';
import { type BinaryPaths, cacheFolder, missingFrom, pathsIn } from './cache.ts';
import { duration, findGo, goBuild, usualMinutes } from './go-build.ts';
import { type LockHolder, withLock } from './lock.ts';
import {
  type ArchiveRelease,
  type BinaryName,
  ENVTEST_ARCHIVE,
  GO_RELEASE,
  type Platform,
  platformOf,
} from './release.ts';

export interface EnsureOptions {
  /** Told what is done and why, one line a call. Default: standard error. */
  readonly progress?: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
  readonly platform?: Platform;
  readonly archive?: ArchiveRelease;
  /** Puts one binary of `GO_RELEASE` into a folder. Default: `go build` of the pinned modules. */
  readonly build?: Builder;
}

export type Builder = (name: BinaryName, folder: string, progress: (line: string) => void) => Promise<void>;

/** None of the ways led to the binaries; the message tells each way and why it did not. */
export class BinariesUnavailableError extends Error {
  override readonly name = 'BinariesUnavailableError';
}

/**
 * The paths of the named binaries, got by the first way that has all of them, so that releases never mix:
 * `$KUBEBUILDER_ASSETS`, the cache, the official archive (never when `CI` is set), built from Go modules.
 * What was downloaded or built stays in the cache; processes that want the same wait for each other.
 *
 * @throws BinariesUnavailableError
 */
export async function ensureBinaries<Name extends BinaryName>(
  names: readonly Name[],
  options: EnsureOptions = {},
): Promise<BinaryPaths<Name>> {
  const { env = process.env, archive = ENVTEST_ARCHIVE } = options;
  const progress = options.progress ?? printProgress;
  const platform = options.platform ?? platformOf(process.platform, process.arch);
  const goFolder = cacheFolder(GO_RELEASE, platform, env);
  const archiveFolder = cacheFolder(archive.release, platform, env);
  const failures: string[] = [];

  const assets = env['KUBEBUILDER_ASSETS'];
  for (const folder of [...(assets ? [assets] : []), goFolder, archiveFolder]) {
    const missing = missingFrom(folder, names);
    if (missing.length === 0) return pathsIn(folder, names);
    failures.push(`${folder === assets ? 'KUBEBUILDER_ASSETS' : 'the cache'}: ${folder} has no ${list(missing)}`);
  }
  if (!assets) failures.unshift('KUBEBUILDER_ASSETS (a folder that holds them): not set');
  const missing = missingFrom(goFolder, names);
  progress(`A real control plane needs ${list(names)}; not yet on this machine: ${list(missing)}.`);
  if (assets) progress(failures[0] ?? '');

  const refusal = reasonNotToDownload(names, archive, env);
  if (refusal === undefined) {
    try {
      await installFromArchive(archive, platform, archiveFolder, names, progress);
      return pathsIn(archiveFolder, names);
    } catch (error) {
      failures.push(`${archive.url(platform)}: ${messageOf(error)}`);
      progress(`The archive could not be had: ${messageOf(error)}.`);
    }
  } else {
    failures.push(`${archive.url(platform)}: not tried, ${refusal}`);
  }

  try {
    await buildMissing(missing, goFolder, options.build ?? (await goBuilder(env)), progress);
    return pathsIn(goFolder, names);
  } catch (error) {
    failures.push(`built from Go modules: ${messageOf(error)}`);
  }
  const ways = failures.map((failure, index) => `  ${index + 1}. ${failure}`).join('\n');
  throw new BinariesUnavailableError(`No way led to ${list(names)}. Tried, in this order:\n${ways}`);
}

function reasonNotToDownload(
  names: readonly BinaryName[],
  archive: ArchiveRelease,
  env: NodeJS.ProcessEnv,
): string | undefined {
  if (env['CI']) return 'because CI is set';
  const absent = names.filter((name) => !archive.binaries.includes(name));
  return absent.length === 0 ? undefined : `it has no ${list(absent)}`;
}

async function installFromArchive(
  archive: ArchiveRelease,
  platform: Platform,
  folder: string,
  names: readonly BinaryName[],
  progress: (line: string) => void,
): Promise<void> {
  const install = async (): Promise<void> => {
    if (missingFrom(folder, names).length === 0) return;
    progress(`Downloading ${archive.url(platform)}`);
    await installArchive(archive, platform, folder);
    progress(`Kept in ${folder}`);
  };
  await withLock(join(folder, '.archive.lock'), install, { onWait: noticeOf('the archive', progress) });
}

async function buildMissing(
  names: readonly BinaryName[],
  folder: string,
  build: Builder,
  progress: (line: string) => void,
): Promise<void> {
  progress(
    `Building ${list(names)} ${GO_RELEASE} from Go modules, once for this machine: about ${usualMinutes(names)} min ` +
      `on two cores with empty Go caches. Faster: set KUBEBUILDER_ASSETS to a folder that holds ${names.length === 1 ? 'it' : 'them'}.`,
  );
  for (const name of names) {
    const buildOnce = async (): Promise<void> => {
      if (missingFrom(folder, [name]).length > 0) await build(name, folder, progress);
    };
    await withLock(join(folder, `.${name}.lock`), buildOnce, { onWait: noticeOf(name, progress) });
  }
  progress(`Kept in ${folder}`);
}

async function goBuilder(env: NodeJS.ProcessEnv): Promise<Builder> {
  const go = await findGo(env);
  return (name, folder, progress) => goBuild(go, name, folder, env, progress);
}

function noticeOf(subject: string, progress: (line: string) => void): (holder: LockHolder, waitedMs: number) => void {
  return (holder, waitedMs) => {
    progress(`  ${subject}: process ${holder.pid} is getting it; waiting (${duration(waitedMs)})`);
  };
}

function printProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

function list(names: readonly string[]): string {
  return new Intl.ListFormat('en').format(names);
}
