import { describe, expect, it } from 'vitest';

import { parseDockerfile } from '../../../dev/image/dockerfile.ts';
import { describeImage } from '../../../dev/image/image.ts';
import { buildArguments, releaseOf, withDigest } from '../../../dev/image/publication.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { readRepositoryFile } from '../checks/repository.ts';

const GITHUB = {
  GITHUB_REF_NAME: 'v1.2.3',
  GITHUB_REPOSITORY: 'Example/Operator',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
};
const COMMITTED_AT = Date.UTC(2026, 11, 1, 12) / 1000;
const release = releaseOf(GITHUB, '1.2.3', COMMITTED_AT);
const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('a release', () => {
  it('goes where its repository is, in small letters', () => {
    expect(release).toEqual({
      version: '1.2.3',
      image: 'ghcr.io/example/operator',
      source: 'https://github.com/Example/Operator',
      revision: GITHUB.GITHUB_SHA,
      committedAt: COMMITTED_AT,
    });
  });

  it('is refused under the tag of another version', () => {
    expect(() => releaseOf(GITHUB, '1.2.4', COMMITTED_AT)).toThrow('the tag v1.2.3 is not that of version 1.2.4');
  });

  it('is refused where something is not told', () => {
    expect(() => releaseOf({ ...GITHUB, GITHUB_SHA: '' }, '1.2.3', COMMITTED_AT)).toThrow('GITHUB_SHA is not set');
  });
});

describe('the builder', () => {
  const args = buildArguments(release, '/metadata.json');

  it('is asked for every platform, and for what tells of the build', () => {
    expect(args).toContain('--platform=linux/amd64,linux/arm64');
    expect(args).toContain('--output=type=image,name=ghcr.io/example/operator:1.2.3,push=true,rewrite-timestamp=true');
    expect(args).toEqual(expect.arrayContaining(['--sbom=true', '--provenance=mode=max']));
  });

  it('is given what the labels of the Dockerfile ask for', () => {
    const given = args.filter((arg) => arg.startsWith('--build-arg=')).map((arg) => arg.slice('--build-arg='.length));
    const values = Object.fromEntries<string>(given.map((each) => each.split(/=(.*)/s) as [string, string]));
    const { labels } = describeImage(parseDockerfile(readRepositoryFile('Dockerfile') ?? '', values));
    expect(labels).toMatchObject({
      'org.opencontainers.image.version': '1.2.3',
      'org.opencontainers.image.source': 'https://github.com/Example/Operator',
      'org.opencontainers.image.revision': GITHUB.GITHUB_SHA,
      'org.opencontainers.image.created': '2026-12-01T12:00:00Z',
    });
  });
});

describe('the manifest of a release', () => {
  it('has the image by its digest', () => {
    const manifest = 'containers:\n  - name: operator\n    image: vmss-identity-operator:1.2.3\n    args: []\n';
    expect(withDigest(manifest, release, DIGEST)).toBe(
      `containers:\n  - name: operator\n    image: ghcr.io/example/operator@${DIGEST}\n    args: []\n`,
    );
  });

  it('is deploy/install.yaml, which has the image of the version that the package has', () => {
    const { version } = packageJson;
    const manifest = withDigest(readRepositoryFile('deploy/install.yaml') ?? '', { ...release, version }, DIGEST);
    expect(manifest.match(/^ +image: .*$/gm)?.map((line) => line.trim())).toEqual([
      `image: ghcr.io/example/operator@${DIGEST}`,
    ]);
  });

  it('is refused where it has not the image of this version', () => {
    expect(() => withDigest('image: vmss-identity-operator:1.2.2\n', release, DIGEST)).toThrow('has no line');
  });
});
