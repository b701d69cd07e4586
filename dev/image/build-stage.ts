/** Runs the stage of a Dockerfile that makes the bundle, in a folder in place of a container. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';

import { copyInto, isInContext } from './build-context.ts';
import type { Stage } from './dockerfile.ts';
import { copyOf } from './image.ts';

/** What is installed already need not be fetched: it is what the same lock file gave. */
const INSTALL = 'npm ci';

/**
 * Only what the stage copies of what `.dockerignore` lets through is there for its commands.
 * @param repository absolute path of the build context
 * @param folder becomes the root of the stage
 */
export async function runBuildStage(stage: Stage, repository: string, folder: string): Promise<void> {
  const ignore = await readFile(join(repository, '.dockerignore'), 'utf8');
  let workdir = '/';
  for (const { keyword, flags, value } of stage.instructions) {
    switch (keyword) {
      case 'WORKDIR':
        workdir = posix.resolve(workdir, value);
        await mkdir(join(folder, workdir), { recursive: true });
        break;
      case 'COPY': {
        const { sources, target } = copyOf(value, flags, workdir);
        const inFolder = target.endsWith('/') ? `${join(folder, target)}/` : join(folder, target);
        await copyInto({
          root: repository,
          sources,
          target: inFolder,
          isThere: (path) => isInContext(path, ignore),
        });
        break;
      }
      case 'RUN':
        await runIn(value, repository, join(folder, workdir));
        break;
      default:
        throw new Error(`the stage cannot be run with ${keyword} ${value}`);
    }
  }
}

async function runIn(command: string, repository: string, folder: string): Promise<void> {
  if (command === INSTALL) await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
  else await promisify(execFile)('sh', ['-ec', command], { cwd: folder });
}
