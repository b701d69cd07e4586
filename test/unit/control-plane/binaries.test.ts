import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { BinariesUnavailableError, ensureBinaries, type EnsureOptions } from '../../../dev/control-plane/binaries.ts';
import { cacheFolder } from '../../../dev/control-plane/cache.ts';
import { type BinaryName, ENVTEST_ARCHIVE, GO_RELEASE } from '../../../dev/control-plane/release.ts';
import { temporaryFolder } from './temporary-folder.ts';

const platform = 'linux-amd64';

function install(folder: string, ...names: readonly BinaryName[]): void {
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    writeFileSync(join(folder, name), '');
    chmodSync(join(folder, name), 0o755);
  }
}

/** An empty cache, no network, and a builder that notes what it is asked for. */
function machine(): {
  readonly options: EnsureOptions;
  readonly built: string[];
  readonly said: string[];
  home: string;
} {
  const home = temporaryFolder();
  const built: string[] = [];
  const said: string[] = [];
  return {
    home,
    built,
    said,
    options: {
      env: { HOME: home, CI: 'true' },
      platform,
      progress: (line) => said.push(line),
      build: async (name, folder) => {
        built.push(name);
        install(folder, name);
      },
    },
  };
}

describe('the binaries', () => {
  it('come from KUBEBUILDER_ASSETS when that has all of them', async () => {
    const { options, built, said } = machine();
    const assets = temporaryFolder();
    install(assets, 'etcd', 'kubectl');
    const env = { ...options.env, KUBEBUILDER_ASSETS: assets };
    expect(await ensureBinaries(['etcd', 'kubectl'], { ...options, env })).toEqual({
      etcd: join(assets, 'etcd'),
      kubectl: join(assets, 'kubectl'),
    });
    expect({ built, said }).toEqual({ built: [], said: [] });
  });

  it('never come from two places, so that releases do not mix', async () => {
    const { options, home } = machine();
    const assets = temporaryFolder();
    install(assets, 'etcd');
    const env = { ...options.env, KUBEBUILDER_ASSETS: assets };
    const cache = cacheFolder(GO_RELEASE, platform, { HOME: home });
    expect(await ensureBinaries(['etcd', 'kubectl'], { ...options, env })).toEqual({
      etcd: join(cache, 'etcd'),
      kubectl: join(cache, 'kubectl'),
    });
  });

  it('come from the cache without a word', async () => {
    const { options, home, built, said } = machine();
    const cache = cacheFolder(GO_RELEASE, platform, { HOME: home });
    install(cache, 'kubectl');
    expect(await ensureBinaries(['kubectl'], options)).toEqual({ kubectl: join(cache, 'kubectl') });
    expect({ built, said }).toEqual({ built: [], said: [] });
  });

  it('come from an archive that was unpacked before', async () => {
    const { options, home } = machine();
    const cache = cacheFolder(ENVTEST_ARCHIVE.release, platform, { HOME: home });
    install(cache, 'kubectl');
    expect(await ensureBinaries(['kubectl'], options)).toEqual({ kubectl: join(cache, 'kubectl') });
  });

  it('are built one by one, only those that are missing', async () => {
    const { options, built, home } = machine();
    install(cacheFolder(GO_RELEASE, platform, { HOME: home }), 'etcd');
    await ensureBinaries(['etcd', 'kube-apiserver', 'kubectl'], options);
    expect(built).toEqual(['kube-apiserver', 'kubectl']);
  });

  it('are kept below XDG_CACHE_HOME when that is set', async () => {
    const { options } = machine();
    const xdg = temporaryFolder();
    const { kubectl } = await ensureBinaries(['kubectl'], { ...options, env: { ...options.env, XDG_CACHE_HOME: xdg } });
    expect(kubectl).toBe(join(xdg, 'vmss-identity-operator', 'control-plane', `${GO_RELEASE}-${platform}`, 'kubectl'));
  });

  it('are announced before a build: what, why, how long, and the faster way', async () => {
    const { options, said } = machine();
    await ensureBinaries(['etcd', 'kube-apiserver'], options);
    const announcement = said.slice(0, 2).join(' ');
    expect(announcement).toMatch(/not yet on this machine: etcd and kube-apiserver/);
    expect(announcement).toMatch(/about \d+ min/);
    expect(announcement).toMatch(/KUBEBUILDER_ASSETS/);
  });

  it('leave no lock behind', async () => {
    const { options, home } = machine();
    await ensureBinaries(['etcd'], options);
    expect(readdirSync(cacheFolder(GO_RELEASE, platform, { HOME: home }))).toEqual(['etcd']);
  });

  it('that cannot be had are an error that names every way and why it failed', async () => {
    const { options } = machine();
    const build = (): Promise<void> => Promise.reject(new Error('no go was found'));
    const failure = ensureBinaries(['etcd'], { ...options, build });
    await expect(failure).rejects.toThrow(BinariesUnavailableError);
    await expect(failure).rejects.toThrow(
      /1\. KUBEBUILDER_ASSETS .*not set\n.*2\. the cache: .*\n.*3\. the cache: .*\n.*4\. https:.*: not tried, because CI is set\n.*5\. built from Go modules: no go was found/,
    );
  });
});

describe('two processes that want the same binary at once', () => {
  it('build it once', async () => {
    const home = temporaryFolder();
    const script = new URL('./fixtures/ensure-with-slow-builder.ts', import.meta.url).pathname;
    const children = [1, 2].map(() =>
      spawn(process.execPath, [script, platform], {
        env: { HOME: home, CI: 'true', PATH: process.env['PATH'] },
        stdio: ['pipe', 'inherit', 'inherit'],
      }),
    );
    const exits = children.map((child) => once(child, 'exit'));
    const log = join(home, 'builds');
    await expect.poll(() => existsSync(log), { timeout: 30_000 }).toBe(true);
    for (const child of children) child.stdin.end();
    expect(await Promise.all(exits)).toEqual([
      [0, null],
      [0, null],
    ]);
    expect(readFileSync(log, 'utf8')).toBe('etcd\n');
  });
});
