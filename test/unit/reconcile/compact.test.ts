import { describe, expect, it } from 'vitest';

import { readScaleSet } from '../../../src/azure/wire.ts';
import type { LiveScaleSet } from '../../../src/identity/scale-set.ts';
import { compactor } from '../../../src/reconcile/inventory/compact.ts';
import { identityPath, scaleSetBody, scaleSetPath } from '../azure/samples.ts';

/** A scale set as a list shows it, read anew each time. */
function read(name: string): LiveScaleSet {
  const userAssignedIdentities = { [identityPath('one')]: { principalId: 'p', clientId: 'c' } };
  const body = scaleSetBody({
    id: scaleSetPath(name),
    tags: { team: 'shop', 'aks-managed-poolName': name },
    identity: { type: 'UserAssigned', userAssignedIdentities },
  });
  const scaleSet = readScaleSet(JSON.parse(JSON.stringify(body)));
  if (!scaleSet.readable) throw new Error(scaleSet.problem);
  return scaleSet.value;
}

describe('what is kept of a list', () => {
  it('says all that a pass goes by', () => {
    expect(compactor()(read('web'), read('web'))).toEqual(read('web'));
  });

  it('spells the id as Azure does, however the bindings spell it', () => {
    const { key } = read('web');
    const [azures, bindings] = [scaleSetPath('web'), scaleSetPath('web').toUpperCase()];
    expect(compactor()(read('web'), { key, resourceId: bindings })).toMatchObject({ key, resourceId: azures });
  });

  it('holds what scale sets have in common once', () => {
    const compact = compactor();
    const [one, two] = ['web', 'api'].map((name) => compact(read(name), read(name)));
    expect(two!.tagNames).toBe(one!.tagNames);
    expect([...two!.identity.userAssigned.values()][0]).toBe([...one!.identity.userAssigned.values()][0]);
  });

  it('keeps apart what differs', () => {
    const compact = compactor();
    const [one, two] = [read('web'), read('api')].map((each, index) =>
      compact(
        {
          ...each,
          tagNames: [String(index)],
          identity: {
            userAssigned: new Map(
              [...each.identity.userAssigned].map(([key, live]) => [key, { ...live, clientId: String(index) }]),
            ),
          },
        },
        each,
      ),
    );
    expect(two?.tagNames).toEqual(['1']);
    expect([...one!.identity.userAssigned.values()][0]?.clientId).toBe('0');
    expect([...two!.identity.userAssigned.values()][0]?.clientId).toBe('1');
  });
});
