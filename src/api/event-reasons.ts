/**
 * Every reason that the operator's events can have: those of this table, and, whenever `Ready` changes, those of
 * `reasons.ts`.
 */
import { type Reason, REASONS } from './reasons.ts';

/** Kubernetes' own two. */
export type EventType = 'Normal' | 'Warning';

export interface EventRow {
  readonly type: EventType;
  /** The kinds of objects that such an event regards. */
  readonly regards: readonly ('VmssIdentityBinding' | 'VmssIdentityLedger')[];
  /** One line: what happened. */
  readonly meaning: string;
  /** One line: what a person does about it. */
  readonly remedy: string;
}

export const EVENTS = {
  Retained: {
    type: 'Normal',
    regards: ['VmssIdentityBinding'],
    meaning: 'An identity that was attached for the binding stays on the scale set, and is no longer managed.',
    remedy: 'Nothing; whoever still needs it gone takes it off the scale set.',
  },
  Abandoned: {
    type: 'Normal',
    regards: ['VmssIdentityBinding'],
    meaning: 'The binding was released by its annotation; what was attached for it stays on the scale set.',
    remedy: 'Take it off the scale set by hand, once Azure lets you.',
  },
  Protected: {
    type: 'Warning',
    regards: ['VmssIdentityBinding'],
    meaning: 'An identity stays, because a policy protects it or because the operator signs in with it.',
    remedy: 'Nothing, unless the policy is wrong.',
  },
  Orphaned: {
    type: 'Warning',
    regards: ['VmssIdentityLedger', 'VmssIdentityBinding'],
    meaning: 'An identity was attached for a binding that is gone without a trace: its finalizer was removed by hand.',
    remedy: 'Declare it in a binding, which takes it over, or take it off the scale set by hand.',
  },
  AttachedByOthers: {
    type: 'Normal',
    regards: ['VmssIdentityBinding'],
    meaning: 'Someone else attached the identity first: it is theirs, and is not taken back with the binding.',
    remedy: 'Nothing; set `adopt: true` to have the operator take it over.',
  },
  Released: {
    type: 'Warning',
    regards: ['VmssIdentityBinding'],
    meaning: 'An identity of the binding was itself deleted, and held up a change of the scale set.',
    remedy: 'Take it out of the binding, or create it again.',
  },
  Reattaching: {
    type: 'Normal',
    regards: ['VmssIdentityBinding'],
    meaning:
      'An identity that was deleted and created again under the same name is detached, to be attached again: pods lose it for that time.',
    remedy: 'Nothing; wait for `Reattached`.',
  },
  Reattached: {
    type: 'Normal',
    regards: ['VmssIdentityBinding'],
    meaning: 'An identity that was detached because it had been created again is attached again, and works.',
    remedy: 'Nothing.',
  },
  LedgerMissing: {
    type: 'Warning',
    regards: ['VmssIdentityBinding'],
    meaning:
      'No ledger names the binding any more: what was attached for it counts as others’, and stays when it goes.',
    remedy: 'Find out who deleted the ledger; take off by hand what is not needed.',
  },
  DefaultIdentityChanges: {
    type: 'Warning',
    regards: ['VmssIdentityBinding'],
    meaning:
      'A change is about to be made after which token requests to IMDS that name no identity get another, or none.',
    remedy: 'Name the identity in such requests: `client_id`, or `AZURE_CLIENT_ID` for the SDKs.',
  },
  LostInRace: {
    type: 'Warning',
    regards: ['VmssIdentityBinding', 'VmssIdentityLedger'],
    meaning:
      'Someone else wrote to the scale set at the same moment, and identities were lost; see docs/unguarded-writes.md.',
    remedy: 'Use an api-version with etags; attach again what the ledger’s event names of others.',
  },
} as const satisfies Readonly<Record<string, EventRow>>;

/** The reason of an event. */
export type EventReason = keyof typeof EVENTS | Reason;

/** Of the event that tells a change of `Ready`: work in progress is no trouble. */
export function typeOfChange(ready: string, reason: string): EventType {
  return ready === 'False' && reason !== 'Assigning' && reason !== 'Detaching' ? 'Warning' : 'Normal';
}

/** The type of the event with which each reason of a condition is told; `AsItWas` goes by what `Ready` was before. */
export const CHANGES: readonly { readonly reason: Reason; readonly type: EventType | 'AsItWas' }[] = (
  Object.keys(REASONS) as Reason[]
).map((reason) => {
  const { ready } = REASONS[reason];
  return { reason, type: ready === 'AsItWas' ? ready : typeOfChange(ready, reason) };
});
