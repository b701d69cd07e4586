import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

describe('the check for unused code', () => {
  let directory: string;

  /** Runs the project's own configuration on a tree that imports nothing from outside. */
  const check = (): { readonly status: number | null; readonly stdout: string } =>
    spawnSync(process.execPath, [join(root, 'node_modules/knip/bin/knip.js'), '--config', join(root, 'knip.json')], {
      cwd: directory,
      encoding: 'utf8',
    });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'unused-'));
    await mkdir(join(directory, 'src'));
    await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
    await writeFile(join(directory, 'package.json'), '{ "name": "planted", "type": "module" }');
    await writeFile(join(directory, 'src/main.ts'), "import { used } from './used.ts';\nprocess.exitCode = used;\n");
    await writeFile(join(directory, 'src/used.ts'), 'export const used = 0;\n');
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('finds nothing where all is used', () => {
    expect(check().status).toBe(0);
  });

  it('finds an export that nobody imports', async () => {
    await writeFile(join(directory, 'src/used.ts'), 'export const used = 0;\nexport const unusedExport = 1;\n');
    const { status, stdout } = check();
    expect(stdout).toContain('unusedExport');
    expect(status).toBe(1);
  });

  it('finds a file that nobody imports', async () => {
    await writeFile(join(directory, 'src/unused-file.ts'), 'export const x = 1;\n');
    const { status, stdout } = check();
    expect(stdout).toContain('src/unused-file.ts');
    expect(status).toBe(1);
  });
});
