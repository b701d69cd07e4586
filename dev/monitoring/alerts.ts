/** The alerts of `deploy/components/monitoring`, as they are shipped. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parse } from 'yaml';

export const COMPONENT = join(import.meta.dirname, '../../deploy/components/monitoring');

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

/** What Prometheus takes as a file of rules, and its operator as the spec of a PrometheusRule. */
export interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Alert[] }[];
}

export async function readRules(): Promise<Rules> {
  const text = await readFile(join(COMPONENT, 'prometheus-rule.yaml'), 'utf8');
  return (parse(text) as { readonly spec: Rules }).spec;
}

export const readAlerts = async (): Promise<readonly Alert[]> =>
  (await readRules()).groups.flatMap(({ rules }) => rules);
