import { sweepWorkload } from '../sweep-workload.ts';
import { madeAnew } from './made-anew.ts';

sweepWorkload(madeAnew);
