/** A cold start as the command line describes it. */
import type { Settings } from '../../simulator/settings.ts';
import type { Scenario } from '../scenario.ts';
import { cold, idealSeconds } from './cold.ts';

export interface Own {
  readonly scaleSets: number;
  /** Of every answer of Azure. */
  readonly latencyMs: number;
  /** Of every request to Kubernetes, beside what it takes anyway. */
  readonly kubeLatencyMs: number;
  /** How long Azure works on a write; 0: its reply says that it is done. */
  readonly operationMs: number;
  /** Scale sets on a page of a list. */
  readonly pageSize: number;
  readonly bodySize: Settings['bodySize'];
  /** `--azure-budget-share` of the operator. */
  readonly share: number;
  /** Whether Azure has its limits. */
  readonly limited: boolean;
}

export function own(options: Own): Scenario {
  const { scaleSets, latencyMs, kubeLatencyMs, operationMs, pageSize, bodySize, share, limited } = options;
  return cold({
    name: 'own',
    about: aboutOf(options),
    scaleSets,
    azureLatencyMs: latencyMs,
    kubeLatencyMs,
    azure: { operationMs, pageSize, bodySize, throttling: limited ? 'On' : 'Off' },
    flags: [`--azure-budget-share=${String(share)}`],
    ideals: { onArm: idealSeconds(scaleSets, { pageSize, share, latencyMs, operationMs }) },
  });
}

function aboutOf(options: Own): string {
  const { scaleSets, latencyMs, kubeLatencyMs, operationMs, pageSize, bodySize, share, limited } = options;
  return [
    `${scaleSets.toLocaleString('en')} scale sets`,
    `Azure ${String(latencyMs)} ms and Kubernetes ${String(kubeLatencyMs)} ms away`,
    `operations of ${String(operationMs)} ms`,
    `pages of ${String(pageSize)}`,
    `${bodySize.toLowerCase()} bodies`,
    `budget share ${String(share)}`,
    limited ? 'Azure counts and refuses' : 'Azure without limits',
  ].join(', ');
}
