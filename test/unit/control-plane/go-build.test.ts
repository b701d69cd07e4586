import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { duration, goBuild, isNewEnough, linkerFlags, usualMinutes } from '../../../dev/control-plane/go-build.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A `go` that does what the script says instead of building. */
function fakeGo(folder: string, script: string): string {
  const path = join(folder, 'go');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('the version of Go', () => {
  it.each(['go1.26', 'go1.26.8', 'go1.27rc1', 'go2.0'])('%s is new enough', (version) => {
    expect(isNewEnough(version)).toBe(true);
  });

  it.each(['go1.25.9', 'go1.9', 'devel +abc', ''])('%j is not', (version) => {
    expect(isNewEnough(version)).toBe(false);
  });
});

describe('the linker flags', () => {
  it('strip the binary and stamp the release into both version packages', () => {
    const flags = linkerFlags('v1.36.3').split(' -X ');
    expect(flags[0]).toBe('-s -w');
    for (const name of ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']) {
      expect(flags).toContain(`${name}.gitVersion=v1.36.3`);
      expect(flags).toContain(`${name}.gitMajor=1`);
      expect(flags).toContain(`${name}.gitMinor=36`);
    }
  });
});

describe('a build', () => {
  it('puts the binary into the folder and leaves nothing else there', async () => {
    const [folder, tools] = [temporaryFolder(), temporaryFolder()];
    const copiesItself = 'while [ "$1" != -o ]; do shift; done; cp "$0" "$2"';
    await goBuild(fakeGo(tools, copiesItself), 'kubectl', folder, process.env, () => undefined);
    expect(readdirSync(folder)).toEqual(['kubectl']);
  });

  it('takes versions from go.sum alone, whatever the user configured', async () => {
    const [folder, tools] = [temporaryFolder(), temporaryFolder()];
    const env = { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'auto', GOWORK: '/elsewhere' };
    const printsAndFails = 'echo "$GOFLAGS $GOTOOLCHAIN $GOWORK $CGO_ENABLED"; exit 1';
    await expect(goBuild(fakeGo(tools, printsAndFails), 'etcd', folder, env, () => undefined)).rejects.toThrow(
      '-mod=readonly local off 0',
    );
  });

  it('fails with the end of what the compiler said, and leaves nothing', async () => {
    const [folder, tools] = [temporaryFolder(), temporaryFolder()];
    const go = fakeGo(tools, 'echo "syntax error" >&2; exit 2');
    await expect(goBuild(go, 'etcd', folder, process.env, () => undefined)).rejects.toThrow(
      'go build ended with 2:\nsyntax error',
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('what people are told', () => {
  it('counts the minutes of all that is missing', () => {
    expect(usualMinutes(['etcd', 'kube-apiserver'])).toBeGreaterThan(usualMinutes(['etcd']));
  });

  it.each([
    [400, '0 s'],
    [59_000, '59 s'],
    [59_600, '1 min 0 s'],
    [150_000, '2 min 30 s'],
  ])('says %d ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});
