import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { GO_VERSION } from '../../../dev/control-plane/go-build.ts';
import { ensureTool, type ToolOptions } from '../../../dev/go-tools/tools.ts';
import { temporaryFolder } from '../control-plane/temporary-folder.ts';

const GO_MOD = new URL('../../../dev/go-tools/go/go.mod', import.meta.url);

/** An empty cache, and a builder that notes what it is asked for. */
function machine(): { readonly options: ToolOptions; readonly built: string[]; readonly said: string[] } {
  const built: string[] = [];
  const said: string[] = [];
  const build: ToolOptions['build'] = (program, folder) => {
    built.push(program.name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, program.name), '');
    chmodSync(join(folder, program.name), 0o755);
    return Promise.resolve();
  };
  return {
    built,
    said,
    options: { env: { HOME: temporaryFolder() }, progress: (line) => said.push(line), build },
  };
}

describe('a tool', () => {
  it('is what its variable names, without a word', async () => {
    const { options, built, said } = machine();
    expect(await ensureTool('promtool', { ...options, env: { PROMTOOL: '/opt/promtool' } })).toBe('/opt/promtool');
    expect({ built, said }).toEqual({ built: [], said: [] });
  });

  it('is built once, and told at once: what, why and how long', async () => {
    const { options, built, said } = machine();
    const [path, again] = [await ensureTool('promtool', options), await ensureTool('promtool', options)];
    expect(again).toBe(path);
    expect(built).toEqual(['promtool']);
    expect(said.join('\n')).toMatch(/Prometheus itself tests the alerts[^]*about \d+ min[^]*set PROMTOOL/);
  });

  it('is built once for two that want it at the same time', async () => {
    const { options, built } = machine();
    await Promise.all([ensureTool('verdicts', options), ensureTool('verdicts', options)]);
    expect(built).toEqual(['verdicts']);
  });

  it('needs the Go that the control plane needs', () => {
    const line = /^go (\d+)\.(\d+)\.0$/m.exec(readFileSync(GO_MOD, 'utf8'));
    expect({ major: Number(line?.[1]), minor: Number(line?.[2]) }).toEqual(GO_VERSION);
  });
});
