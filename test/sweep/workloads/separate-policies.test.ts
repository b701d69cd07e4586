import { sweepWorkload } from '../sweep-workload.ts';
import { separatePolicies } from './separate-policies.ts';

sweepWorkload(separatePolicies);
