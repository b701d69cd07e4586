import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { findGo } from '../control-plane/go-build.ts';

/** A Go module of which only files are wanted: definitions of kinds, for example. */
export interface GoModule {
  readonly path: string;
  readonly version: string;
  /** Of its content, as `go.sum` has it. */
  readonly sum: string;
}

/** Where others define the kinds that are shipped here. */
export const MODULES = {
  /** The latest that Go's proxy has whole. */
  prometheusOperator: {
    path: 'github.com/prometheus-operator/prometheus-operator',
    version: 'v0.85.0',
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
  },
  kustomizeController: {
    path: 'github.com/fluxcd/kustomize-controller',
    version: 'v1.9.6',
    sum: 'h1:XB+G3A0mky0j5uVHZWv4oSlS2RvZBoNIUhstIvY0JKE=',
  },
  sourceController: {
    path: 'github.com/fluxcd/source-controller',
    version: 'v1.9.6',
    sum: 'h1:nG534/bI6nVpyHra7ONAk6xDB3xPsVT+EOLHZHXPrrc=',
  },
} as const satisfies Readonly<Record<string, GoModule>>;

/**
 * The folder with the files of the module, from Go's own cache, or downloaded into it (a few MB).
 *
 * @throws Error when it cannot be had, or is not what it should be.
 */
export async function moduleFolder(module: GoModule, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const go = await findGo(env);
  const elsewhere = await mkdtemp(join(tmpdir(), 'go-module-'));
  try {
    const { stdout } = await promisify(execFile)(go, ['mod', 'download', '-json', `${module.path}@${module.version}`], {
      cwd: elsewhere,
      env: { HOME: homedir(), ...env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local', GOWORK: 'off' },
    });
    const { Dir, Sum } = JSON.parse(stdout) as { readonly Dir: string; readonly Sum: string };
    if (Sum !== module.sum) throw new Error(`${module.path}@${module.version} is ${Sum}, and not ${module.sum}`);
    return Dir;
  } finally {
    await rm(elsewhere, { recursive: true, force: true });
  }
}
