import { Refusal, type Reply } from '../http.ts';

/** What the answer to one request tells of the tokens that it has left. */
export interface Meter {
  /** Headers of their own. */
  readonly headers: Record<string, string>;
  /** `<namespace>/<policy>;<tokens>`, which share one header. */
  readonly policies: string[];
}

export function newMeter(): Meter {
  return { headers: {}, policies: [] };
}

/** Answers, refusals included, tell what was counted on the way to them. */
export function metered(answer: (meter: Meter) => Reply): Reply {
  const meter = newMeter();
  const reply = orRefusal(() => answer(meter));
  if (meter.policies.length > 0) meter.headers['x-ms-ratelimit-remaining-resource'] = meter.policies.join(',');
  return { ...reply, headers: { ...meter.headers, ...reply.headers } };
}

function orRefusal(answer: () => Reply): Reply {
  try {
    return answer();
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    throw error;
  }
}
