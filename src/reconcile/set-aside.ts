/** Bindings that wait by themselves: nothing is decided on what they say, so that nothing of theirs holds up the rest. */
import { withinBytes } from '../identity/bounds.ts';
import { mayTry } from './refused-by-kubernetes.ts';
import type { BoundBinding, Subject } from './subject.ts';

/** The subject with its declarations the oldest first, and those set aside that take no finalizer or have no room. */
export function withSetAside(subject: Subject, now: number): Subject {
  const { finalized, ledger, memory } = subject;
  const bound = subject.bound.map((one): BoundBinding => {
    if (finalized.has(one.declaration.uid) || mayTry(memory, 'finalizer', one, now)) return one;
    return { ...one, declaration: { ...one.declaration, setAside: 'finalizerRefused' } };
  });
  const oldestFirst = bound.toSorted(byAge).map(({ declaration }) => declaration);
  const declarations = withinBytes(oldestFirst, ledger?.spec);
  const byUid = new Map(declarations.map((declaration) => [declaration.uid, declaration]));
  const declarationOf = ({ declaration }: BoundBinding): BoundBinding['declaration'] =>
    byUid.get(declaration.uid) ?? declaration;
  return {
    ...subject,
    declarations,
    bound: bound.map((one) => ({ ...one, declaration: declarationOf(one) })),
  };
}

/** Created in the same second, in the order of their uids: the same order in every process. */
function byAge(a: BoundBinding, b: BoundBinding): number {
  const [one, other] = [ageOf(a), ageOf(b)];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function ageOf({ binding: { metadata } }: BoundBinding): string {
  return `${metadata.creationTimestamp} ${metadata.uid}`;
}
