import { existsSync, readFileSync } from 'node:fs';

import { isAlive } from '../../../dev/control-plane/lock.ts';

/** Whether a process runs. One that ended and was not yet waited for by its (new) parent does not, though it has its pid. */
export function isRunning(pid: number): boolean {
  if (!isAlive(pid)) return false;
  const stat = `/proc/${pid}/stat`;
  if (!existsSync(stat)) return isAlive(pid);
  const state = /\) (\S)/.exec(readFileSync(stat, 'utf8'))?.[1];
  return state !== 'Z' && state !== 'X';
}
