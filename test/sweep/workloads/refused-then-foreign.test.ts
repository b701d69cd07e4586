import { sweepWorkload } from '../sweep-workload.ts';
import { refusedThenForeign } from './refused-then-foreign.ts';

sweepWorkload(refusedThenForeign);
