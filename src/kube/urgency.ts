import type { ChangeSource } from './reflector.ts';

/** `high`: a person waits for it. `low`: looked at to be sure. */
export type Urgency = 'high' | 'low';

/** A list tells of much at once, most of which nobody waits for. */
export function urgencyOf(source: ChangeSource): Urgency {
  return source === 'list' ? 'low' : 'high';
}
