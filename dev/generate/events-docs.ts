/**
 * Writes `docs/events.md` from the tables of reasons that the operator's events have.
 *
 * `node dev/generate/events-docs.ts` writes the file; with `--check` it writes nothing, and exits with 1 when the file is
 * not what the tables say.
 */

import { format, resolveConfig } from 'prettier';

import { CHANGES, EVENTS } from '../../src/api/event-reasons.ts';
import { REASONS } from '../../src/api/reasons.ts';
import { code, table } from '../docs/table.ts';
import { hasText, writeOrCheck } from './generated-file.ts';

const target = new URL('../../docs/events.md', import.meta.url);

/** As kubectl takes them. */
const shortNames = { VmssIdentityBinding: 'vib', VmssIdentityLedger: 'vil' } as const;

const eventTable = (): string =>
  table(
    ['Reason', 'Type', 'On', 'What happened', 'What to do'],
    Object.entries(EVENTS).map(([reason, { type, regards, meaning, remedy }]) => [
      code(reason),
      type,
      regards.map((kind) => code(shortNames[kind])).join(', '),
      meaning,
      remedy,
    ]),
  );

const changeTable = (): string =>
  table(
    ['Reason', 'Type', 'What is the case', 'What to do'],
    CHANGES.map(({ reason, type }) => {
      const { meaning, remedy } = REASONS[reason];
      return [code(reason), type === 'AsItWas' ? 'as the one before' : type, meaning, remedy];
    }),
  );

/** The text that `docs/events.md` should have. */
export const generateEventsDocs = async (): Promise<string> => {
  const text = `# Events

<!-- Generated from src/api/ by \`npm run generate\`; do not edit. -->

\`kubectl describe vib web\` shows what happened to a binding lately, \`kubectl describe vil\` what happened to a ledger. Events
are for people who look on: Kubernetes forgets them after an hour, and one that cannot be written is lost. What holds now
stands in the status.

- The same event again is counted in the one that is there. Of events that differ in their text alone, the tenth within ten
  minutes and all that follow are counted in one, which begins with \`(combined from similar events)\`.
- An object gets 25 events at once and then one each five minutes; what is held back is counted, and told with the next.
- An event lies in the namespace of its object; of a ledger, which has none, in \`default\`. A namespace that is being deleted
  takes no events: what happens there at the end is told in the operator's own namespace (\`--namespace\`), about the same
  object: \`kubectl get events --namespace vmss-identity-system --field-selector involvedObject.namespace=shop\`. \`Abandoned\`
  is told in both.

## What was found or settled

${eventTable()}

## What became of a binding

Each change of the condition \`Ready\` is an event on the binding (\`vib\`), with the reason and the message of the condition.

${changeTable()}
`;
  return format(text, { ...(await resolveConfig(target)), parser: 'markdown' });
};

/** Whether `docs/events.md` is what the tables say. */
export const isCurrent = async (): Promise<boolean> => hasText(target, await generateEventsDocs());

if (import.meta.main) {
  await writeOrCheck(target, await generateEventsDocs());
}
