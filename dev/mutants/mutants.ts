import type { Mutant } from './mutant.ts';
import { ofKubernetes } from './of-kubernetes.ts';
import { ofMembers } from './of-members.ts';
import { ofOwnership } from './of-ownership.ts';
import { ofPasses } from './of-passes.ts';
import { ofPermission } from './of-permission.ts';

export const mutants: readonly Mutant[] = [...ofOwnership, ...ofMembers, ...ofPermission, ...ofPasses, ...ofKubernetes];
