/**
 * The patterns of policies, as design and API describe them: an own reading, so that a mistake in the operator's is not
 * taken over.
 */

/** A–Z alone have two cases, everywhere. */
export const fold = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/** `*` stands for any characters, also none. */
export function matchesName(pattern: string, name: string): boolean {
  if (pattern === '') return name === '';
  const [first, rest] = [pattern.slice(0, 1), pattern.slice(1)];
  if (first !== '*') return name.startsWith(first) && matchesName(rest, name.slice(1));
  return Array.from({ length: name.length + 1 }, (_, skipped) => name.slice(skipped)).some((left) =>
    matchesName(rest, left),
  );
}

/** Of the segments of `/subscriptions/<guid>/resourceGroups/<group>/providers/<provider>/<type>/<name>`, those with wildcards. */
const [GROUP, NAME] = [4, 8];

/** `/**` at the end stands for all that lies below; `*` for characters inside the group's and the resource's name. */
export function matchesId(pattern: string, id: string): boolean {
  const isOpen = pattern.endsWith('/**');
  const wanted = fold(isOpen ? pattern.slice(0, -'/**'.length) : pattern).split('/');
  const actual = fold(id).split('/');
  const fits = isOpen ? actual.length > wanted.length : actual.length === wanted.length;
  return fits && wanted.every((segment, index) => matchesSegment(segment, actual[index] ?? '', index));
}

function matchesSegment(segment: string, text: string, index: number): boolean {
  if (!segment.includes('*')) return segment === text;
  return (index === GROUP || index === NAME) && !segment.includes('**') && matchesName(segment, text);
}
