import { describe, expect, it } from 'vitest';

import { changeOfDefault, warningOf } from '../../../src/identity/default-identity.ts';
import type { Delta } from '../../../src/identity/patch.ts';
import { identityId, identityKey, liveIdentity } from './builders.ts';

/** `a b system` → `a b` are user-assigned, and the system-assigned identity is on. */
function parse(text: string): { readonly names: readonly string[]; readonly system: boolean } {
  const words = text.split(' ').filter((word) => word !== '');
  return { names: words.filter((word) => word !== 'system'), system: words.includes('system') };
}

/** The warning for a change from one state to another; `own` are names that the binding may know. */
function warning(from: string, to: string, own: readonly string[] = []): string | undefined {
  const [before, after] = [parse(from), parse(to)];
  const ref = (name: string) => ({ key: identityKey(name), resourceId: identityId(name) });
  const delta: Delta = {
    attach: after.names.filter((name) => !before.names.includes(name)).map(ref),
    detach: before.names.filter((name) => !after.names.includes(name)).map(ref),
    systemAssigned: before.system === after.system ? 'asLive' : after.system ? 'on' : 'off',
  };
  const change = changeOfDefault(liveIdentity(before.names, before.system), delta);
  return change && warningOf(change, new Map(own.map((name) => [identityKey(name), identityId(name)])));
}

describe('a change of identities', () => {
  it.each([
    ['the first identity of a scale set', '', 'a'],
    ['several at once where there was none', '', 'a b'],
    ['a system-assigned identity where there was none', '', 'system'],
    ['one more of several', 'a b', 'a b c'],
    ['one less of several, when several are left', 'a b c', 'a b'],
    ['all of several, which nobody got without naming one', 'a b', ''],
    ['any user-assigned one beside a system-assigned one', 'a system', 'b c system'],
    ['the last user-assigned one beside a system-assigned one', 'a system', 'system'],
    ['nothing', 'a', 'a'],
  ])('warns of nothing for %s', (_what, from, to) => {
    expect(warning(from, to)).toBe(undefined);
  });

  it.each([
    ['one becomes two', 'a', 'a b', 'gets identity a now, and will fail (there will be 2 user-assigned identities)'],
    ['one becomes another', 'a', 'b', 'gets identity a now, and will get identity b'],
    ['the only one goes', 'a', '', 'gets identity a now, and will fail (there will be no identity)'],
    ['two become one', 'a b', 'b', 'fails now (there are 2 user-assigned identities), and will get identity b'],
    ['the system-assigned one comes to one', 'a', 'a system', 'gets identity a now, and will get the system-assigned'],
    [
      'the system-assigned one comes to two',
      'a b',
      'a b system',
      'fails now (there are 2 user-assigned identities), and',
    ],
    [
      'the system-assigned one goes from one',
      'a system',
      'a',
      'gets the system-assigned identity now, and will get id',
    ],
    ['the system-assigned one goes from two', 'a b system', 'a b', 'the system-assigned identity now, and will fail'],
    ['the system-assigned one goes from none', 'system', '', 'the system-assigned identity now, and will fail (there'],
    [
      'the system-assigned one makes way',
      'system',
      'a',
      'gets the system-assigned identity now, and will get identity',
    ],
  ])('warns when %s', (_what, from, to, text) => {
    const told = warning(from, to, ['a', 'b']);
    expect(told).toContain(`A token request to IMDS that names no identity `);
    expect(told).toContain(text);
    expect(told).toContain('(client_id)');
  });

  it('names no identity that the binding may not know of', () => {
    expect(warning('a', 'a b')).toContain('gets the only user-assigned identity now, and will fail');
    expect(warning('a', 'b', ['b'])).toContain('gets the only user-assigned identity now, and will get identity b');
    expect(warning('a', 'b', ['a'])).toContain('gets identity a now, and will get another user-assigned identity');
    expect(warning('a b', 'b')).toContain('and will get the only user-assigned identity');
  });

  it('is told in no more characters than a status takes, however long the names', () => {
    const long = 'x'.repeat(128);
    expect(warning(long, `${long} ${'y'.repeat(128)}`, [long])!.length).toBeLessThan(1024);
  });
});
