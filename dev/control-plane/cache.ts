import { accessSync, constants } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import type { BinaryName, Platform } from './release.ts';

/** The paths of the binaries that were asked for. */
export type BinaryPaths<Name extends BinaryName = BinaryName> = Readonly<Record<Name, string>>;

/** The folder for what takes long to get or to build, and is the same each time. */
export function cacheRoot(env: NodeJS.ProcessEnv): string {
  const configured = env['XDG_CACHE_HOME'];
  const root = configured === undefined || configured === '' ? join(env['HOME'] ?? homedir(), '.cache') : configured;
  return join(root, 'vmss-identity-operator');
}

/** The folder that keeps the binaries of one release for one platform. */
export function cacheFolder(release: string, platform: Platform, env: NodeJS.ProcessEnv): string {
  return join(cacheRoot(env), 'control-plane', `${release}-${platform}`);
}

/** Those of `names` that `folder` does not hold as executables. */
export function missingFrom(folder: string, names: readonly BinaryName[]): readonly BinaryName[] {
  return names.filter((name) => !isExecutable(join(folder, name)));
}

export function pathsIn<Name extends BinaryName>(folder: string, names: readonly Name[]): BinaryPaths<Name> {
  return Object.fromEntries(names.map((name) => [name, join(folder, name)])) as BinaryPaths<Name>;
}

/** Whether there is a file that this user may run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Removes what a process that was killed left half done. Only for the holder of the lock on what has that prefix. */
export async function removeLeftovers(folder: string, prefix: string): Promise<void> {
  const leftovers = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  await Promise.all(leftovers.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}
