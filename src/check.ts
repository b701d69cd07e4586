/** How `--check` is put together; `check/` says what it looks at. */
import { createCredential } from './azure/credentials.ts';
import { createAzurePort } from './azure/port.ts';
import { check } from './check/check.ts';
import type { Finding } from './check/finding.ts';
import { isAllWell, printed, printedSummary } from './check/report.ts';
import type { Config } from './config.ts';
import { operatorName } from './config/operator-name.ts';
import { createCheckPort } from './kube/check-port.ts';
import { KubeClient } from './kube/client.ts';
import { loadKubeConnection, sourceOf } from './kube/kubeconfig.ts';
import type { Clock, Random } from './runtime/clock.ts';
import { leasesFor } from './runtime/lease-names.ts';
import type { Logger } from './telemetry/logger.ts';

export interface CheckProcess {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Where findings go, one after the other as they come. */
  readonly print: (text: string) => void;
}

/** Of a call to the API server, in milliseconds. */
const CALL_TIMEOUT_MS = 10_000;

/** Resolves with whether everything is there. */
export async function runCheck({ config, clock, random, logger, print }: CheckProcess): Promise<boolean> {
  const findings: Finding[] = [];
  const { azure, kubeconfig, leaderElect, shards, logFormat } = config;
  const clients: KubeClient[] = [];
  await check(
    {
      configuration: described(config),
      installation: {
        watchNamespaces: config.watchNamespaces,
        ownNamespace: config.namespace,
        leases: leaderElect ? leasesFor(operatorName, shards) : [],
      },
      connect: () => {
        const connection = loadKubeConnection(sourceOf(kubeconfig));
        const client = new KubeClient({ connection, clock, callTimeoutMs: CALL_TIMEOUT_MS });
        clients.push(client);
        return createCheckPort(client, connection);
      },
      azure: createAzurePort({
        endpoint: azure.armEndpoint,
        scope: azure.armScope,
        apiVersion: azure.armApiVersion,
        credential: createCredential(azure),
        clock,
        random,
        logger,
        budgetShare: azure.budgetShare,
        // Nothing here writes; and if it did, nothing would be sent.
        readOnly: true,
      }),
      clock,
      tell: (finding) => {
        findings.push(finding);
        print(printed(finding, logFormat));
      },
    },
    new AbortController().signal,
  );
  print(printedSummary(findings, logFormat));
  await Promise.all(clients.map((client) => client.close()));
  return isAllWell(findings);
}

function described({ azure, watchNamespaces, leaderElect, shards }: Config): string {
  const namespaces = watchNamespaces === undefined ? 'all namespaces' : `namespaces ${watchNamespaces.join(', ')}`;
  const leaders = leaderElect ? `${String(shards)} ${shards === 1 ? 'shard' : 'shards'}` : 'no leader election';
  return `cloud ${azure.cloud} (${azure.armEndpoint}), credential ${azure.credential.kind}, ${namespaces}, ${leaders}`;
}
