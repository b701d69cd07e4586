/** What one user asked an API server for, by its audit log. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

import type { AskedFor } from './rights.ts';

/** An event of audit.k8s.io/v1, as far as it matters here. */
interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  /** Absent where nothing is asked for that has a kind, such as `/version`. */
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What the authorizer said. A status of 403 alone can also come from admission, or from a namespace that is being deleted. */
const DECISION = 'authorization.k8s.io/decision';

/** A line is written when its request ends; that of a watch with the watch. */
export function askedForBy(user: string, log: string): readonly AskedFor[] {
  return log
    .split('\n')
    .filter((line) => line.includes(`"username":${JSON.stringify(user)}`))
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter((event) => event.user.username === user)
    .map(askedFor);
}

function askedFor({ verb, requestURI, objectRef, annotations }: AuditEvent): AskedFor {
  const isAllowed = annotations?.[DECISION] === 'allow';
  if (objectRef === undefined) return { verb, group: '', resource: requestURI.split('?')[0] ?? '', isAllowed };
  const { resource, subresource, apiGroup = '', name, namespace } = objectRef;
  return {
    verb,
    group: apiGroup,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    isAllowed,
  };
}

/** The whole log: the API server goes on in a new file when one has grown large, and keeps the old one beside it. */
export async function readAuditLog(path: string): Promise<string> {
  const start = basename(path, extname(path));
  const files = (await readdir(dirname(path))).filter((file) => file.startsWith(start) && file.endsWith(extname(path)));
  const texts = await Promise.all(files.map((file) => readFile(join(dirname(path), file), 'utf8')));
  // Its last line may be half written.
  return texts.map((text) => text.slice(0, text.lastIndexOf('\n') + 1)).join('');
}
