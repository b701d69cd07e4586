/**
 * Which identity a pod gets that asks IMDS, on a node of the scale set, for a token and does not say of whom. The
 * system-assigned one, if there is one; else the only user-assigned one; of several, none: the request fails. Source:
 * Microsoft Learn, "How managed identities for Azure resources work with Azure virtual machines".
 */
import { type ArmKey, nameOf } from './arm-id.ts';
import { type Delta, remainingAfter } from './patch.ts';
import type { LiveIdentity } from './scale-set.ts';

type Default =
  | { readonly is: 'systemAssigned' }
  | { readonly is: 'userAssigned'; readonly key: ArmKey }
  /** The request fails: there are that many user-assigned identities, 0 or several, and nothing chooses one. */
  | { readonly is: 'nobody'; readonly count: number };

/** Another identity, or none any more, for requests that name none. */
export interface DefaultChange {
  readonly before: Default;
  readonly after: Default;
}

/**
 * How the delta changes the default; undefined where nobody can have depended on it: it stays what it is, requests fail
 * before and after, or there was no identity at all.
 */
export function changeOfDefault(live: LiveIdentity, delta: Delta): DefaultChange | undefined {
  const isOn = live.systemAssigned !== undefined;
  const willBeOn = delta.systemAssigned === 'asLive' ? isOn : delta.systemAssigned === 'on';
  const before = defaultOf(isOn, [...live.userAssigned.keys()]);
  const after = defaultOf(willBeOn, [...remainingAfter(live, delta)]);
  const wasEmpty = before.is === 'nobody' && before.count === 0;
  return wasEmpty || isSame(before, after) ? undefined : { before, after };
}

function defaultOf(systemAssigned: boolean, userAssigned: readonly ArmKey[]): Default {
  if (systemAssigned) return { is: 'systemAssigned' };
  const [key] = userAssigned;
  return key !== undefined && userAssigned.length === 1
    ? { is: 'userAssigned', key }
    : { is: 'nobody', count: userAssigned.length };
}

function isSame(before: Default, after: Default): boolean {
  if (before.is === 'userAssigned' && after.is === 'userAssigned') return before.key === after.key;
  return before.is === after.is;
}

/**
 * The change in words, for one binding.
 * @param own the ids of the identities that the binding may be told to be there; others are not named
 */
export function warningOf({ before, after }: DefaultChange, own: ReadonlyMap<ArmKey, string>): string {
  const named = (key: ArmKey): string | undefined => {
    const resourceId = own.get(key);
    return resourceId === undefined ? undefined : `identity ${nameOf(resourceId)}`;
  };
  return (
    `A token request to IMDS that names no identity ${today(before, named)}, and ${then(after, before, named)}: ` +
    'name the identity in such requests (client_id).'
  );
}

type Named = (key: ArmKey) => string | undefined;

function today(before: Default, named: Named): string {
  switch (before.is) {
    case 'systemAssigned':
      return 'gets the system-assigned identity now';
    case 'userAssigned':
      return `gets ${named(before.key) ?? 'the only user-assigned identity'} now`;
    case 'nobody':
      return `fails now (there are ${String(before.count)} user-assigned identities)`;
  }
}

function then(after: Default, before: Default, named: Named): string {
  switch (after.is) {
    case 'systemAssigned':
      return 'will get the system-assigned identity';
    case 'userAssigned': {
      const which = before.is === 'userAssigned' ? 'another' : 'the only';
      return `will get ${named(after.key) ?? `${which} user-assigned identity`}`;
    }
    case 'nobody':
      return after.count === 0
        ? 'will fail (there will be no identity)'
        : `will fail (there will be ${String(after.count)} user-assigned identities)`;
  }
}
