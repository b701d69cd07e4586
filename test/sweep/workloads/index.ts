import type { Workload } from '../workload.ts';
import { deletion } from './deletion.ts';
import { detach } from './detach.ts';
import { exclusive } from './exclusive.ts';
import { exclusiveBesideSuspended } from './exclusive-beside-suspended.ts';
import { firstAttach } from './first-attach.ts';
import { foreignWriter } from './foreign-writer.ts';
import { poison } from './poison.ts';
import { policyRemoved } from './policy-removed.ts';
import { recreatedScaleSet } from './recreated-scale-set.ts';
import { rename } from './rename.ts';
import { severalBindings } from './several-bindings.ts';
import { staleIdentity } from './stale-identity.ts';
import { systemAssigned } from './system-assigned.ts';

export const workloads: readonly Workload[] = [
  firstAttach,
  severalBindings,
  detach,
  deletion,
  systemAssigned,
  exclusive,
  foreignWriter,
  recreatedScaleSet,
  exclusiveBesideSuspended,
  poison,
  staleIdentity,
  policyRemoved,
  rename,
];
