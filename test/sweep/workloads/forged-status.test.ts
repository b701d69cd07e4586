import { sweepWorkload } from '../sweep-workload.ts';
import { forgedStatus } from './forged-status.ts';

sweepWorkload(forgedStatus);
