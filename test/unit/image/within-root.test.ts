import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { withinRoot } from '../../../dev/image/within-root.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'within-root-'));
  await mkdir(join(root, 'var'));
  await symlink('/run', join(root, 'var/run'));
  await symlink('../run', join(root, 'var/relative'));
  await symlink('../../../etc', join(root, 'var/up'));
  await symlink('circle', join(root, 'circle'));
});
afterAll(() => rm(root, { recursive: true }));

describe('a path of a container', () => {
  it.each([
    ['/etc/ca', 'etc/ca'],
    ['/var/run/secrets', 'run/secrets'],
    ['/var/relative/secrets', 'run/secrets'],
    ['/var/up/passwd', 'etc/passwd'],
    ['/../../etc', 'etc'],
  ])('stays in its root: %s', (path, expected) => {
    expect(withinRoot(root, path)).toBe(join(root, expected));
  });

  it('that is a circle of links is refused', () => {
    expect(() => withinRoot(root, '/circle/a')).toThrow('is a circle of links');
  });
});
