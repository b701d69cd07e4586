import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Who holds a lock, as its file says it. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly nonce: string;
}

export interface LockOptions {
  /** Called about every `noticeMs` while another process holds the lock. */
  readonly onWait?: (holder: LockHolder, waitedMs: number) => void;
  readonly noticeMs?: number;
  readonly pollMs?: number;
  /** A holder that has not renewed its file for so long is taken for dead, whatever its pid says. */
  readonly staleMs?: number;
  readonly renewMs?: number;
}

/**
 * Runs `work` while no other process that asks for the same lock file does.
 *
 * A holder is dead when its process is (same host), or when it stopped renewing the file (another host or container, or a
 * pid that was given out again). The lock saves work and nothing else: in the narrow cases where two processes both think
 * they hold it, both do the work, so what it guards must be put in place by an atomic rename.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const mine: LockHolder = { pid: process.pid, host: hostname(), nonce: randomBytes(8).toString('hex') };
  await mkdir(dirname(file), { recursive: true });
  await acquire(file, mine, options);
  const renewal = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, options.renewMs ?? 5_000);
  renewal.unref();
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    if ((await readHolder(file))?.nonce === mine.nonce) await rm(file, { force: true });
  }
}

async function acquire(file: string, mine: LockHolder, options: LockOptions): Promise<void> {
  const { pollMs = 200, staleMs = 60_000, noticeMs = 15_000 } = options;
  const start = Date.now();
  let noticedAt = Number.NEGATIVE_INFINITY;
  while (!(await create(file, mine))) {
    const holder = await readHolder(file);
    if (await isStale(file, holder, staleMs)) {
      await breakLock(file, holder, mine);
      continue;
    }
    if (holder !== undefined && Date.now() - noticedAt >= noticeMs) {
      noticedAt = Date.now();
      options.onWait?.(holder, noticedAt - start);
    }
    await sleep(pollMs);
  }
}

/** Written elsewhere and linked into place, so that the file is never seen without its content. */
async function create(file: string, mine: LockHolder): Promise<boolean> {
  const draft = `${file}.${mine.nonce}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(JSON.stringify(mine));
    await handle.close();
    await link(draft, file);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function isStale(file: string, holder: LockHolder | undefined, staleMs: number): Promise<boolean> {
  if (holder?.host === hostname() && !isAlive(holder.pid)) return true;
  try {
    return Date.now() - (await stat(file)).mtimeMs > staleMs;
  } catch {
    return false; // released in between
  }
}

/** Takes the file away by a rename, and puts it back when it turns out to be a newer holder's. */
async function breakLock(file: string, judged: LockHolder | undefined, mine: LockHolder): Promise<void> {
  const aside = `${file}.${mine.nonce}.stale`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  if ((await readHolder(aside))?.nonce !== judged?.nonce) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

async function readHolder(file: string): Promise<LockHolder | undefined> {
  try {
    const holder = JSON.parse(await readFile(file, 'utf8')) as Partial<LockHolder> | null;
    if (typeof holder?.pid !== 'number' || typeof holder.host !== 'string' || typeof holder.nonce !== 'string') return;
    return { pid: holder.pid, host: holder.host, nonce: holder.nonce };
  } catch {
    return undefined;
  }
}

/** Signal 0 only asks. `EPERM` means that the process is there and is another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, 'EPERM');
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
