/**
 * `node dev/image/publish.ts`, in the workflow of a release: builds the image and pushes it, makes sure that the bundle in
 * it is the one that was built beside it, and writes `dist/install.yaml`, which has the image by its digest. Tells the
 * workflow `image` and `digest`.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import packageJson from '../../package.json' with { type: 'json' };
import { buildArguments, releaseOf, withDigest } from './publication.ts';

const root = join(import.meta.dirname, '../..');
const inRoot = { cwd: root, encoding: 'utf8' } as const;
const docker = (...args: readonly string[]): string => execFileSync('docker', args, inRoot).trim();

const committedAt = Number(execFileSync('git', ['log', '-1', '--format=%ct'], inRoot));
const release = releaseOf(process.env, packageJson.version, committedAt);
const folder = mkdtempSync(join(tmpdir(), 'publish-'));
try {
  const metadataFile = join(folder, 'metadata.json');
  execFileSync('docker', ['buildx', ...buildArguments(release, metadataFile)], { cwd: root, stdio: 'inherit' });
  const metadata = JSON.parse(readFileSync(metadataFile, 'utf8')) as Readonly<Record<string, string>>;
  const digest = metadata['containerimage.digest'] ?? '';
  verifyBundle(`${release.image}@${digest}`);
  const manifest = readFileSync(join(root, 'deploy/install.yaml'), 'utf8');
  writeFileSync(join(root, 'dist/install.yaml'), withDigest(manifest, release, digest));
  appendFileSync(process.env['GITHUB_OUTPUT'] ?? '', `image=${release.image}\ndigest=${digest}\n`);
} finally {
  rmSync(folder, { recursive: true });
}

/** What was tested is what is shipped: two builds of the same sources are the same. */
function verifyBundle(image: string): void {
  const container = docker('create', image);
  try {
    docker('cp', `${container}:/app/main.js`, join(folder, 'main.js'));
  } finally {
    docker('rm', container);
  }
  const [shipped, built] = [join(folder, 'main.js'), join(root, 'dist/main.js')].map((path) => readFileSync(path));
  if (shipped === undefined || built?.equals(shipped) !== true) throw new Error(`${image} has another bundle`);
}
