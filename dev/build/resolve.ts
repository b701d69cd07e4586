import type { OnResolveArgs, OnResolveResult, PluginBuild } from 'esbuild';

const ASKED = Symbol('asked by a plugin');

/** Whether a file asks that lies anywhere below a folder of this path. */
export function isAskedBelow({ importer }: Pick<OnResolveArgs, 'importer'>, folder: string): boolean {
  return importer.includes(`/${folder}/`);
}

/** As esbuild would have it. Undefined for what is asked here, and where nothing is found, which esbuild tells itself. */
export async function resolved(build: PluginBuild, asked: OnResolveArgs): Promise<OnResolveResult | undefined> {
  if (asked.pluginData === ASKED) return undefined;
  const { path, kind, importer, namespace, resolveDir } = asked;
  const found = await build.resolve(path, { kind, importer, namespace, resolveDir, pluginData: ASKED });
  return found.errors.length > 0 ? undefined : { path: found.path };
}
