/** What the kernel says of a process's memory (Linux). */
import { readFile } from 'node:fs/promises';

export interface Memory {
  /** Resident now, in MB of 2^20 bytes. */
  readonly rssMb: number;
  /** Of that, what is the process's own, and not a file that others map too: Node's program is 40 MB. */
  readonly ownMb: number;
  /** The most that was ever resident. */
  readonly peakMb: number;
}

export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const mb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { rssMb: mb('VmRSS'), ownMb: mb('RssAnon'), peakMb: mb('VmHWM') };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
