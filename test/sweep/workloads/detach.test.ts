import { sweepWorkload } from '../sweep-workload.ts';
import { detach } from './detach.ts';

sweepWorkload(detach);
