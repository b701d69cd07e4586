/**
 * What the bundle leaves out, or puts off, of packages that are built to be loaded whole. It is about resident memory: a
 * byte of source takes a byte, and ten once it is run.
 */
import { builtinModules } from 'node:module';

import type { Plugin, PluginBuild } from 'esbuild';

import { putOff } from './put-off.ts';
import { isAskedBelow, resolved } from './resolve.ts';

export const narrow: Plugin = {
  name: 'narrow',
  setup(build) {
    requireBuiltins(build);
    leaveOutUnused(build);
    putOff(build);
    leaveOutUndici(build);
    openNoBrowser(build);
    leaveOutColours(build);
  },
};

/**
 * What is imported of Node's own modules has every getter of theirs asked at once: `node:http` has one for its WebSocket,
 * for which Node loads an undici of its own, 6 MB. `require` asks for nothing.
 */
function requireBuiltins(build: PluginBuild): void {
  const namespace = 'node';
  build.onResolve({ filter: new RegExp(`^(?:node:)?(?:${builtinModules.join('|')})$`) }, ({ path, kind }) =>
    kind === 'import-statement' ? { path: path.replace(/^node:/, ''), namespace } : undefined,
  );
  build.onLoad({ filter: /./, namespace }, ({ path }) => ({ contents: `module.exports = require('node:${path}');` }));
}

/** Clients for every API of Kubernetes, of which the package does not say that they may be left out. */
function leaveOutUnused(build: PluginBuild): void {
  const name = '@kubernetes/client-node';
  build.onResolve({ filter: new RegExp(String.raw`^(?:${name}$|\.)`) }, async (asked) => {
    if (asked.path !== name && !isAskedBelow(asked, `node_modules/${name}`)) return undefined;
    const found = await resolved(build, asked);
    return found && { ...found, sideEffects: false };
  });
}

/** The Kubernetes client's way to connections of its own, which nothing here goes. */
function leaveOutUndici(build: PluginBuild): void {
  const unused = "class Unused { constructor() { throw new Error('the operator has connections of its own'); } }";
  standIn(build, 'undici', `export { Unused as Agent, Unused as ProxyAgent, Unused as fetch };\n${unused}`);
}

/** To sign a person in, which no credential here does. */
function openNoBrowser(build: PluginBuild): void {
  standIn(build, 'open', "export default () => Promise.reject(new Error('the operator opens no browser'));");
}

/** `debug` takes it where it happens to be installed, as it is for developers alone; it does without where it is not. */
function leaveOutColours(build: PluginBuild): void {
  standIn(build, 'supports-color', "throw new Error('not installed');", 'node_modules/debug');
}

/** @param folder below which the package is asked for; left out: wherever */
function standIn(build: PluginBuild, name: string, contents: string, folder?: string): void {
  const namespace = `no-${name}`;
  build.onResolve({ filter: new RegExp(`^${name}$`) }, (asked) =>
    folder === undefined || isAskedBelow(asked, folder) ? { path: asked.path, namespace } : undefined,
  );
  build.onLoad({ filter: /./, namespace }, () => ({ contents }));
}
