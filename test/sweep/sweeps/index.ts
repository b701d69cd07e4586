import { armFault, operationFailure } from './arm-fault.ts';
import { crash, crashOfOneOfTwo } from './crash.ts';
import { order } from './order.ts';
import { race } from './race.ts';
import type { Sweep } from './sweep.ts';
import { timeOut } from './timeout.ts';
import { watchEvent } from './watch-event.ts';

export const sweeps: readonly Sweep[] = [
  crash,
  crashOfOneOfTwo,
  order,
  race,
  timeOut,
  armFault,
  operationFailure,
  watchEvent,
];
