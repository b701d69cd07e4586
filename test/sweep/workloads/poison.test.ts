import { sweepWorkload } from '../sweep-workload.ts';
import { poison } from './poison.ts';

sweepWorkload(poison);
