import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';
import { assigned } from './assigned.ts';

export const firstAttach: Workload = {
  name: 'first attach',
  beginning: beginningOf({ scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }] }),
  stages: [assigned({ userAssigned: ['one', 'two'] })],
};
