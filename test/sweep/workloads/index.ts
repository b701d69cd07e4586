import type { Workload } from '../workload.ts';
import { deletion } from './deletion.ts';
import { detach } from './detach.ts';
import { firstAttach } from './first-attach.ts';
import { severalBindings } from './several-bindings.ts';

export const workloads: readonly Workload[] = [firstAttach, severalBindings, detach, deletion];
