/**
 * Writes `docs/licences.md` from what the bundle is made of.
 *
 * `node dev/supply-chain/licences-page.ts` writes the file; with `--check` it writes nothing, and exits with 1 when the
 * file is not what is in the bundle.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { format, resolveConfig } from 'prettier';

import { buildBundle } from '../build/build.ts';
import { code, table } from '../docs/table.ts';
import { writeOrCheck } from '../generate/generated-file.ts';
import { type BundledPackage, bundledPackages } from './bundled-packages.ts';
import { ACCEPTED_LICENCES } from './licences.ts';

const root = join(import.meta.dirname, '../..');
const target = join(root, 'docs/licences.md');

/** The text that `docs/licences.md` should have. */
export async function licencesPage(packages: readonly BundledPackage[]): Promise<string> {
  const rows = packages.map(({ name, version, licence }) => [code(name), version, licence]);
  const text = `# Licences

<!-- Generated from what is in the bundle by \`node dev/supply-chain/licences-page.ts\`; do not edit. -->

The operator is under the [MIT licence](../LICENSE). Its bundle contains code of ${String(packages.length)} packages, under licences that
let it be passed on with their texts: ${[...ACCEPTED_LICENCES].join(', ')}. A package under any other fails the tests.

The texts are in the image, in \`/licenses/THIRD-PARTY-NOTICES.txt\`, and \`npm run build\` writes them to \`dist/\`, with the bill
of materials (\`sbom.cdx.json\`, CycloneDX 1.6). Node itself, and the few packages of Debian below it, come with the
[base image](../Dockerfile), which has their licences in \`/usr/share/doc\`.

${table(['Package', 'Version', 'Licence'], rows)}
`;
  return format(text, { ...(await resolveConfig(target)), parser: 'markdown' });
}

/** What is in the operator's bundle, by building it. */
async function packagesOfOperator(): Promise<readonly BundledPackage[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  try {
    const { inputs } = await buildBundle(folder, { quiet: true });
    return await bundledPackages(inputs, root);
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (import.meta.main) {
  await writeOrCheck(target, await licencesPage(await packagesOfOperator()));
}
