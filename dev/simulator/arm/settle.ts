import type { State } from '../state.ts';
import { settle as settleOperations } from './operations.ts';
import { settleGroupDeletions } from './resource-group-deletion.ts';

/** Brings about everything that time has brought about until `nowMs`. */
export function settle(state: State, nowMs: number): void {
  settleOperations(state, nowMs);
  settleGroupDeletions(state, nowMs);
}
