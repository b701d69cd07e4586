import { describe, expect, it } from 'vitest';

import { pointer } from '../../../src/kube/json-patch.ts';

describe('pointer', () => {
  it('escapes what stands in the names of annotations', () => {
    expect(pointer('metadata', 'annotations', 'a.example/b~c', 0)).toBe('/metadata/annotations/a.example~1b~0c/0');
  });
});
