import { sweepWorkload } from '../sweep-workload.ts';
import { staleIdentity } from './stale-identity.ts';

sweepWorkload(staleIdentity);
