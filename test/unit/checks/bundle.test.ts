import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { buildBundle } from '../../../dev/build/build.ts';
import packageJson from '../../../package.json' with { type: 'json' };

const versionModule = join(import.meta.dirname, '../../../src/config/version.ts');
const commonJsPackage = fileURLToPath(import.meta.resolve('winston'));

describe('the bundle', () => {
  let directory: string;
  let entry: string;

  const run = (path: string): { readonly stdout: string; readonly stderr: string } =>
    spawnSync(process.execPath, [path], { cwd: tmpdir(), encoding: 'utf8' });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bundle-'));
    entry = join(directory, 'entry.ts');
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('knows its version', async () => {
    await writeFile(entry, `import { version } from ${JSON.stringify(versionModule)};\nconsole.log(version);`);
    const { path } = await buildBundle(join(directory, 'out'), { entry });
    expect(run(path)).toMatchObject({ stdout: `${packageJson.version}\n`, stderr: '' });
  });

  it('runs CommonJS packages that require modules of Node', async () => {
    await writeFile(
      entry,
      `import winston from ${JSON.stringify(commonJsPackage)};
      winston.createLogger({ format: winston.format.simple(), transports: [new winston.transports.Console()] }).info('here');`,
    );
    const { path } = await buildBundle(join(directory, 'out'), { entry });
    expect(run(path)).toMatchObject({ stdout: 'info: here\n', stderr: '' });
  });

  it('has a source map, and its size is told', async () => {
    await writeFile(entry, 'console.log(1);');
    const { path, bytes } = await buildBundle(join(directory, 'out'), { entry });
    expect(existsSync(`${path}.map`)).toBe(true);
    expect(bytes).toBeGreaterThan(0);
  });

  it('is not written when an import cannot be resolved', async () => {
    await writeFile(entry, "import './absent.ts';");
    await expect(buildBundle(join(directory, 'out'), { entry, quiet: true })).rejects.toThrow('./absent.ts');
    expect(existsSync(join(directory, 'out'))).toBe(false);
  });
});
