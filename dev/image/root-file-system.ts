/** The root file system that a Dockerfile describes: from a builder where there is one, else put together here. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { layBase } from './base.ts';
import { copyInto } from './build-context.ts';
import { runBuildStage } from './build-stage.ts';
import { parseDockerfile, type Stage } from './dockerfile.ts';
import { describeImage, type Image } from './image.ts';

const run = promisify(execFile);

export interface RootFileSystem {
  readonly image: Image;
  /** Absolute path of the folder that holds it. */
  readonly folder: string;
}

/** What must answer for a builder to be usable, and able to write an image's files into a folder. */
const BUILDERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  docker: [['info'], ['buildx', 'version']],
  podman: [['info']],
  buildah: [['info']],
};

/** The first builder that works here; `VMSS_TEST_IMAGE=assembled` says that none is wanted. */
export async function usableBuilder(): Promise<string | undefined> {
  if (process.env['VMSS_TEST_IMAGE'] === 'assembled') return undefined;
  for (const [builder, questions] of Object.entries(BUILDERS)) {
    try {
      for (const question of questions) await run(builder, question);
      return builder;
    } catch {
      // Not installed, or its engine does not run.
    }
  }
  return undefined;
}

async function readDockerfile(repository: string): Promise<readonly Stage[]> {
  return parseDockerfile(await readFile(join(repository, 'Dockerfile'), 'utf8'));
}

/** The real thing. @param folder becomes the root file system */
export async function buildRootFileSystem(
  builder: string,
  repository: string,
  folder: string,
): Promise<RootFileSystem> {
  const image = describeImage(await readDockerfile(repository));
  await run(builder, ['build', '--output', `type=local,dest=${folder}`, '.'], { cwd: repository });
  return { image, folder };
}

/**
 * The same, without a builder: the build stage is run in a folder, the base is laid from what is installed here.
 * @param node path of the Node to put into it
 * @param scratch a folder for what lies between
 */
export async function assembleRootFileSystem(
  repository: string,
  node: string,
  scratch: string,
): Promise<RootFileSystem> {
  const stages = await readDockerfile(repository);
  const image = describeImage(stages);
  const folder = join(scratch, 'root');
  await mkdir(folder, { mode: 0o755 });
  await layBase(node, folder);
  await chmod(folder, 0o755);
  for (const { from, sources, target } of image.copies) {
    const stage = stages.find(({ name }) => name !== undefined && name === from);
    if (stage === undefined) throw new Error(`the image takes from ${String(from)}, which is no stage`);
    const stageFolder = join(scratch, `stage-${String(stage.name)}`);
    if ((await mkdir(stageFolder, { recursive: true })) !== undefined) {
      await runBuildStage(stage, repository, stageFolder);
    }
    const inFolder = target.endsWith('/') ? `${join(folder, target)}/` : join(folder, target);
    await copyInto({ root: stageFolder, sources: sources.map((each) => each.replace(/^\//, '')), target: inFolder });
  }
  return { image, folder };
}
