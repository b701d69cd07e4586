import { sweepWorkload } from '../sweep-workload.ts';
import { changedMind } from './changed-mind.ts';

sweepWorkload(changedMind);
