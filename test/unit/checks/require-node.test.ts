import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const guard = join(root, 'dev/checks/require-node.mjs');

/** Runs the guard in a process that says it is Node `version`. */
const runOn = (version: string): { readonly status: number | null; readonly stderr: string } => {
  const disguise = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  return spawnSync(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(disguise)}`, guard], {
    encoding: 'utf8',
  });
};

describe('the guard against an old Node', () => {
  it.each(['18.20.8', '20.20.2', '22.18.0'])('stops on Node %s and says in one line what to do', (version) => {
    const { status, stderr } = runOn(version);
    expect(status).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      `Node ${version} is too old: this project needs 22.19 or later. Run \`npm ci\` without --ignore-scripts (it brings a Node of its own), then start it with \`npm run ...\`.`,
    ]);
  });

  it.each(['22.19.0', '23.0.0', '24.21.0'])('lets Node %s pass without a word', (version) => {
    expect(runOn(version)).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it('stands at the beginning of every npm script', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const unguarded = Object.entries(scripts).filter(
      ([, script]) => !script.startsWith('node dev/checks/require-node.mjs && '),
    );
    expect(unguarded).toEqual([]);
  });
});
