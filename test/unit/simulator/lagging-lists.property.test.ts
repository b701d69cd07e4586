import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { identity, scaleSetsPath, type SimulatedAzure, simulatedAzure, webPath } from './azure.ts';

const SECOND = 1_000;
const pathOf = (name: string): string => webPath.replace(/web$/, name);

type Action = (azure: SimulatedAzure) => void;

const setName = fc.constantFrom('web', 'api', 'new');
const identityName = fc.constantFrom('a', 'b');

/** Whatever may change a scale set. Those that are refused, or find nothing there, change none. */
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.constant<Action>(() => undefined),
  fc.tuple(setName, identityName, fc.boolean()).map(([set, name, on]): Action => (azure) => {
    const userAssignedIdentities = { [identity(name)]: on ? {} : null };
    azure.patch(pathOf(set), { identity: { type: 'SystemAssigned, UserAssigned', userAssignedIdentities } });
  }),
  setName.map(
    (set): Action =>
      (azure) =>
        void azure.put(pathOf(set), { location: 'westeurope' }),
  ),
  setName.map(
    (set): Action =>
      (azure) =>
        void azure.del(pathOf(set)),
  ),
  identityName.map(
    (name): Action =>
      (azure) =>
        void azure.del(identity(name), { version: '2023-01-31' }),
  ),
  fc
    .tuple(setName, fc.constantFrom('Strip', 'Remove', 'Replace', 'Recase', 'Finish'))
    .map(([set, kind]): Action => (azure) => {
      behindItsBack(azure, pathOf(set), kind);
    }),
);

function behindItsBack({ control }: SimulatedAzure, path: string, kind: string): void {
  if (!control.snapshot().scaleSets.some(({ id }) => id === path)) return;
  if (kind === 'Replace') control.replaceScaleSet(path);
  else if (kind === 'Finish') control.finishOperations(path);
  else if (kind === 'Recase') control.drift(path, { kind, to: 'upper' });
  else control.drift(path, { kind: kind === 'Strip' ? 'Strip' : 'Remove' });
}

describe('lists that lag', () => {
  it('show what lists without a lag showed that long ago', () => {
    const parts = { scaleSets: [{ name: 'api', identity: { userAssigned: ['a'] } }] };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(action, { maxLength: 25 }), (lagSeconds, actions) => {
        const settings = { operationMs: 2 * SECOND, deletedIdentity: 'NullIds' } as const;
        const lagging = simulatedAzure({ ...parts, settings: { ...settings, listLagMs: lagSeconds * SECOND } });
        const current = simulatedAzure({ ...parts, settings });
        const history: unknown[] = [];
        for (const act of [...actions, ...Array.from({ length: lagSeconds }, (): Action => () => undefined)]) {
          const shown: unknown[] = [];
          for (const azure of [lagging, current]) {
            act(azure);
            shown.push(azure.get(scaleSetsPath).body.value);
            azure.wait(SECOND);
          }
          history.push(shown[1]);
          if (history.length > lagSeconds) expect(shown[0]).toEqual(history.at(-1 - lagSeconds));
        }
      }),
      { numRuns: 100 },
    );
  });
});
