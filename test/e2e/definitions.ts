/** The custom resource definitions of `crds/`, in the cluster. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parse } from 'yaml';

import { eventually } from '../../dev/demo/wait.ts';
import { API_VERSION, KINDS } from '../../src/api/types.ts';
import type { ApiServer, KubeObject } from './api-server.ts';

const FOLDER = join(import.meta.dirname, '../../crds');

/** Applies them server-side, and resolves once all kinds are served. */
export async function installDefinitions(api: ApiServer): Promise<void> {
  for (const file of await readdir(FOLDER)) {
    const definition = parse(await readFile(join(FOLDER, file), 'utf8')) as KubeObject;
    await api.apply(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}`, definition);
  }
  for (const { plural } of KINDS) {
    await eventually(`${plural} to be served`, () => api.get(`/apis/${API_VERSION}/${plural}`));
  }
}
