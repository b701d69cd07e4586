/** Runs what the documentation prints, as a reader would. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface ScriptPlace {
  /** What runs as `kubectl`: that of the control plane's release, not one that happens to be installed. */
  readonly kubectl: string;
  readonly kubeconfig: string;
  /** kubectl may remember there what the API server has. */
  readonly folder: string;
  /** Where the script is run. Default: the folder. */
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** What bash makes of a script, on standard output. @throws Error with what it wrote to standard error */
export async function runScript(script: string, place: ScriptPlace): Promise<string> {
  const { kubectl, kubeconfig, folder, directory = folder, environment } = place;
  // A program and no function: what a script has in the background it may end by its number.
  const commands = await mkdtemp(join(folder, 'commands-'));
  await symlink(kubectl, join(commands, 'kubectl'));
  const env = {
    PATH: `${commands}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    KUBECONFIG: kubeconfig,
    KUBECACHEDIR: join(folder, 'cache'),
    ...environment,
  };
  const args = ['--norc', '-euo', 'pipefail', '-c', script];
  try {
    return (await promisify(execFile)('bash', args, { cwd: directory, env })).stdout;
  } finally {
    await rm(commands, { recursive: true });
  }
}
