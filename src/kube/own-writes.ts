/**
 * Tells our own writes from others' while the answer to one is under way: the watch is often faster than the answer, and
 * a pass that woke itself up would read Azure for nothing.
 */
export class OwnWrites {
  readonly #underWay = new Map<string, Set<string>>();

  /**
   * Writes the object, and calls `others` when events came meanwhile that were not of this write.
   * @param object any name of it, the same for all its writes and events
   */
  async run<T extends { readonly metadata: { readonly resourceVersion: string } }>(
    object: string,
    others: () => void,
    write: () => Promise<T>,
  ): Promise<T> {
    const seen = this.#underWay.get(object) ?? new Set<string>();
    this.#underWay.set(object, seen);
    let own: string | undefined;
    try {
      const written = await write();
      own = written.metadata.resourceVersion;
      return written;
    } finally {
      this.#underWay.delete(object);
      if (own !== undefined) seen.delete(own);
      if (seen.size > 0) others();
    }
  }

  /** Whether an event may be the echo of a write under way. It is judged when the write has its answer. */
  mayBe(object: string, resourceVersion: string): boolean {
    const seen = this.#underWay.get(object);
    seen?.add(resourceVersion);
    return seen !== undefined;
  }
}
