import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { describe, expect, it, onTestFinished } from 'vitest';

import { openSupervisor, type Supervisor } from '../../../dev/control-plane/supervised.ts';
import type { ProcessSpec } from '../../../dev/control-plane/supervisor-protocol.ts';
import { isRunning } from './processes.ts';
import { temporaryFolder } from './temporary-folder.ts';

const eventually = { timeout: 30_000 };

async function open(): Promise<Supervisor> {
  const supervisor = await openSupervisor(join(temporaryFolder(), 'run-'));
  onTestFinished(() => supervisor.close());
  return supervisor;
}

function shell(supervisor: Supervisor, script: string, env: Readonly<Record<string, string>> = {}): ProcessSpec {
  return {
    command: '/bin/sh',
    args: ['-c', script],
    cwd: supervisor.folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    logFile: join(supervisor.folder, 'log'),
  };
}

function logOf(supervisor: Supervisor): string {
  const path = join(supervisor.folder, 'log');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

describe('a supervised process', () => {
  it('tells how it ended', async () => {
    const supervisor = await open();
    const child = await supervisor.start(shell(supervisor, 'exit 7'));
    expect(await child.wait()).toEqual({ code: 7, signal: null });
    expect(child.exit).toEqual({ code: 7, signal: null });
  });

  it('writes what it prints to its log', async () => {
    const supervisor = await open();
    const child = await supervisor.start(shell(supervisor, 'echo out; echo err >&2'));
    await child.wait();
    expect(logOf(supervisor)).toBe('out\nerr\n');
  });

  it('gets the environment it was given and no other', async () => {
    const supervisor = await open();
    const child = await supervisor.start(shell(supervisor, 'echo "[$HOME][$GIVEN]"', { GIVEN: 'yes' }));
    await child.wait();
    expect(logOf(supervisor)).toBe('[][yes]\n');
  });

  it('is sent signals', async () => {
    const supervisor = await open();
    const child = await supervisor.start(shell(supervisor, 'sleep 3600'));
    child.signal('SIGTERM');
    expect(await child.wait()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('that cannot be started is an error', async () => {
    const supervisor = await open();
    const spec = { ...shell(supervisor, ''), command: join(supervisor.folder, 'nothing-here') };
    await expect(supervisor.start(spec)).rejects.toThrow(/ENOENT/);
  });
});

describe('the folder', () => {
  it('can be entered by this user alone', async () => {
    const supervisor = await open();
    expect(statSync(supervisor.folder).mode & 0o777).toBe(0o700);
  });

  it('goes with its supervisor', async () => {
    const supervisor = await open();
    await supervisor.close();
    expect(existsSync(supervisor.folder)).toBe(false);
  });
});

interface Family {
  readonly supervisor: number;
  readonly shell: number;
  readonly grandchild: number;
  readonly folder: string;
}

/** A process that supervises, in a process group of its own, with what it supervises. */
async function family(then: 'hang' | 'return'): Promise<{ readonly parent: ChildProcess; readonly members: Family }> {
  const script = new URL('./fixtures/supervise.ts', import.meta.url).pathname;
  const parent = spawn(process.execPath, [script, then], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  const members = JSON.parse(line) as Omit<Family, 'grandchild'>;
  const log = join(members.folder, 'log');
  if (then === 'return') return { parent, members: { ...members, grandchild: members.shell } };
  await expect.poll(() => existsSync(log) && readFileSync(log, 'utf8'), eventually).toMatch(/^\d+\n/);
  return { parent, members: { ...members, grandchild: Number(readFileSync(log, 'utf8')) } };
}

async function expectGone({ supervisor, shell: child, grandchild, folder }: Family): Promise<void> {
  const left = (): unknown => ({
    running: [supervisor, child, grandchild].filter(isRunning),
    folder: existsSync(folder),
  });
  await expect.poll(left, eventually).toEqual({ running: [], folder: false });
}

describe('nothing is left behind', () => {
  it.each([
    ['is killed', (pid: number) => process.kill(pid, 'SIGKILL')],
    ['is killed with its process group', (pid: number) => process.kill(-pid, 'SIGKILL')],
    ['is terminated', (pid: number) => process.kill(pid, 'SIGTERM')],
    ['gets Ctrl-C', (pid: number) => process.kill(-pid, 'SIGINT')],
  ])('when the process that supervises %s', async (_how, end) => {
    const { parent, members } = await family('hang');
    end(parent.pid!);
    await expectGone(members);
  });

  it('when the process that supervises has nothing more to do', async () => {
    const { parent, members } = await family('return');
    expect(parent.exitCode ?? (await once(parent, 'exit'))[0]).toBe(0);
    await expectGone(members);
  });

  it('when the supervisor is terminated', async () => {
    const { parent, members } = await family('hang');
    process.kill(members.supervisor, 'SIGTERM');
    await expectGone(members);
    parent.kill('SIGKILL');
  });

  it('when the supervisor itself is killed', async () => {
    const { parent, members } = await family('hang');
    process.kill(members.supervisor, 'SIGKILL');
    await expectGone(members);
    parent.kill('SIGKILL');
  });

  it('and a process that waits for a supervised one learns that the supervisor was killed', async () => {
    const supervisor = await open();
    const child = await supervisor.start(shell(supervisor, 'sleep 3600'));
    process.kill(supervisor.pid, 'SIGKILL');
    expect(await child.wait()).toEqual({ code: null, signal: 'SIGKILL' });
    await supervisor.close();
    expect(existsSync(supervisor.folder)).toBe(false);
  });
});
