import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../../dev/demo/wait.ts';
import { confine, obstacle } from '../../dev/image/confine.ts';
import {
  assembleRootFileSystem,
  buildRootFileSystem,
  type RootFileSystem,
  usableBuilder,
} from '../../dev/image/root-file-system.ts';
import { readyOf } from './binding.ts';
import { type Pod, startPod } from './image-pod.ts';
import type { Findings } from './image-probe.ts';
import { startWorld, type World } from './world.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const PROBE = join(import.meta.dirname, 'image-probe.ts');
/** A builder fetches the base images, and all packages. */
const BUILD_LIMIT_MS = 600_000;
/** Nobody's (RFC 5737). */
const ELSEWHERE = '192.0.2.1:443';

const why = await obstacle();
const isRoot = process.getuid?.() === 0;
const builder = await usableBuilder();

let scratch: string;
let rootFileSystem: RootFileSystem;
let world: World;
let pod: Pod;
let bystander: Server;
let bystanderAddress: string;

/** A server of the host that nothing in the image is to reach. */
async function startBystander(): Promise<void> {
  bystander = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => bystander.listen(0, '127.0.0.1', resolve));
  bystanderAddress = `127.0.0.1:${String((bystander.address() as { readonly port: number }).port)}`;
}

// Who may not make namespaces (on some systems everybody but root) is told so; root always may.
describe.skipIf(why !== undefined && !isRoot)(`the image, ${why ?? `by ${builder ?? 'hand'}`}`, () => {
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'image-'));
    rootFileSystem =
      builder === undefined
        ? await assembleRootFileSystem(REPOSITORY, process.execPath, scratch)
        : await buildRootFileSystem(builder, REPOSITORY, join(scratch, 'root'));
    await startBystander();
    world = await startWorld({ name: 'image' });
    // Only the one in the image is to work here.
    expect(await world.operator.stop()).toBe(0);
    pod = await startPod(world, rootFileSystem, join(scratch, 'volumes'));
  }, BUILD_LIMIT_MS);

  afterAll(async () => {
    pod.process.kill();
    await pod.process.ended;
    bystander.close();
    await world.close();
    await rm(scratch, { recursive: true });
  });

  it('becomes ready as the Deployment runs it', async () => {
    await eventually('the image to be ready', async () => (await pod.get('/readyz')) === 200).catch(
      (error: unknown) => {
        throw new Error(pod.process.log(), { cause: error });
      },
    );
    expect(await pod.get('/healthz')).toBe(200);
  });

  it('makes a binding ready, with the rights of its service account', async () => {
    await world.allow();
    const set = world.scaleSet('from-image', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    expect(readyOf(await binding.ready())?.reason).toBe('Assigned');
    expect(set.identities).toEqual(['one', 'theirs']);
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['theirs']);
  });

  describe('lets a program in it', () => {
    let findings: Findings;
    beforeAll(async () => {
      const { confinement } = pod;
      const probe = await confine(
        { ...confinement, published: 1, volumes: [...confinement.volumes, { from: PROBE, to: '/probe/probe.ts' }] },
        {
          command: [
            rootFileSystem.image.entrypoint[0]!,
            '/probe/probe.ts',
            '/',
            `127.0.0.1:${String(confinement.servers[0])}`,
            bystanderAddress,
            ELSEWHERE,
          ],
          environment: {},
        },
      );
      const { stdout } = await probe.ended;
      expect(probe.log()).toBe('');
      findings = JSON.parse(stdout) as Findings;
    });

    it('change nothing: no file, and no folder, not even those that everybody may write to', () => {
      const { folders, files } = findings;
      expect(Object.keys(folders)).toEqual(expect.arrayContaining(['/', '/app', '/tmp', '/home/nonroot', '/run']));
      expect(Object.keys(files)).toEqual(expect.arrayContaining(['/app/main.js', '/nodejs/bin/node', '/etc/passwd']));
      const { '/proc': _, ...written } = folders;
      expect(new Set(Object.values(written))).toEqual(new Set(['EROFS']));
      expect([...new Set(Object.values(files))].filter((code) => !/^(?:EROFS|EACCES)$/.test(code))).toEqual([]);
    });

    it('be nobody but its user, without a capability, and without a way to get one', () => {
      const { status } = findings;
      expect(status['Uid']).toBe(Array.from({ length: 4 }, () => '65532').join('\t'));
      expect(status['Gid']).toBe(Array.from({ length: 4 }, () => '65532').join('\t'));
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) expect(Number(`0x${status[set]!}`)).toBe(0);
      expect(status['NoNewPrivs']).toBe('1');
    });

    it('reach its servers, and no other address', () => {
      expect(findings.connections).toEqual({
        [`127.0.0.1:${String(pod.confinement.servers[0])}`]: 'connected',
        [bystanderAddress]: 'ECONNREFUSED',
        [ELSEWHERE]: 'ENETUNREACH',
      });
    });

    it('find only the bundle, its licences and what Node needs', () => {
      const own = Object.keys(findings.files).filter((path) => /^\/(?:app|licenses)\//.test(path));
      expect(own.toSorted()).toEqual(['/app/main.js', '/licenses/LICENSE', '/licenses/THIRD-PARTY-NOTICES.txt']);
      const programs = Object.keys(findings.files).filter((path) => /\/s?bin\//.test(path));
      if (builder === undefined) expect(programs).toEqual(['/nodejs/bin/node']);
      expect(programs.filter((path) => /\/(?:ba|da|)sh$|\/(?:npm|apt|dpkg|curl)$/.test(path))).toEqual([]);
    });
  });

  it('ends with 0 on SIGTERM, as the first process of its container', async () => {
    pod.process.signal('SIGTERM');
    expect((await pod.process.ended).exitCode).toBe(0);
    expect(pod.process.log()).toMatch(/"msg":"stopped"\}\n$/);
  });
});

describe('the probe', () => {
  it('notices what it can change, and whom it can reach, where nothing keeps it', async () => {
    await startBystander();
    const folder = await mkdtemp(join(tmpdir(), 'unconfined-'));
    try {
      await mkdir(join(folder, 'sub'));
      await writeFile(join(folder, 'file'), '');
      const { stdout } = await promisify(execFile)(process.execPath, [PROBE, folder, bystanderAddress]);
      expect(JSON.parse(stdout)).toMatchObject({
        folders: { [folder]: 'made', [join(folder, 'sub')]: 'made' },
        files: { [join(folder, 'file')]: 'opened' },
        connections: { [bystanderAddress]: 'connected' },
      });
    } finally {
      bystander.close();
      await rm(folder, { recursive: true });
    }
  });
});
