/** What is published of a release, and how the builder is asked for it. */

export interface Release {
  /** Of package.json. */
  readonly version: string;
  /** Where the image goes, without a tag. */
  readonly image: string;
  /** Address of the repository. */
  readonly source: string;
  /** The commit. */
  readonly revision: string;
  /** When it was made, in seconds since 1970. */
  readonly committedAt: number;
}

/** What GitHub tells a workflow. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Kubernetes nodes of Azure are of these. */
const PLATFORMS = 'linux/amd64,linux/arm64';

/**
 * @param version of package.json
 * @throws Error when the tag is not that of the version, or something is not told
 */
export function releaseOf(environment: Environment, version: string, committedAt: number): Release {
  const told = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') throw new Error(`${name} is not set`);
    return value;
  };
  const tag = told('GITHUB_REF_NAME');
  if (tag !== `v${version}`) throw new Error(`the tag ${tag} is not that of version ${version}`);
  const repository = told('GITHUB_REPOSITORY');
  return {
    version,
    // Registries take no capitals.
    image: `ghcr.io/${repository.toLowerCase()}`,
    source: `${told('GITHUB_SERVER_URL')}/${repository}`,
    revision: told('GITHUB_SHA'),
    committedAt,
  };
}

/** Arguments of `docker buildx`; with the time of the commit for all times, who builds it again gets the same layers. */
export function buildArguments(release: Release, metadataFile: string): readonly string[] {
  const { version, image, source, revision, committedAt } = release;
  const labels = {
    VERSION: version,
    SOURCE: source,
    REVISION: revision,
    CREATED: new Date(committedAt * 1000).toISOString().replace('.000Z', 'Z'),
    SOURCE_DATE_EPOCH: String(committedAt),
  };
  return [
    'build',
    `--platform=${PLATFORMS}`,
    ...Object.entries(labels).map(([name, value]) => `--build-arg=${name}=${value}`),
    // Of the whole image, with the packages of its base.
    '--sbom=true',
    '--provenance=mode=max',
    `--output=type=image,name=${image}:${version},push=true,rewrite-timestamp=true`,
    `--metadata-file=${metadataFile}`,
    '.',
  ];
}

/**
 * The manifest, with the image by its digest wherever it has it by its tag.
 * @throws Error where it does not have the image
 */
export function withDigest(manifest: string, { version, image }: Release, digest: string): string {
  const written = `image: vmss-identity-operator:${version}\n`;
  if (!manifest.includes(written)) throw new Error(`the manifest has no line "${written.trim()}"`);
  return manifest.replaceAll(written, `image: ${image}@${digest}\n`);
}
