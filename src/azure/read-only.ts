/** The last line of defence of `--read-only`: nothing is written to Azure, whatever was decided. */
import type { Failure } from '../reconcile/azure-port.ts';

/** What a write is answered that was not sent. */
export function readOnlyFailure(): Failure {
  return {
    kind: 'rejected',
    code: 'ReadOnly',
    message: 'The operator runs with --read-only, and writes nothing to Azure.',
    identityIds: [],
    hadNoEffect: true,
  };
}
