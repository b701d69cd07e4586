import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

import { expect, it } from 'vitest';

import { startControlPlane } from '../../../dev/control-plane/index.ts';
import { isRunning } from '../../unit/control-plane/processes.ts';

interface Started {
  readonly processIds: Readonly<Record<string, number>>;
  readonly kubeconfigPath: string;
}

async function expectNothingLeft({ processIds, kubeconfigPath }: Started): Promise<void> {
  const left = (): unknown => ({
    running: Object.entries(processIds).filter(([, pid]) => isRunning(pid)),
    folder: existsSync(dirname(kubeconfigPath)),
  });
  await expect.poll(left, { timeout: 60_000 }).toEqual({ running: [], folder: false });
}

it('a control plane whose starter is killed leaves no process and no file', async () => {
  const script = new URL('./fixtures/start-and-hang.ts', import.meta.url).pathname;
  const starter = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: starter.stdout }), 'line')) as [string];
  const started = JSON.parse(line) as Started;
  expect(Object.entries(started.processIds).filter(([, pid]) => !isRunning(pid))).toEqual([]);
  starter.kill('SIGKILL');
  await expectNothingLeft(started);
});

it('a control plane that is stopped leaves no process and no file', async () => {
  const controlPlane = await startControlPlane();
  const { processIds, kubeconfigPath } = controlPlane;
  await controlPlane.stop();
  await expectNothingLeft({ processIds, kubeconfigPath });
});
