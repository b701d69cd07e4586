import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { isAlive, type LockHolder, withLock } from '../../../dev/control-plane/lock.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Above every pid that Linux or macOS gives out. */
const DEAD_PID = 2 ** 30;

const quickly = { pollMs: 1 };

function writeHolder(file: string, holder: Partial<LockHolder>): void {
  writeFileSync(file, JSON.stringify({ pid: process.pid, host: hostname(), nonce: 'other', ...holder }));
}

function age(file: string, ms: number): void {
  const then = new Date(Date.now() - ms);
  utimesSync(file, then, then);
}

describe('the lock', () => {
  it('lets one after the other do the work', async () => {
    const file = join(temporaryFolder(), 'lock');
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(file, work, quickly)));
    expect(most).toBe(1);
  });

  it('is released when the work is done', async () => {
    const file = join(temporaryFolder(), 'lock');
    expect(await withLock(file, async () => existsSync(file))).toBe(true);
    expect(existsSync(file)).toBe(false);
  });

  it('is released when the work fails', async () => {
    const file = join(temporaryFolder(), 'lock');
    await expect(withLock(file, () => Promise.reject(new Error('no compiler')))).rejects.toThrow('no compiler');
    expect(existsSync(file)).toBe(false);
  });

  it('makes the folder it lies in', async () => {
    const file = join(temporaryFolder(), 'not', 'yet', 'lock');
    expect(await withLock(file, async () => 'done')).toBe('done');
  });

  it('is taken over from a process that is gone', async () => {
    const file = join(temporaryFolder(), 'lock');
    writeHolder(file, { pid: DEAD_PID });
    expect(await withLock(file, async () => 'done', quickly)).toBe('done');
  });

  it('is taken over from a holder that renews it no more, though its pid is alive', async () => {
    const file = join(temporaryFolder(), 'lock');
    writeHolder(file, { pid: process.pid });
    age(file, 61_000);
    expect(await withLock(file, async () => 'done', quickly)).toBe('done');
  });

  it('is taken over when its content is torn and old', async () => {
    const file = join(temporaryFolder(), 'lock');
    writeFileSync(file, '{"pid":');
    age(file, 61_000);
    expect(await withLock(file, async () => 'done', quickly)).toBe('done');
  });

  it('is waited for while its holder on another host renews it', async () => {
    const file = join(temporaryFolder(), 'lock');
    writeHolder(file, { pid: DEAD_PID, host: 'another-host' });
    const holders: LockHolder[] = [];
    const onWait = (holder: LockHolder): void => {
      holders.push(holder);
      age(file, 61_000); // it stops renewing
    };
    await withLock(file, async () => 'done', { ...quickly, onWait });
    expect(holders).toEqual([{ pid: DEAD_PID, host: 'another-host', nonce: 'other' }]);
  });

  it('leaves a lock alone that somebody else took over meanwhile', async () => {
    const file = join(temporaryFolder(), 'lock');
    await withLock(file, async () => {
      writeHolder(file, { nonce: 'successor' });
    });
    expect(readFileSync(file, 'utf8')).toContain('successor');
  });

  it('is renewed while the work goes on', async () => {
    const file = join(temporaryFolder(), 'lock');
    const renewed = async (): Promise<string> => {
      age(file, 30_000);
      await expect.poll(() => Date.now() - statSync(file).mtimeMs < 30_000).toBe(true);
      return 'renewed';
    };
    expect(await withLock(file, renewed, { ...quickly, renewMs: 1 })).toBe('renewed');
  });
});

describe('a process', () => {
  it('is alive while it runs', () => {
    expect(isAlive(process.pid)).toBe(true);
  });

  it('is not alive when nobody has its pid', () => {
    expect(isAlive(DEAD_PID)).toBe(false);
  });
});
