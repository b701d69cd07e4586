import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

import { installArchive } from '../../../dev/control-plane/archive.ts';
import { ensureBinaries } from '../../../dev/control-plane/binaries.ts';
import { cacheFolder } from '../../../dev/control-plane/cache.ts';
import type { ArchiveRelease } from '../../../dev/control-plane/release.ts';
import { temporaryFolder } from './temporary-folder.ts';

const platform = 'linux-amd64';

beforeEach(() => {
  vi.stubEnv('NO_PROXY', '127.0.0.1');
  vi.stubEnv('no_proxy', '127.0.0.1');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** An archive laid out like envtest's, with a kubectl that is a line of text. */
function pack(): Buffer {
  const folder = temporaryFolder();
  const inside = join(folder, 'controller-tools', 'envtest');
  mkdirSync(inside, { recursive: true });
  writeFileSync(join(inside, 'kubectl'), 'the binary');
  const file = join(folder, 'archive.tar.gz');
  execFileSync('tar', ['-czf', file, '-C', folder, 'controller-tools']);
  return readFileSync(file);
}

async function serve(status: number, content: Buffer): Promise<{ readonly url: string; readonly requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.writeHead(status).end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/archive.tar.gz`, requests };
}

function archiveAt(url: string, content: Buffer): ArchiveRelease {
  const sha512 = createHash('sha512').update(content).digest('hex');
  return {
    release: 'v1.36.2',
    url: () => url,
    sha512: { [platform]: sha512 },
    folder: 'controller-tools/envtest',
    binaries: ['kubectl'],
  };
}

describe('the archive', () => {
  it('is unpacked when its checksum is right', async () => {
    const content = pack();
    const { url } = await serve(200, content);
    const folder = temporaryFolder();
    await installArchive(archiveAt(url, content), platform, folder);
    expect(readdirSync(folder)).toEqual(['kubectl']);
    expect(readFileSync(join(folder, 'kubectl'), 'utf8')).toBe('the binary');
  });

  it('is refused when its checksum is not the pinned one, and leaves nothing', async () => {
    const content = pack();
    const { url } = await serve(200, Buffer.concat([content, Buffer.from('!')]));
    const folder = temporaryFolder();
    await expect(installArchive(archiveAt(url, content), platform, folder)).rejects.toThrow(/not the pinned/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is refused when the server has none', async () => {
    const content = pack();
    const { url } = await serve(404, content);
    await expect(installArchive(archiveAt(url, content), platform, temporaryFolder())).rejects.toThrow('HTTP 404');
  });

  it('is not asked for on a platform it was not made for', async () => {
    const content = pack();
    const { url, requests } = await serve(200, content);
    await expect(installArchive(archiveAt(url, content), 'linux-s390x', temporaryFolder())).rejects.toThrow(
      'there is no archive for linux-s390x',
    );
    expect(requests).toEqual([]);
  });
});

describe('the binaries', () => {
  it('come from the archive when they are in it', async () => {
    const content = pack();
    const { url } = await serve(200, content);
    const archive = archiveAt(url, content);
    const env = { HOME: temporaryFolder() };
    const paths = await ensureBinaries(['kubectl'], { env, platform, archive, progress: () => undefined });
    expect(paths.kubectl).toBe(join(cacheFolder(archive.release, platform, env), 'kubectl'));
  });

  it('are built when the archive cannot be had', async () => {
    const content = pack();
    const { url } = await serve(503, content);
    const built: string[] = [];
    const build = async (name: string): Promise<void> => {
      built.push(name);
    };
    const env = { HOME: temporaryFolder() };
    const archive = archiveAt(url, content);
    await ensureBinaries(['kubectl'], { env, platform, archive, build, progress: () => undefined });
    expect(built).toEqual(['kubectl']);
  });

  it.each([
    ['CI is set', { CI: '1' }, ['kubectl'] as const],
    ['the archive does not have all of them', {}, ['kubectl', 'kube-controller-manager'] as const],
  ])('are not downloaded when %s', async (_when, env, names) => {
    const content = pack();
    const { url, requests } = await serve(200, content);
    const build = async (): Promise<void> => undefined;
    await ensureBinaries(names, {
      env: { HOME: temporaryFolder(), ...env },
      platform,
      archive: archiveAt(url, content),
      build,
      progress: () => undefined,
    });
    expect(requests).toEqual([]);
  });
});
