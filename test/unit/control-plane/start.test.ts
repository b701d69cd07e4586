import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { startControlPlane } from '../../../dev/control-plane/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Notes in the file of the test where it runs and which arguments it got. */
const NOTES = 'notes';
let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv('KUBEBUILDER_ASSETS', folder);
  install('etcd', 'exec sleep 3600');
  install('kubectl', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function install(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\necho "$PWD $*" >> ${join(folder, NOTES)}-${name}\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

/** One line for each time that the component was started. */
function startsOf(name: string): readonly string[] {
  return readFileSync(join(folder, `${NOTES}-${name}`), 'utf8')
    .trimEnd()
    .split('\n');
}

describe('a control plane that does not come up', () => {
  it('says which component ended, how, and what it said last', async () => {
    install('kube-apiserver', 'echo "unknown flag: --nonsense" >&2; exit 3');
    await expect(startControlPlane()).rejects.toThrow(
      'kube-apiserver ended with 3. The end of its log:\nunknown flag: --nonsense',
    );
    expect(startsOf('kube-apiserver')).toHaveLength(1);
  });

  it('names etcd when that is what ended', async () => {
    install('etcd', 'echo "no space left" >&2; exit 1');
    install('kube-apiserver', 'exec sleep 3600');
    await expect(startControlPlane()).rejects.toThrow('etcd ended with 1. The end of its log:\nno space left');
  });

  it('leaves no file behind', async () => {
    install('kube-apiserver', 'exit 1');
    await expect(startControlPlane()).rejects.toThrow(/kube-apiserver ended/);
    expect(existsSync(startsOf('kube-apiserver')[0]!.split(' ')[0]!)).toBe(false);
  });

  it('tries other ports, but not for ever, when somebody else takes each that was free', async () => {
    const portIsTaken = [
      'for argument; do case $argument in --secure-port=*) port=${argument#*=};; esac; done',
      'echo "failed to listen on 127.0.0.1:$port: listen tcp 127.0.0.1:$port: bind: address already in use" >&2; exit 1',
    ];
    install('kube-apiserver', portIsTaken.join('\n'));
    await expect(startControlPlane()).rejects.toThrow(/address already in use/);
    const ports = startsOf('kube-apiserver').map((line) => /--secure-port=(\d+)/.exec(line)?.[1]);
    expect(new Set(ports).size).toBe(5);
  });
});
