/** What of a refusal callers go by. */
import type { Answer } from './servers.ts';

interface StatusBody {
  readonly kind?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly kind?: string;
    readonly causes?: readonly { readonly reason?: string; readonly field?: string }[];
  };
}

/** `422 Invalid: FieldValueRequired spec.scaleSet`; each cause once, in order. */
export const refusalIn = ({ code, body }: Answer): string => {
  const { status, reason, code: told, details } = body as StatusBody;
  if (status !== 'Failure' || told !== code) return `${code} without a Status`;
  const causes = (details?.causes ?? []).map((cause) => `${cause.reason ?? ''} ${cause.field ?? ''}`.trim());
  const list = [...new Set(causes)].toSorted().join(', ');
  return `${code} ${reason ?? '(no reason)'}${list === '' ? '' : `: ${list}`}`;
};
