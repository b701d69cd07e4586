import { describe, expect, it } from 'vitest';

import type { Brakes } from '../../../src/identity/brakes.ts';
import { decide, type Decision } from '../../../src/identity/plan.ts';
import {
  AT_ONCE,
  binding,
  entry,
  nameOf,
  NOW,
  situation,
  type SituationOptions,
  systemEntry,
  type Told,
  told,
} from './builders.ts';

interface Braked extends Told {
  /** `+attached`, `-detached`, `system on`. */
  readonly heldBack: readonly string[];
  readonly reason: string | undefined;
}

function tellHeldBack({ heldBack }: Decision): readonly string[] {
  if (heldBack === undefined) return [];
  const { attach, detach, systemAssigned } = heldBack;
  return [
    ...attach.map(({ key }) => `+${nameOf(key)}`),
    ...detach.map(({ key }) => `-${nameOf(key)}`),
    ...(systemAssigned === 'asLive' ? [] : [`system ${systemAssigned}`]),
  ];
}

function braked(brakes: Partial<Brakes>, options: SituationOptions): Braked {
  const decision = decide(situation({ ...options, brakes: { readOnly: false, detaches: 100, ...brakes } }));
  return { ...told(decision), heldBack: tellHeldBack(decision), reason: decision.heldBack?.reason };
}

const LEAVING: SituationOptions = {
  declarations: [binding('a')],
  entries: ['x', 'y', 'z'].map((name) => entry(name, 'Attached', ['a'])),
  live: { userAssigned: ['z', 'y', 'x'] },
};
const READ_ONLY = { readOnly: true };

describe('a decision in read-only mode', () => {
  it('attaches nothing, records no intent, and tells what waits', () => {
    const found = braked(READ_ONLY, { declarations: [binding('a', { userAssigned: ['x'] })] });
    expect(found).toMatchObject({ attach: [], entries: [], heldBack: ['+x'], reason: 'ReadOnly' });
  });

  it('detaches nothing, and keeps who leaves on record as what is attached for them', () => {
    const found = braked(READ_ONLY, LEAVING);
    expect(found.detach).toEqual([]);
    expect(found.entries).toEqual(['Attached x for a', 'Attached y for a', 'Attached z for a']);
    expect(found.heldBack).toEqual(['-x', '-y', '-z']);
  });

  it('keeps the intent that an operator before it has recorded', () => {
    const entries = [entry('x', 'Detaching', ['a'])];
    const found = braked(READ_ONLY, { declarations: [], entries, live: { userAssigned: ['x'] } });
    expect(found.entries).toEqual(['Detaching x for a']);
  });

  it('holds back nothing where nothing differs', () => {
    const declarations = [binding('a', { userAssigned: ['x'] })];
    const found = braked(READ_ONLY, {
      declarations,
      entries: [entry('x', 'Attached', ['a'])],
      live: { userAssigned: ['x'] },
    });
    expect(found).toMatchObject({ heldBack: [], reason: undefined });
  });

  it('turns the system-assigned identity neither on nor off', () => {
    const on = braked(READ_ONLY, { declarations: [binding('a', { systemAssigned: 'Enabled' })] });
    expect(on).toMatchObject({ systemAssigned: 'asLive', entries: [], heldBack: ['system on'] });
    const live = { systemAssigned: true };
    const off = braked(READ_ONLY, { declarations: [binding('a', { systemAssigned: 'Disabled' })], live });
    expect(off).toMatchObject({ systemAssigned: 'asLive', heldBack: ['system off'] });
  });

  it('leaves what Exclusive would detach, though it has stood for long enough', () => {
    const declarations = [binding('a', { exclusive: true })];
    const found = braked(READ_ONLY, { declarations, live: { userAssigned: ['x'] }, exclusive: AT_ONCE });
    expect(found).toMatchObject({ detach: [], heldBack: ['-x'] });
  });

  it('adopts, gives up and hands over all the same: that needs no Azure', () => {
    const declarations = [
      binding('a', { userAssigned: ['x'], adopt: ['x'] }),
      binding('b', { deleting: true, retain: true }),
      binding('c', { deleting: true }),
    ];
    const entries = [entry('y', 'Attached', ['b']), entry('x', 'Attached', ['c'])];
    const found = braked(READ_ONLY, { declarations, entries, live: { userAssigned: ['x', 'y'] } });
    expect(found).toMatchObject({ entries: ['Attached x for a'], heldBack: [] });
  });
});

describe('a decision under a detach limit', () => {
  it('detaches as many as may go, the same ones each time, and tells what waits', () => {
    const found = braked({ detaches: 2 }, LEAVING);
    expect(found.detach).toEqual(['x', 'y']);
    expect(found.entries).toEqual(['Detaching x for a', 'Detaching y for a', 'Attached z for a']);
    expect(found).toMatchObject({ heldBack: ['-z'], reason: 'DetachLimitReached' });
  });

  it('detaches nothing when nothing is left, or less than that', () => {
    expect(braked({ detaches: 0 }, LEAVING).detach).toEqual([]);
    expect(braked({ detaches: -3 }, LEAVING).detach).toEqual([]);
  });

  it('attaches whatever is wanted', () => {
    const found = braked({ detaches: 0 }, { ...LEAVING, declarations: [binding('a', { userAssigned: ['new'] })] });
    expect(found).toMatchObject({ attach: ['new'], detach: [], heldBack: ['-x', '-y', '-z'] });
  });

  it('counts a system-assigned identity that is turned off as one, after all others', () => {
    const options = { ...LEAVING, declarations: [binding('a', { systemAssigned: 'Disabled' })] } as const;
    const live = { userAssigned: ['x', 'y', 'z'], systemAssigned: true };
    expect(braked({ detaches: 3 }, { ...options, live })).toMatchObject({
      detach: ['x', 'y', 'z'],
      systemAssigned: 'asLive',
      heldBack: ['system off'],
    });
    expect(braked({ detaches: 4 }, { ...options, live })).toMatchObject({ systemAssigned: 'off', heldBack: [] });
  });

  it('counts one that we turned on, and whose binding goes', () => {
    const options = { declarations: [binding('a', { deleting: true })], system: systemEntry('Enabled', ['a']) };
    const live = { systemAssigned: true };
    const waiting = braked({ detaches: 0 }, { ...options, live });
    expect(waiting).toMatchObject({
      systemAssigned: 'asLive',
      entries: ['Enabled system for a'],
      heldBack: ['system off'],
    });
    expect(braked({ detaches: 1 }, { ...options, live }).systemAssigned).toBe('off');
  });

  it('counts what Exclusive detaches, after what is ours', () => {
    const declarations = [binding('a', { exclusive: true })];
    const entries = [entry('x', 'Attached', ['a'])];
    const options = { declarations, entries, live: { userAssigned: ['x', 'foreign'] }, exclusive: AT_ONCE };
    expect(braked({ detaches: 1 }, options)).toMatchObject({ detach: ['x'], heldBack: ['-foreign'] });
  });

  it('asks for no look at what it may not do yet, but at the scale set itself', () => {
    const decision = decide(
      situation({ ...LEAVING, brakes: { readOnly: false, detaches: 0 }, source: 'list', now: NOW }),
    );
    expect(decision.needsGet).toBe(true);
    expect(decision.heldBack).toBeUndefined();
  });
});
