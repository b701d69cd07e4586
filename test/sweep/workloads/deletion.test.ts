import { sweepWorkload } from '../sweep-workload.ts';
import { deletion } from './deletion.ts';

sweepWorkload(deletion);
