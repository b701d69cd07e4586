import { sweepWorkload } from '../sweep-workload.ts';
import { systemAssigned } from './system-assigned.ts';

sweepWorkload(systemAssigned);
