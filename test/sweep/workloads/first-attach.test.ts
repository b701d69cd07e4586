import { sweepWorkload } from '../sweep-workload.ts';
import { firstAttach } from './first-attach.ts';

sweepWorkload(firstAttach);
