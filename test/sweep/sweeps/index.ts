import { armFault, operationFailure } from './arm-fault.ts';
import { crash, crashOfOneOfTwo } from './crash.ts';
import { order } from './order.ts';
import { race } from './race.ts';
import { staleRead } from './stale-read.ts';
import type { Sweep } from './sweep.ts';
import { timeOut } from './timeout.ts';
import { twoLeaders } from './two-leaders.ts';
import { watchEvent } from './watch-event.ts';

export const sweeps: readonly Sweep[] = [
  crash,
  crashOfOneOfTwo,
  order,
  race,
  timeOut,
  armFault,
  operationFailure,
  staleRead,
  watchEvent,
  twoLeaders,
];
