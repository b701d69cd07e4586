import { sweepWorkload } from '../sweep-workload.ts';
import { twoHundredIdentities } from './two-hundred-identities.ts';

sweepWorkload(twoHundredIdentities);
