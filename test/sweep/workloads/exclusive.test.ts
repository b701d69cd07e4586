import { sweepWorkload } from '../sweep-workload.ts';
import { exclusive } from './exclusive.ts';

sweepWorkload(exclusive);
