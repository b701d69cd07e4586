/** What a process takes of its machine, as Linux tells it. */
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface Sample {
  /** Seconds since the beginning of the run. */
  readonly at: number;
  /** Resident memory, in MiB. */
  readonly rssMib: number;
  /** Open file descriptors, sockets among them. */
  readonly files: number;
  readonly sockets: number;
}

/** Undefined when there is no such process any more. */
export async function sample(pid: number, at: number): Promise<Sample | undefined> {
  try {
    const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
    const kib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN);
    // A process that has ended, and that nobody has asked about yet, has no memory.
    if (Number.isNaN(kib)) return undefined;
    const links = await descriptors(pid);
    const sockets = links.filter((link) => link.startsWith('socket:')).length;
    return { at, rssMib: kib / 1024, files: links.length, sockets };
  } catch {
    return undefined;
  }
}

async function descriptors(pid: number): Promise<readonly string[]> {
  const folder = `/proc/${String(pid)}/fd`;
  const names = await readdir(folder);
  // One may close between the two looks.
  return Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
}
