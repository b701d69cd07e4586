import { sweepWorkload } from '../sweep-workload.ts';
import { rename } from './rename.ts';

sweepWorkload(rename);
