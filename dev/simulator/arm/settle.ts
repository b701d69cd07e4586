import type { State } from '../state.ts';
import { settleGroupDeletions } from './management/resource-group-deletion.ts';
import { settle as settleOperations } from './operations.ts';

/** Brings about everything that time has brought about until `nowMs`. */
export function settle(state: State, nowMs: number): void {
  settleOperations(state, nowMs);
  settleGroupDeletions(state, nowMs);
}
