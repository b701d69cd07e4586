/** The table of all reasons, the one that is shown first at the top. */
import { type Companion, type ReadyVerdict, REASONS_IN_ORDER, rowOf } from '../../src/api/reasons.ts';
import { code, table } from './table.ts';

const READY: Readonly<Record<ReadyVerdict, string>> = {
  True: code('True'),
  False: code('False'),
  AsItWas: 'as it was',
};

const COMPANION: Readonly<Record<Companion, string>> = {
  None: '–',
  Reconciling: code('Reconciling'),
  Stalled: code('Stalled'),
  ReconcilingThenStalled: `${code('Reconciling')}, after 2 minutes ${code('Stalled')}`,
};

export const reasonTable = (): string =>
  table(
    ['Reason', '`Ready`', 'Beside it', 'What is the case', 'What to do'],
    REASONS_IN_ORDER.map((reason) => {
      const { ready, companion, meaning, remedy } = rowOf(reason);
      return [code(reason), READY[ready], COMPANION[companion], meaning, remedy];
    }),
  );
