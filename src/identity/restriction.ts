/**
 * Where a user-assigned identity may be assigned, as it says itself. Azure refuses what does not fit, so it is not even
 * asked. Source: Microsoft Learn, "Assignment restrictions" and "Isolation scope" of managed identities.
 */
import { asciiLower } from './arm-id.ts';
import type { LiveScaleSet, UserAssignedIdentity } from './scale-set.ts';

/** What a provider is called, or this very type of it, in the lower case of comparisons. */
const OURS: ReadonlySet<string> = new Set(['microsoft.compute', 'microsoft.compute/virtualmachinescalesets']);

/** Why the identity may not be assigned to the scale set, in words; undefined when nothing of its own forbids it. */
export function restrictionOn(
  { allowedProviders, isRegional, location }: UserAssignedIdentity,
  scaleSet: Pick<LiveScaleSet, 'location'>,
): string | undefined {
  if (allowedProviders?.some((provider) => OURS.has(asciiLower(provider))) === false) {
    return (
      'its assignmentRestrictions do not name Microsoft.Compute, so that no scale set may have it: add that to them, ' +
      'or take the identity out of the binding; nothing is written for it'
    );
  }
  const isElsewhere = location !== undefined && regionOf(location) !== regionOf(scaleSet.location);
  if (isRegional === true && isElsewhere && scaleSet.location !== '') {
    return (
      'its isolationScope is Regional and the scale set is in another region: set that to None, or bind an identity of ' +
      "the scale set's region; nothing is written for it"
    );
  }
  return undefined;
}

/** `West Europe` and `westeurope` are the same region. */
function regionOf(location: string): string {
  return asciiLower(location).replaceAll(' ', '');
}
