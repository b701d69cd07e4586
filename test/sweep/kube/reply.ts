import type { ApiFailure } from './api-status.ts';
import type { WatchSpec } from './watch-session.ts';

/** What the server answers: a body, or the beginning of a watch. */
export type Reply =
  | {
      readonly code: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Text as it stands; anything else as JSON. */
      readonly body: unknown;
    }
  | { readonly code: 200; readonly watch: WatchSpec };

/** For a refusal, be it the server's own or one that a test puts in its place. */
export const failureReply = (failure: ApiFailure): Reply => {
  const seconds = failure.details?.retryAfterSeconds;
  return {
    code: failure.code,
    ...(seconds === undefined ? {} : { headers: { 'retry-after': String(seconds) } }),
    body: failure.toStatus(),
  };
};
