/**
 * Runs the kubectl of the pinned release with the given arguments, as `kubectl` itself would run: same standard streams,
 * same signals, same exit code. Only the cluster is always named, by `KUBECONFIG` or by the demo that runs: the cluster of
 * `~/.kube/config` is somebody's real one.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';

import { ensureBinaries } from './binaries.ts';

/** A link that the demo makes when it starts and removes when it ends. */
const demo = join(import.meta.dirname, '../../.demo/kubeconfig');

const args = process.argv.slice(2);
const env = { ...process.env };
if (!env['KUBECONFIG']) {
  const running = existsSync(demo);
  env['KUBECONFIG'] = running ? demo : devNull;
  if (!running && !args.some((arg) => arg.startsWith('--kubeconfig'))) {
    process.stderr.write('KUBECONFIG is not set and no demo runs: no cluster is spoken to.\n');
  }
}
const { kubectl } = await ensureBinaries(['kubectl']);
const child = spawn(kubectl, args, { env, stdio: 'inherit' });
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const forward = (signal: NodeJS.Signals): void => {
  child.kill(signal);
};
for (const signal of signals) process.on(signal, forward);
child.once('exit', (code, signal) => {
  if (signal === null) {
    process.exitCode = code ?? 1;
    return;
  }
  for (const name of signals) process.removeListener(name, forward);
  process.kill(process.pid, signal);
});
