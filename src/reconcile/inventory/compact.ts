/** What is kept of a list for thousands of scale sets: texts that many of them share, or that are held anyway, are kept once. */
import type { ScaleSetId } from '../../identity/arm-id.ts';
import type { LiveScaleSet, LiveUserAssigned } from '../../identity/scale-set.ts';

/** @param held the scale set's own key, and a spelling of its id, where others hold both anyway */
type Compact = (scaleSet: LiveScaleSet, held: Pick<ScaleSetId, 'key' | 'resourceId'>) => LiveScaleSet;

/** For one round of lists: what it gives back shares its texts with what it gave back before. */
export function compactor(): Compact {
  const texts = new Map<string, string>();
  const tags = new Map<string, readonly string[]>();
  const identities = new Map<string, LiveUserAssigned>();
  const shared = (text: string): string => {
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return known ?? text;
  };
  const sharedTags = (names: readonly string[]): readonly string[] => {
    const all = names.join('\n');
    const known = tags.get(all) ?? names;
    tags.set(all, known);
    return known;
  };
  /** Most scale sets show the same of the same identity. */
  const sharedIdentity = (one: LiveUserAssigned): LiveUserAssigned => {
    const all = [one.resourceId, one.principalId ?? '', one.clientId ?? ''].join('\n');
    const known = identities.get(all) ?? one;
    identities.set(all, known);
    return known;
  };
  return (scaleSet, held) => ({
    ...scaleSet,
    key: held.key,
    // The same text, but not one more copy of it. Azure's spelling, where it is another, is sent back as it is.
    resourceId: scaleSet.resourceId === held.resourceId ? held.resourceId : scaleSet.resourceId,
    location: shared(scaleSet.location),
    provisioningState: shared(scaleSet.provisioningState),
    tagNames: sharedTags(scaleSet.tagNames),
    identity: {
      ...scaleSet.identity,
      userAssigned: new Map(
        [...scaleSet.identity.userAssigned].map(([key, one]) => [shared(key) as typeof key, sharedIdentity(one)]),
      ),
    },
  });
}
