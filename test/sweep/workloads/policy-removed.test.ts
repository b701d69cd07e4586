import { sweepWorkload } from '../sweep-workload.ts';
import { policyRemoved } from './policy-removed.ts';

sweepWorkload(policyRemoved);
