import { fold } from '../resource-id.ts';
import type { Settings } from '../settings.ts';

/** Every api-version that Microsoft.Compute has had (Azure/azure-rest-api-specs). 2018-12-01, seen in how-tos, never was one. */
export const computeApiVersions: readonly string[] = [
  ...['2015-06-15', '2016-03-30', '2016-04-30-preview', '2017-03-30', '2017-12-01', '2018-04-01', '2018-06-01'],
  ...['2018-10-01', '2019-03-01', '2019-07-01', '2019-12-01', '2020-06-01', '2020-12-01', '2021-03-01', '2021-04-01'],
  ...['2021-07-01', '2021-11-01', '2022-03-01', '2022-08-01', '2022-11-01', '2023-03-01', '2023-07-01', '2023-09-01'],
  ...['2024-03-01', '2024-07-01', '2024-11-01', '2025-04-01', '2025-11-01', '2026-04-01'],
];

export const managedIdentityApiVersions: readonly string[] = [
  ...['2015-08-31-PREVIEW', '2018-11-30', '2022-01-31-PREVIEW', '2023-01-31', '2023-07-31-PREVIEW', '2024-11-30'],
  ...['2025-01-31-PREVIEW', '2025-05-31-PREVIEW', '2026-04-30', '2026-05-31'],
];

/** Of Microsoft.Resources: subscriptions, providers, resource groups (Azure/azure-cli#28038, and later ones). */
export const resourcesApiVersions: readonly string[] = [
  ...['2014-04-01', '2015-01-01', '2015-11-01', '2016-02-01', '2016-06-01', '2016-07-01', '2016-09-01', '2017-03-01'],
  ...['2017-05-01', '2017-05-10', '2017-06-01', '2017-08-01', '2017-12-01', '2018-01-01', '2018-02-01', '2018-05-01'],
  ...['2018-06-01', '2018-07-01', '2018-08-01', '2018-09-01', '2018-11-01', '2019-03-01', '2019-05-01', '2019-05-10'],
  ...['2019-06-01', '2019-07-01', '2019-08-01', '2019-09-01', '2019-10-01', '2019-11-01', '2020-01-01', '2020-05-01'],
  ...['2020-06-01', '2020-07-01', '2020-08-01', '2020-09-01', '2020-10-01', '2021-01-01', '2021-04-01', '2022-01-01'],
  ...['2022-05-01', '2022-06-01', '2022-09-01', '2022-12-01', '2023-07-01', '2024-03-01', '2024-07-01', '2024-11-01'],
  ...['2025-03-01', '2025-04-01'],
];

/**
 * The version to read a request as; undefined when there is none such. A date after the newest is read as the newest,
 * so that a client may be ahead of this table; a list that was configured is taken at its word.
 */
export function resolveApiVersion(asked: string, known: readonly string[], exact: boolean): string | undefined {
  const found = known.find((version) => fold(version) === fold(asked));
  const newest = known.at(-1);
  if (found !== undefined || exact || newest === undefined) return found;
  return /^\d{4}-\d{2}-\d{2}(-preview)?$/i.test(asked) && asked > newest ? newest : undefined;
}

export function offeredComputeVersions(settings: Settings): readonly string[] {
  return settings.computeApiVersions ?? computeApiVersions;
}

/** How a version writes `identity`: not at all, the system-assigned one only, with `identityIds`, or with a dictionary. */
export type IdentityShape = 'None' | 'SystemOnly' | 'Array' | 'Dictionary';

export function identityShape(version: string): IdentityShape {
  if (version < '2017-03-30') return 'None';
  if (version < '2017-12-01') return 'SystemOnly';
  return version < '2018-06-01' ? 'Array' : 'Dictionary';
}

/** `etag`, `If-Match` and `If-None-Match` exist since this version; earlier ones ignore the headers. */
export function hasEtags(version: string): boolean {
  return version >= '2023-09-01';
}

export function hasOrchestrationMode(version: string): boolean {
  return version >= '2020-12-01';
}

export function hasTimeCreated(version: string): boolean {
  return version >= '2021-11-01';
}

export function hasIsolationScope(version: string): boolean {
  return version >= '2024-11-30';
}

export function hasAssignmentRestrictions(version: string): boolean {
  return version >= '2025-05-31';
}
