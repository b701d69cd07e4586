import { sweepWorkload } from '../sweep-workload.ts';
import { severalBindings } from './several-bindings.ts';

sweepWorkload(severalBindings);
