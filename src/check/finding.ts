/** What `--check` finds out. */

/**
 * - `ok`       it is there
 * - `missing`  it is not there, and something can be done about it
 * - `failed`   it could not be found out
 */
export type Verdict = 'ok' | 'missing' | 'failed';

/** What was looked at, in the order in which it is. */
export const checkNames = [
  'configuration',
  'api-server',
  'definition',
  'kubernetes-right',
  'azure-token',
  'azure-right',
  'azure-list',
] as const;
export type CheckName = (typeof checkNames)[number];

export interface Finding {
  readonly verdict: Verdict;
  readonly check: CheckName;
  /** One line for people: what was looked at, and what was found. */
  readonly says: string;
  /** A line for a shell that brings what is missing; words in `<…>` are for people to fill in. */
  readonly command?: string;
}
