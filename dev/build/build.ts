/**
 * `node dev/build/build.ts` writes `dist/main.js`, the whole operator in one file, with its source map, its bill of
 * materials and the notices of those whose work is in it.
 */
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { build } from 'esbuild';

import { accompany, type Ingredients } from '../supply-chain/accompany.ts';
import { narrow } from './narrow.ts';

const root = join(import.meta.dirname, '../..');

export interface BundleOptions {
  /** The file to start from. Default: `src/main.ts`. */
  readonly entry?: string;
  /** True: warnings are not printed (errors reject either way). */
  readonly quiet?: boolean;
}

export interface Bundle extends Ingredients {
  readonly bytes: number;
}

/**
 * Bundles the operator and all packages it uses into `<outdir>/main.js`. Rejects with esbuild's messages when an import
 * cannot be resolved.
 */
export const buildBundle = async (
  outdir: string,
  { entry = 'src/main.ts', quiet = false }: BundleOptions = {},
): Promise<Bundle> => {
  const path = join(outdir, 'main.js');
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: path,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    sourcemap: 'linked',
    // Names stay as they are, for stack traces and heap snapshots. Keeping those that esbuild changes (`keepNames`) would
    // set each function's name at the start, which takes 2 MB.
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 160,
    plugins: [narrow],
    legalComments: 'external',
    metafile: true,
    logLevel: quiet ? 'silent' : 'warning',
    define: {
      __VERSION__: JSON.stringify(version),
      // Whoever asks for it chooses between colours for a developer's terminal and nothing.
      'process.env.NODE_ENV': '"production"',
    },
    // CommonJS packages inside the bundle call require() for Node's own modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
  });
  const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined);
  const inputs = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return {
    path,
    bytes: (await stat(path)).size,
    inputs: inputs.map(([input]) => input).toSorted(),
    legalComments: await takeLegalComments(path),
  };
};

/** esbuild writes a file for them where there are any; they go into the notices. */
async function takeLegalComments(path: string): Promise<string> {
  const file = `${path}.LEGAL.txt`;
  const comments = await readFile(file, 'utf8').catch(() => '');
  await rm(file, { force: true });
  return comments;
}

if (import.meta.main) {
  const bundle = await buildBundle(join(root, 'dist'));
  const { packages } = await accompany(bundle, root);
  const size = (bundle.bytes / 1e6).toFixed(1);
  process.stdout.write(`${bundle.path}: ${size} MB, with the code of ${String(packages.length)} packages\n`);
}
