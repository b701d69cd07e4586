import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LineSplitter } from '../../../src/kube/lines.ts';

describe('LineSplitter', () => {
  it('finds the same lines wherever the bytes are cut, even within a character', () => {
    const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', '').replaceAll('\uFEFF', ''));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(200)), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const splitter = new LineSplitter();
        const found: string[] = [];
        let start = 0;
        for (const cut of [...cuts.toSorted((a, b) => a - b).filter((at) => at < bytes.length), bytes.length]) {
          found.push(...splitter.push(bytes.subarray(start, cut)));
          start = cut;
        }
        const text = new TextDecoder().decode(bytes);
        expect(found).toEqual(text.split('\n').filter((each) => each !== ''));
        expect(splitter.rest()).toBe('');
      }),
    );
  });

  it('keeps what follows the last line end', () => {
    const splitter = new LineSplitter();
    expect(splitter.push(Buffer.from('one\ntw'))).toEqual(['one']);
    expect(splitter.rest()).toBe('tw');
  });
});
