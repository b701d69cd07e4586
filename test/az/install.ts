import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { cacheRoot } from '../../dev/control-plane/cache.ts';
import { withLock } from '../../dev/control-plane/lock.ts';

const run = promisify(execFile);

export interface InstalledAzureCli {
  readonly path: string;
  readonly version: string;
}

/**
 * The Azure CLI: installed from PyPI, in the release that was the newest then, into a Python environment of
 * its own in the cache folder. Whoever wants a newer one removes that folder.
 * @throws Error when there is no Python with `venv`, or the package cannot be had
 */
export async function ensureAzureCli(tell: (line: string) => void): Promise<InstalledAzureCli> {
  const root = cacheRoot(process.env);
  const folder = join(root, 'azure-cli');
  const complete = join(folder, 'complete');
  const python = join(folder, 'bin', 'python');
  await mkdir(root, { recursive: true });
  await withLock(join(root, 'azure-cli.lock'), async () => {
    if (existsSync(complete)) return;
    const start = Date.now();
    tell(`Installing the Azure CLI into ${folder}: about 100 MB to get, 700 MB on disk, some minutes.`);
    await rm(folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', 'azure-cli'];
    await run(python, pip, { maxBuffer: 64 * 1024 * 1024 });
    await writeFile(complete, '');
    tell(`Installed in ${Math.round((Date.now() - start) / 1000)} s.`);
  });
  const { stdout } = await run(python, ['-c', 'import importlib.metadata as m; print(m.version("azure-cli"))']);
  return { path: join(folder, 'bin', 'az'), version: stdout.trim() };
}
