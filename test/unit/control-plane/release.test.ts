import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { GO_VERSION } from '../../../dev/control-plane/go-build.ts';
import { ENVTEST_ARCHIVE, GO_PACKAGES, GO_RELEASE, platformOf } from '../../../dev/control-plane/release.ts';

const goMod = readFileSync(new URL('../../../dev/control-plane/go/go.mod', import.meta.url), 'utf8');

describe('the pinned release', () => {
  it('is the one that go.mod requires', () => {
    expect(/^\tk8s\.io\/kubernetes (\S+)/m.exec(goMod)?.[1]).toBe(GO_RELEASE);
  });

  it('has every staging module pinned at the same release', () => {
    const pinned = [...goMod.matchAll(/^\tk8s\.io\/\S+ => k8s\.io\/\S+ (\S+)$/gm)].map((match) => match[1]);
    expect(pinned.length).toBeGreaterThan(25);
    expect(new Set(pinned)).toEqual(new Set([GO_RELEASE.replace(/^v1\./, 'v0.')]));
  });

  it('names the packages that go.mod declares as tools', () => {
    const tools = /^tool \(\n([\s\S]*?)\n\)/m
      .exec(goMod)?.[1]
      ?.split('\n')
      .map((line) => line.trim());
    expect(tools?.toSorted()).toEqual(Object.values(GO_PACKAGES).toSorted());
  });

  it('is built with the Go that go.mod asks for', () => {
    expect(/^go (\S+)$/m.exec(goMod)?.[1]).toBe(`${GO_VERSION.major}.${GO_VERSION.minor}.0`);
  });

  it('shares its minor version with the archive, so that either serves the same API', () => {
    const minorOf = (release: string): string => release.split('.').slice(0, 2).join('.');
    expect(minorOf(ENVTEST_ARCHIVE.release)).toBe(minorOf(GO_RELEASE));
  });
});

describe('the archive', () => {
  it.each(['linux-amd64', 'linux-arm64', 'darwin-amd64', 'darwin-arm64'])('has a checksum for %s', (platform) => {
    expect(ENVTEST_ARCHIVE.sha512[platform]).toMatch(/^[0-9a-f]{128}$/);
  });

  it('is fetched from the release that it belongs to', () => {
    expect(ENVTEST_ARCHIVE.url('linux-amd64').split(ENVTEST_ARCHIVE.release)).toHaveLength(3);
  });
});

describe('the platform', () => {
  it.each([
    ['linux', 'x64', 'linux-amd64'],
    ['linux', 'arm64', 'linux-arm64'],
    ['darwin', 'x64', 'darwin-amd64'],
    ['darwin', 'arm64', 'darwin-arm64'],
  ] as const)('of %s on %s is %s', (os, processor, platform) => {
    expect(platformOf(os, processor)).toBe(platform);
  });

  it.each([
    ['win32', 'x64'],
    ['linux', 'ia32'],
  ] as const)('refuses %s on %s, naming what is served', (os, processor) => {
    expect(() => platformOf(os, processor)).toThrow(/Linux and macOS on amd64 and arm64/);
  });
});
