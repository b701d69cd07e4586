/** Packages that are run when something of theirs is first used, and not when they are imported. */
import { pathToFileURL } from 'node:url';

import type { PluginBuild } from 'esbuild';

import { isAskedBelow, resolved } from './resolve.ts';

const CLIENT_NODE = 'node_modules/@kubernetes/client-node';
const AZURE_HTTP = 'node_modules/@typespec/ts-http-runtime';
const OUR_KUBE = 'src/kube';

/** By what asks for them: ways to be let in, or to get there, that most never need. Only their named exports are there. */
const PUT_OFF: ReadonlyMap<string, readonly string[]> = new Map([
  ['hpagent', [CLIENT_NODE]],
  ['js-yaml', [CLIENT_NODE]],
  ['jsonpath-plus', [CLIENT_NODE]],
  ['openid-client', [CLIENT_NODE]],
  ['socks', [CLIENT_NODE]],
  ['socks-proxy-agent', [CLIENT_NODE, OUR_KUBE]],
  ['http-proxy-agent', [AZURE_HTTP, OUR_KUBE]],
  ['https-proxy-agent', [AZURE_HTTP, OUR_KUBE]],
  ['@opentelemetry/api', ['node_modules/prom-client']],
]);

const NAMESPACE = 'put-off';

export function putOff(build: PluginBuild): void {
  build.onResolve({ filter: new RegExp(`^(?:${[...PUT_OFF.keys()].join('|')})$`) }, async (asked) => {
    const folders = PUT_OFF.get(asked.path) ?? [];
    if (!folders.some((folder) => isAskedBelow(asked, folder))) return undefined;
    const found = await resolved(build, asked);
    return found && { path: asked.path, namespace: NAMESPACE, pluginData: found.path };
  });
  build.onLoad({ filter: /./, namespace: NAMESPACE }, async ({ pluginData }) => {
    const path = pluginData as string;
    return { contents: gettersOf(path, await namesIn(path)), resolveDir: '/' };
  });
}

/** esbuild runs a module that is required when it is required for the first time, whatever its format. */
function gettersOf(path: string, names: readonly string[]): string {
  const getters = names.map((name) => `get ${name}() { return require(${JSON.stringify(path)}).${name}; }`);
  return `module.exports = {\n${getters.join(',\n')}\n};`;
}

async function namesIn(path: string): Promise<readonly string[]> {
  const module = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  return Object.keys(module).filter((name) => /^[A-Za-z$][\w$]*$/.test(name) && name !== 'default');
}
