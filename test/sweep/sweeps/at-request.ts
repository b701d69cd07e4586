import type { Fate } from '../scheduler.ts';
import type { TraceLine } from '../trace.ts';
import type { World } from '../world.ts';

/** Something goes wrong when it is the turn of a request, counted from 1. @param act decides what becomes of the request */
export function atRequest(world: World, request: number, act: (line: TraceLine) => Fate): void {
  world.scheduler.fateOf = (line) => {
    if (line.request !== request) return 'through';
    world.noteFault();
    return act(line);
  };
}
