import { sweepWorkload } from '../sweep-workload.ts';
import { retained } from './retained.ts';

sweepWorkload(retained);
