import { sweepWorkload } from '../sweep-workload.ts';
import { foreignWriter } from './foreign-writer.ts';

sweepWorkload(foreignWriter);
