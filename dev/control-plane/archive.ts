import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

import { EnvHttpProxyAgent, fetch } from 'undici';

import { removeLeftovers } from './cache.ts';
import type { ArchiveRelease, Platform } from './release.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const WORK_PREFIX = '.archive-';
const DOWNLOAD_TIMEOUT_MS = 15 * 60_000;

/**
 * Downloads the archive for `platform` and puts its binaries into `folder`, after its checksum was found to be right.
 * The folder exists and the caller holds the archive's lock.
 *
 * @throws Error when there is no archive for the platform, it cannot be had, or it is not the one that was pinned.
 */
export async function installArchive(archive: ArchiveRelease, platform: Platform, folder: string): Promise<void> {
  const expected = archive.sha512[platform];
  if (expected === undefined) throw new Error(`there is no archive for ${platform}`);
  await removeLeftovers(folder, WORK_PREFIX);
  const work = await mkdtemp(join(folder, WORK_PREFIX));
  try {
    const file = join(work, 'archive.tar.gz');
    const actual = await download(archive.url(platform), file);
    if (actual !== expected) throw new Error(`its SHA-512 is ${actual}, not the pinned ${expected}`);
    await promisify(execFile)('tar', ['-xzf', file, '-C', work]);
    for (const name of archive.binaries) {
      const unpacked = join(work, archive.folder, name);
      await chmod(unpacked, 0o755);
      await rename(unpacked, join(folder, name));
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** @returns the SHA-512 of what was written to `file`, in hex. */
async function download(url: string, file: string): Promise<string> {
  const dispatcher = new EnvHttpProxyAgent({ connect: { timeout: CONNECT_TIMEOUT_MS } });
  try {
    const response = await fetch(url, { dispatcher, signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    const hash = createHash('sha512');
    const hashing = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(response.body), hashing, createWriteStream(file));
    return hash.digest('hex');
  } finally {
    await dispatcher.destroy();
  }
}
