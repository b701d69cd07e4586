import { sweepWorkload } from '../sweep-workload.ts';
import { held } from './held.ts';

sweepWorkload(held);
