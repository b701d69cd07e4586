import { sweepWorkload } from '../sweep-workload.ts';
import { recreatedScaleSet } from './recreated-scale-set.ts';

sweepWorkload(recreatedScaleSet);
