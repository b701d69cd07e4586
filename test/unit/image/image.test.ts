import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { filesBelow, isInContext } from '../../../dev/image/build-context.ts';
import { parseDockerfile } from '../../../dev/image/dockerfile.ts';
import { copyOf, describeImage } from '../../../dev/image/image.ts';
import { NODE_FLAGS_AS_SHIPPED } from '../../../dev/stage/operator-command.ts';
import packageJson from '../../../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const stages = parseDockerfile(read('Dockerfile'));
const image = describeImage(stages);
const [build] = stages;

interface Container {
  readonly image: string;
  readonly ports: readonly { readonly containerPort: number }[];
  readonly securityContext: unknown;
}
interface Deployment {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: [Container]; securityContext: object } };
  };
}

describe('the image', () => {
  const PINNED = /^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/;

  it('is made on images that cannot change, with the Node that everything is tested with', () => {
    expect(stages.map((stage) => stage.image).filter((each) => !PINNED.test(each))).toEqual([]);
    const { node } = packageJson.devDependencies;
    expect(build?.image).toContain(`node:${node}-`);
    expect(image.base).toContain(`/nodejs${node.split('.')[0]!}-`);
  });

  it('has two stages, of which only the one that is thrown away runs commands, on the platform of the builder', () => {
    expect(stages).toHaveLength(2);
    expect(read('Dockerfile')).toContain('FROM --platform=$BUILDPLATFORM ');
    expect(stages.at(-1)?.platform).toBeUndefined();
    expect(stages.at(-1)?.instructions.filter(({ keyword }) => keyword === 'RUN')).toEqual([]);
  });

  it('takes other bases by arguments', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const mirrored = parseDockerfile(read('Dockerfile'), {
      RUNTIME_IMAGE: 'registry.example.com/nodejs24:nonroot',
      RUNTIME_DIGEST: digest,
    });
    const { base, labels } = describeImage(mirrored);
    expect(base).toBe(`registry.example.com/nodejs24:nonroot@${digest}`);
    expect(labels['org.opencontainers.image.base.name']).toBe('registry.example.com/nodejs24:nonroot');
    expect(labels['org.opencontainers.image.base.digest']).toBe(digest);
  });

  it('says what it is', () => {
    expect(Object.keys(image.labels).map((label) => label.replace('org.opencontainers.image.', ''))).toEqual([
      'title',
      'description',
      'licenses',
      'version',
      'source',
      'revision',
      'created',
      'base.name',
      'base.digest',
    ]);
    expect(image.labels).toMatchObject({
      'org.opencontainers.image.title': packageJson.name,
      'org.opencontainers.image.licenses': packageJson.license,
      'org.opencontainers.image.version': packageJson.version,
    });
  });

  it('has the bundle, without its source map, and the licences', () => {
    expect(image.copies).toEqual([
      { from: 'build', sources: ['/src/dist/main.js'], target: '/app/' },
      { from: 'build', sources: ['/src/LICENSE', '/src/dist/THIRD-PARTY-NOTICES.txt'], target: '/licenses/' },
    ]);
  });

  it('starts Node as benchmarks and soaks do', () => {
    expect(image.entrypoint).toEqual(['/nodejs/bin/node', ...NODE_FLAGS_AS_SHIPPED, '/app/main.js']);
  });

  it('is run by the Deployment as its own user, on its own port, and with nothing to be changed in it', () => {
    const { spec } = (parse(read('deploy/base/deployment.yaml')) as Deployment).spec.template;
    const [container] = spec.containers;
    const { uid, gid } = image;
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: uid, runAsGroup: gid });
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.ports.map(({ containerPort }) => containerPort)).toEqual(image.ports);
    expect(container.image).toBe(`${packageJson.name}:${packageJson.version}`);
  });
});

describe('what the builder is given', () => {
  const ignore = read('.dockerignore');

  it('is what the stage copies, whole, and nothing else', async () => {
    const copied = build!.instructions
      .filter(({ keyword }) => keyword === 'COPY')
      .flatMap(({ value, flags }) => copyOf(value, flags, '/src').sources);
    const files = (await Promise.all(copied.map((path) => filesBelow(ROOT, path)))).flat();
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((path) => !isInContext(path, ignore))).toEqual([]);
    const allowed = ignore.split('\n').filter((line) => line.startsWith('!'));
    expect(allowed.map((line) => line.slice(1)).toSorted()).toEqual(copied.toSorted());
  });

  it.each(['.git/config', '.github/workflows/ci.yml', 'dist/main.js', 'node_modules/a/index.js', 'test/a.ts', '.env'])(
    'does not have %s',
    (path) => {
      expect(isInContext(path, ignore)).toBe(false);
    },
  );
});

describe('a .dockerignore', () => {
  it('means by its last line that fits', () => {
    const lines = '*\n!src\nsrc/secret\n# a comment\n\n!src/secret/not.txt';
    const paths = ['src/a.ts', 'src/deep/b.ts', 'src/secret/c', 'src/secret/not.txt', 'other'];
    expect(paths.filter((path) => isInContext(path, lines))).toEqual([
      'src/a.ts',
      'src/deep/b.ts',
      'src/secret/not.txt',
    ]);
  });
});
