import type { Clock } from '../runtime/clock.ts';
import type { EventToRecord } from './event-object.ts';
import { LeastRecentlyUsed } from './lru.ts';

export interface EventAggregationOptions {
  readonly clock: Clock;
  /** How many groups of similar events are remembered. */
  readonly capacity: number;
  /** After so many milliseconds without an event of the group it begins anew. */
  readonly quietMs: number;
}

/** Events about one object that differ in nothing but their notes. */
interface Similar {
  readonly notes: Set<string>;
  /** What all further notes become: an event's own note is immutable, so the first of them stands for the rest. */
  combined?: string;
  lastMs: number;
}

/** client-go's: of similar events the tenth, and what comes after it, are one. */
const differentNotes = 9;
/** client-go's words, which people and tools know. */
const prefix = '(combined from similar events): ';

/** Keeps an object whose trouble has a new text each time from filling the namespace with events. */
export class EventAggregation {
  readonly #options: EventAggregationOptions;
  readonly #groups: LeastRecentlyUsed<string, Similar>;

  constructor(options: EventAggregationOptions) {
    this.#options = options;
    this.#groups = new LeastRecentlyUsed(options.capacity);
  }

  /** The event itself, or the one that stands for all that are similar to it. */
  combine(event: EventToRecord): EventToRecord {
    const group = this.#groupOf(event);
    if (group.notes.has(event.note)) return event;
    if (group.notes.size < differentNotes) {
      group.notes.add(event.note);
      return event;
    }
    group.combined ??= `${prefix}${event.note}`;
    return { ...event, note: group.combined };
  }

  #groupOf({ regarding, related, type, reason, action, namespace }: EventToRecord): Similar {
    const { clock, quietMs } = this.#options;
    const nowMs = clock.now();
    const key = JSON.stringify([regarding, related, type, reason, action, namespace]);
    const known = this.#groups.get(key);
    if (known !== undefined && nowMs - known.lastMs <= quietMs) {
      known.lastMs = nowMs;
      return known;
    }
    const group: Similar = { notes: new Set(), lastMs: nowMs };
    this.#groups.set(key, group);
    return group;
  }
}
