import { describe, expect, it } from 'vitest';

import { firstOutOfTurn, overlaps, type ScaleSetWrite, scaleSetWrites, turns } from '../../../dev/simulator/writers.ts';
import { read, simulatedAzure, webPath } from './azure.ts';

let sequence = 0;
function write(writer: string, startMs: number, endMs: number, scaleSet = 'web'): ScaleSetWrite {
  sequence += 1;
  return { sequence, scaleSet, writer, startMs, endMs };
}

describe('writes to scale sets', () => {
  it('are read from the log with their writer, from their arrival to their answer', () => {
    const azure = simulatedAzure();
    azure.control.addFault({ match: { method: 'PATCH' }, effect: { kind: 'delay', ms: 700 } });
    const answer = azure.send('PATCH', webPath, { body: { identity: { type: 'None' } } });
    if (answer.kind !== 'delay') throw new Error('expected a delay');
    read(answer.answer(azure.clock.nowMs + answer.ms));
    azure.get(webPath);

    const [found, ...others] = scaleSetWrites(azure.control.requests());

    expect(others).toEqual([]);
    expect(found?.scaleSet).toBe(webPath.toLowerCase());
    expect(found?.writer).not.toBe('');
    expect((found?.endMs ?? 0) - (found?.startMs ?? 0)).toBe(700);
  });

  it('of two writers overlap when one arrives before the other is answered', () => {
    const first = write('a', 0, 100);
    const second = write('b', 99, 120);

    expect(overlaps([first, second], 'scaleSet')).toEqual([{ first, second }]);
  });

  it('of one writer never overlap, nor do those that follow one another', () => {
    expect(overlaps([write('a', 0, 100), write('a', 50, 120), write('b', 120, 130)], 'scaleSet')).toEqual([]);
  });

  it('to different scale sets overlap only when all are looked at together', () => {
    const writes = [write('a', 0, 100, 'web'), write('b', 50, 60, 'jobs')];

    expect(overlaps(writes, 'scaleSet')).toEqual([]);
    expect(overlaps(writes, 'all')).toHaveLength(1);
  });
});

describe('the turns of writers', () => {
  it('are runs of writes without another writer between them', () => {
    const found = turns([write('a', 0, 10), write('a', 20, 25), write('b', 30, 40), write('a', 50, 60)]);

    expect(found).toEqual([
      { writer: 'a', writes: 2, fromMs: 0, toMs: 25 },
      { writer: 'b', writes: 1, fromMs: 30, toMs: 40 },
      { writer: 'a', writes: 1, fromMs: 50, toMs: 60 },
    ]);
  });

  it.each([
    ['of the leaders', ['a', 'b', 'a']],
    ['with terms between them in which nothing was written', ['c', 'a', 'b', 'c', 'a', 'b']],
  ])('are in order when they follow the terms %s', (_how, leaders) => {
    const found = turns([write('a', 0, 1), write('b', 2, 3), write('a', 4, 5)]);

    expect(firstOutOfTurn(found, leaders)).toBeUndefined();
  });

  it('are out of order when somebody writes again who has not become the leader again', () => {
    const found = turns([write('a', 0, 1), write('b', 2, 3), write('a', 4, 5)]);

    expect(firstOutOfTurn(found, ['a', 'b'])).toEqual({ writer: 'a', writes: 1, fromMs: 4, toMs: 5 });
  });
});
