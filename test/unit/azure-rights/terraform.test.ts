import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../../../deploy/azure/main.tf');
/** No configuration of the user's, and nobody is asked for a newer version. */
const env = { PATH: process.env['PATH'], HOME: tmpdir(), TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1' };
const command = ['terraform', 'tofu'].find((name) => spawnSync(name, ['version'], { env }).status === 0);

describe('deploy/azure/main.tf', () => {
  it.runIf(command !== undefined)('is read by Terraform, and written as it writes it', () => {
    const { status, stdout } = spawnSync(command ?? '', ['fmt', '-check', '-diff', MAIN], { env, encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});
