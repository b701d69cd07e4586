import { sweepWorkload } from '../sweep-workload.ts';
import { exclusiveBesideSuspended } from './exclusive-beside-suspended.ts';

sweepWorkload(exclusiveBesideSuspended);
