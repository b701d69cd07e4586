import { beforeEach, describe, expect, it } from 'vitest';

import type { Stored } from '../../../src/kube/resource-client.ts';
import { type Change, ObjectStore } from '../../../src/kube/store.ts';
import { type Widget, widget } from './builders.ts';

let store: ObjectStore<Widget>;
beforeEach(() => {
  store = new ObjectStore();
});

/** Lists without anything happening between the question and the answer. */
const replace = (version: number, ...items: readonly Stored<Widget>[]) =>
  store.replace(items.map(store.compact), `${version}`, store.beginList());

const told = (changes: readonly Change<Stored<Widget>>[]): readonly string[] =>
  changes.map(({ type, object }) => `${type} ${object.metadata.uid}@${object.metadata.resourceVersion}`);

const held = (): readonly string[] => store.list().map(({ metadata }) => `${metadata.uid}@${metadata.resourceVersion}`);

const key = 'shop/web';
const [u1, u2] = ['u1', 'u2'];

describe('a list', () => {
  it('tells what is new, what differs and what is gone', () => {
    replace(10, widget('a', 1), widget('b', 2), widget('c', 3));
    expect(told(replace(20, widget('a', 1), widget('b', 12), widget('d', 15)))).toEqual([
      'deleted uid-c@3',
      'same uid-a@1',
      'updated uid-b@12',
      'added uid-d@15',
    ]);
    expect(held()).toEqual(['uid-a@1', 'uid-b@12', 'uid-d@15']);
  });

  it('tells of an object with another UID as of one deleted and one added', () => {
    replace(10, widget('web', 1, u1));
    expect(told(replace(20, widget('web', 12, u2)))).toEqual(['deleted u1@1', 'added u2@12']);
  });

  it('is believed even when its versions went back', () => {
    replace(1_000, widget('web', 900, u1), widget('new', 950));
    expect(told(replace(500, widget('web', 400, u1)))).toEqual(['deleted uid-new@950', 'updated u1@400']);
  });
});

describe('events', () => {
  it('add, update and delete', () => {
    expect(told(store.apply('ADDED', widget('web', 1, u1)))).toEqual(['added u1@1']);
    expect(told(store.apply('MODIFIED', widget('web', 2, u1)))).toEqual(['updated u1@2']);
    expect(told(store.apply('DELETED', widget('web', 3, u1)))).toEqual(['deleted u1@3']);
    expect(store.size).toBe(0);
  });

  it('tell nothing new when they are repeated', () => {
    store.apply('ADDED', widget('web', 1, u1));
    expect(told(store.apply('MODIFIED', widget('web', 1, u1)))).toEqual(['same u1@1']);
    store.apply('DELETED', widget('web', 2, u1));
    expect(store.apply('DELETED', widget('web', 2, u1))).toEqual([]);
  });

  it('of an object made anew, whose deletion was not seen, tell of both', () => {
    store.apply('ADDED', widget('web', 1, u1));
    expect(told(store.apply('MODIFIED', widget('web', 5, u2)))).toEqual(['deleted u1@1', 'added u2@5']);
  });

  it('of the deletion of another object of that name change nothing', () => {
    store.apply('ADDED', widget('web', 5, u2));
    expect(store.apply('DELETED', widget('web', 9, u1))).toEqual([]);
    expect(held()).toEqual(['u2@5']);
  });
});

