import { describe, expect, it } from 'vitest';

import { API_VERSION, type VmssIdentityBinding } from '../../../src/api/types.ts';
import { armKey } from '../../../src/identity/arm-id.ts';
import { BindingIndex } from '../../../src/kube/binding-index.ts';

const SUBSCRIPTION = '6f6a8c1e-2b7d-4c53-9a10-0d6f5e3b7a21';
const web = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/web`;

function binding(name: string, resourceId: string): VmssIdentityBinding {
  return {
    apiVersion: API_VERSION,
    kind: 'VmssIdentityBinding',
    metadata: { name, namespace: 'shop', uid: name, resourceVersion: '1', generation: 1, creationTimestamp: '' },
    spec: {
      scaleSet: { resourceId },
      systemAssigned: 'Unmanaged',
      userAssigned: [],
      mode: 'Additive',
      deletionPolicy: 'Detach',
      managementPolicy: 'Manage',
      staleIdentities: 'Report',
      suspend: false,
    },
    status: { observedGeneration: -1 },
  };
}

describe('the index of bindings', () => {
  it('finds all bindings of a scale set, however they spell it', () => {
    const index = new BindingIndex();
    index.put(binding('one', web));
    index.put(binding('two', web.toUpperCase()));
    expect(index.of(armKey(web)).map(({ metadata }) => metadata.name)).toEqual(['one', 'two']);
    expect(index.inSubscription(SUBSCRIPTION)).toEqual([armKey(web)]);
  });

  it('keeps the newest of a binding', () => {
    const index = new BindingIndex();
    index.put(binding('one', web));
    const newer = { ...binding('one', web), status: { observedGeneration: 1 } };
    index.put(newer);
    expect(index.of(armKey(web))).toEqual([newer]);
  });

  it('names a bound scale set by one key, and as its first binding spells it', () => {
    const index = new BindingIndex();
    expect(index.held(armKey(web))).toBeUndefined();
    index.put(binding('one', web));
    expect(index.put(binding('two', web.toUpperCase()))).toBe(armKey(web));
    expect(index.held(armKey(web))).toEqual({ key: armKey(web), resourceId: web });
    index.remove(binding('one', web));
    expect(index.held(armKey(web))).toEqual({ key: armKey(web), resourceId: web.toUpperCase() });
  });

  it('keeps apart bindings of one name in several namespaces', () => {
    const index = new BindingIndex();
    const one = binding('web', web);
    const other = { ...one, metadata: { ...one.metadata, namespace: 'bar' } };
    index.put(one);
    index.put(other);
    expect(index.of(armKey(web))).toEqual([one, other]);
    index.remove(one);
    expect(index.of(armKey(web))).toEqual([other]);
  });

  it('forgets the scale set and its subscription with the last binding', () => {
    const index = new BindingIndex();
    index.put(binding('one', web));
    index.put(binding('two', web));
    index.remove(binding('one', web));
    expect([...index.scaleSets()]).toEqual([armKey(web)]);
    index.remove(binding('two', web));
    index.remove(binding('two', web));
    expect([...index.scaleSets()]).toEqual([]);
    expect(index.inSubscription(SUBSCRIPTION)).toEqual([]);
    expect(index.of(armKey(web))).toEqual([]);
  });
});
