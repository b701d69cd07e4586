/** The patterns of a policy: matched in linear time, without regular expressions built from what a user typed. */
import { type ArmKey, asciiLower } from './arm-id.ts';

/** Matches `text` against `pattern`, in which `*` stands for any run of characters, also none. */
export function matchesGlob(pattern: string, text: string): boolean {
  const firstStar = pattern.indexOf('*');
  if (firstStar === -1) return pattern === text;
  const lastStar = pattern.lastIndexOf('*');
  const first = pattern.slice(0, firstStar);
  const last = pattern.slice(lastStar + 1);
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const piece of pattern.slice(firstStar, lastStar).split('*')) {
    const found = text.indexOf(piece, from);
    if (found === -1 || found + piece.length > end) return false;
    from = found + piece.length;
  }
  return true;
}

const SUBSCRIPTION = 2;
const GROUP = 4;
const NAME = 8;

/**
 * Matches a resource id against a policy's pattern, letter case apart. `*` is a wildcard inside the group's and the
 * resource's name only; `**` as the last segment stands for all that follows. The subscription is always literal.
 * A pattern that breaks these rules matches nothing.
 */
export function matchesResource(pattern: string, resource: ArmKey): boolean {
  // There may be hundreds of patterns, one for each team, and most differ in what is literal.
  if (!resource.startsWith(asciiLower(literalStart(pattern)))) return false;
  const wanted = asciiLower(pattern).split('/');
  const actual = resource.split('/');
  const open = wanted.length > SUBSCRIPTION + 1 && wanted[wanted.length - 1] === '**';
  if (open) wanted.pop();
  if (open ? actual.length <= wanted.length : actual.length !== wanted.length) return false;
  return wanted.every((segment, index) => {
    const text = actual[index];
    const wild = (index === GROUP || index === NAME) && !segment.includes('**');
    return wild && text !== undefined ? matchesGlob(segment, text) : segment === text && !segment.includes('*');
  });
}

function literalStart(pattern: string): string {
  const firstStar = pattern.indexOf('*');
  return firstStar === -1 ? pattern : pattern.slice(0, firstStar);
}