describe('an own write', () => {
  it('is read at once, and told of once', () => {
    replace(10, widget('web', 5, u1));
    expect(told(store.noteWrite(widget('web', 12, u1)))).toEqual(['updated u1@12']);
    expect(told(store.apply('MODIFIED', widget('web', 12, u1)))).toEqual(['same u1@12']);
    expect(held()).toEqual(['u1@12']);
  });

  it('is not undone by older events that come later', () => {
    replace(10, widget('web', 5, u1));
    store.noteWrite(widget('web', 12, u1));
    expect(store.apply('MODIFIED', widget('web', 11, u1))).toEqual([]);
    expect(held()).toEqual(['u1@12']);
    expect(told(store.apply('MODIFIED', widget('web', 13, u1)))).toEqual(['updated u1@13']);
  });

  it('compares versions as numbers, not as text', () => {
    replace(10, widget('web', 5, u1));
    store.noteWrite(widget('web', 100, u1));
    expect(store.apply('MODIFIED', widget('web', 99, u1))).toEqual([]);
    expect(held()).toEqual(['u1@100']);
  });

  it('that created an object is not undone by a list that began before it', () => {
    const begun = store.beginList();
    store.noteWrite(widget('web', 12, u1));
    expect(store.replace([], '11', begun)).toEqual([]);
    expect(held()).toEqual(['u1@12']);
  });

  it('is not undone by a list that began before it and has an older object', () => {
    replace(10, widget('web', 5, u1));
    const begun = store.beginList();
    store.noteWrite(widget('web', 12, u1));
    expect(store.replace([widget('web', 5, u1)], '11', begun)).toEqual([]);
    expect(held()).toEqual(['u1@12']);
  });

  it('gives way to a list that began before it and yet is newer', () => {
    replace(10, widget('web', 5, u1), widget('gone', 6));
    const begun = store.beginList();
    store.noteWrite(widget('web', 12, u1));
    store.noteWrite(widget('gone', 13));
    expect(told(store.replace([widget('web', 14, u1)], '15', begun))).toEqual(['deleted uid-gone@13', 'updated u1@14']);
  });

  it('gives way to any list that began after it', () => {
    replace(10, widget('web', 5, u1));
    store.noteWrite(widget('web', 12, u1));
    expect(told(replace(3))).toEqual(['deleted u1@12']);
  });

  it('is ignored when the watch was faster', () => {
    replace(10, widget('web', 5, u1));
    store.apply('MODIFIED', widget('web', 13, u1));
    expect(store.noteWrite(widget('web', 12, u1))).toEqual([]);
    store.apply('MODIFIED', widget('web', 14, u2));
    expect(store.noteWrite(widget('web', 13, u1))).toEqual([]);
    expect(held()).toEqual(['u2@14']);
  });

  it('that changed nothing leaves nothing to wait for', () => {
    replace(10, widget('web', 5, u1));
    expect(store.noteWrite(widget('web', 5, u1))).toEqual([]);
    expect(told(store.apply('MODIFIED', widget('web', 4, u1)))).toEqual(['updated u1@4']);
  });

  it('does not bring back an object whose deletion the watch told of first', () => {
    replace(10, widget('web', 5, u1));
    store.apply('DELETED', widget('web', 12, u1));
    expect(store.noteWrite(widget('web', 11, u1))).toEqual([]);
    expect(store.size).toBe(0);
  });

  it('does not bring back an object that a list showed to be gone or replaced', () => {
    replace(10, widget('web', 5, u1), widget('other', 6));
    replace(20, widget('web', 15, u2));
    expect(store.noteWrite(widget('other', 30))).toEqual([]);
    expect(store.noteWrite(widget('web', 30, u1))).toEqual([]);
    expect(held()).toEqual(['u2@15']);
  });

  it('of a new object is not undone by the late deletion of its predecessor', () => {
    replace(10, widget('web', 5, u1));
    store.noteWrite(widget('web', 12, u2));
    expect(store.apply('MODIFIED', widget('web', 10, u1))).toEqual([]);
    expect(store.apply('DELETED', widget('web', 11, u1))).toEqual([]);
    expect(held()).toEqual(['u2@12']);
  });

  it('holds on after the late deletion of the object’s predecessor', () => {
    replace(10, widget('web', 5, u1));
    store.noteWrite(widget('web', 12, u2));
    store.noteWrite(widget('web', 14, u2));
    store.apply('DELETED', widget('web', 11, u1));
    expect(store.apply('ADDED', widget('web', 12, u2))).toEqual([]);
    expect(held()).toEqual(['u2@14']);
  });

  it('ends with the object', () => {
    replace(10, widget('web', 5, u1));
    store.noteWrite(widget('web', 12, u1));
    expect(told(store.apply('DELETED', widget('web', 13, u1)))).toEqual(['deleted u1@13']);
  });

  it('with versions that are no numbers is read at once, and gives way to anything different', () => {
    replace(10, widget('web', 'abc', u1));
    store.noteWrite(widget('web', 'xyz', u1));
    expect(held()).toEqual(['u1@xyz']);
    expect(told(store.apply('MODIFIED', widget('web', 'klm', u1)))).toEqual(['updated u1@klm']);
  });
});

describe('an own deletion', () => {
  it('is read at once, and older events do not bring the object back', () => {
    replace(10, widget('web', 5, u1));
    expect(told(store.noteDeletion(widget('web', 5, u1)))).toEqual(['deleted u1@5']);
    expect(store.apply('MODIFIED', widget('web', 9, u1))).toEqual([]);
    expect(store.apply('DELETED', widget('web', 12, u1))).toEqual([]);
    expect(store.get(key)).toBeUndefined();
  });

  it('holds against a list that began before it', () => {
    replace(10, widget('web', 5, u1));
    const begun = store.beginList();
    store.noteDeletion(widget('web', 5, u1));
    expect(store.replace([widget('web', 5, u1)], '11', begun)).toEqual([]);
    expect(store.size).toBe(0);
  });

  it('does not hold back a new object of that name', () => {
    replace(10, widget('web', 5, u1));
    store.noteDeletion(widget('web', 5, u1));
    expect(told(store.apply('ADDED', widget('web', 13, u2)))).toEqual(['added u2@13']);
  });

  it('of an object that is not the one held changes nothing', () => {
    replace(10, widget('web', 5, u2));
    expect(store.noteDeletion(widget('web', 4, u1))).toEqual([]);
    expect(held()).toEqual(['u2@5']);
  });

  it('is what a write was that took the last finalizer from an object being deleted', () => {
    replace(10, widget('web', 5, u1));
    const { metadata, ...rest } = widget('web', 12, u1);
    const written = { ...rest, metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(told(store.noteWrite(written))).toEqual(['deleted u1@5']);
    expect(store.apply('DELETED', written)).toEqual([]);
  });
});

describe('what is kept of an object', () => {
  const last = 'kubectl.kubernetes.io/last-applied-configuration';
  const { metadata, ...rest } = widget('web', 5, u1);
  const annotations = { [last]: '{}', keep: 'me' };
  const full = { ...rest, metadata: { ...metadata, managedFields: [{}], annotations } };

  it.each<[string, () => void]>([
    ['a list', () => replace(5, full)],
    ['a watch', () => store.apply('ADDED', full)],
    ['an own write', () => store.noteWrite(full)],
  ])('is all but managed fields and what kubectl applied last: of %s', (_source, take) => {
    take();
    expect(store.get(key)).toEqual({ ...rest, metadata: { ...metadata, annotations: { keep: 'me' } } });
  });

  it('has no annotations when there was but the one that is left out', () => {
    replace(5, { ...full, metadata: { ...full.metadata, annotations: { [last]: '{}' } } });
    expect(store.get(key)?.metadata).not.toHaveProperty('annotations');
  });

  it('is all but managed fields where a replacement would take off what is missing', () => {
    const replaced = new ObjectStore<Widget>({ isReplaced: true });
    replaced.apply('ADDED', full);
    expect(replaced.get(key)).toEqual({ ...rest, metadata: { ...metadata, annotations } });
  });
});
