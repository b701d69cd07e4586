/**
 * A token bucket as Compute describes its own, and as its headers show it: tokens do not trickle in, they come back all
 * at once when a window ends. The window of a full bucket begins with its first use.
 */
export interface Limit {
  /** Tokens in a full bucket. */
  readonly capacity: number;
  /** Tokens that come back with the end of each window. */
  readonly refill: number;
  /** Length of a window. */
  readonly everyMs: number;
}

/** Plain data. It is brought up to date whenever someone looks at it, never by a timer. */
export interface Bucket {
  tokens: number;
  /** Start of the window that it is in. */
  windowMs: number;
  /** Tokens at the start of that window. */
  allowed: number;
  /** Requests that were refused in that window. */
  refused: number;
  /** Until when those who were told to wait are refused whatever the tokens, by who asked. */
  readonly waits: Map<string, number>;
}

/** Why a request was refused, and what its sender is told. */
export interface Shortage {
  /** Whole seconds until it is worth asking again. */
  readonly seconds: number;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  /** Tokens at the start of the window, and requests in it up to this one. */
  readonly allowed: number;
  readonly measured: number;
}

export function fullBucket(limit: Limit, nowMs: number): Bucket {
  return { tokens: limit.capacity, windowMs: nowMs, allowed: limit.capacity, refused: 0, waits: new Map() };
}

/** Puts back what the windows that ended have brought. */
export function refill(bucket: Bucket, limit: Limit, nowMs: number): void {
  const ended = Math.floor((nowMs - bucket.windowMs) / limit.everyMs);
  if (ended > 0) {
    bucket.windowMs += ended * limit.everyMs;
    bucket.tokens += ended * limit.refill;
    bucket.refused = 0;
  }
  bucket.tokens = Math.min(bucket.tokens, limit.capacity);
  if (ended > 0) bucket.allowed = bucket.tokens;
}

/** Nothing would change if it were forgotten. */
export function isUntouched(bucket: Bucket, limit: Limit, nowMs: number): boolean {
  return bucket.tokens === limit.capacity && [...bucket.waits.values()].every((untilMs) => untilMs <= nowMs);
}

export function canTake(bucket: Bucket, tokens: number, asker: string, nowMs: number): boolean {
  return bucket.tokens >= tokens && (bucket.waits.get(asker) ?? nowMs) <= nowMs;
}

/** @param tokens no more than there are */
export function take(bucket: Bucket, limit: Limit, tokens: number, nowMs: number): void {
  if (bucket.tokens === limit.capacity) {
    bucket.windowMs = nowMs;
    bucket.allowed = limit.capacity;
  }
  bucket.tokens -= tokens;
}

/** @param minimumMs the shortest wait that this kind of bucket tells */
export function refuse(bucket: Bucket, limit: Limit, tokens: number, nowMs: number, minimumMs: number): Shortage {
  bucket.refused += 1;
  const waitMs = Math.max(untilRefilled(bucket, limit, tokens, nowMs), minimumMs);
  return {
    seconds: Math.max(Math.ceil(waitMs / 1_000), 1),
    windowStartMs: bucket.windowMs,
    windowEndMs: bucket.windowMs + limit.everyMs,
    allowed: bucket.allowed,
    measured: bucket.allowed - bucket.tokens + bucket.refused,
  };
}

/** How long until so many tokens are there; what is more than it can hold, until it is full. */
function untilRefilled(bucket: Bucket, limit: Limit, tokens: number, nowMs: number): number {
  const missing = Math.min(tokens, limit.capacity) - bucket.tokens;
  if (missing <= 0) return 0;
  return bucket.windowMs + Math.ceil(missing / limit.refill) * limit.everyMs - nowMs;
}
