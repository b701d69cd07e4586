/** The operator of a fleet: one process that leads without asking anybody. */
import { anonymousConnection } from '../../../src/kube/connection.ts';
import { createOperator, type Operator } from '../../../src/operator.ts';
import type { LogFields, Logger } from '../../../src/telemetry/logger.ts';
import { seededRandom } from '../../unit/runtime/virtual-clock.ts';
import { configOf } from '../incarnation.ts';
import type { FleetAzure } from './fleet-azure.ts';
import type { FleetCluster } from './fleet-cluster.ts';
import type { FleetTime } from './fleet-time.ts';
import type { FleetConditions } from './layout.ts';

export interface OperatorSurroundings {
  readonly time: FleetTime;
  readonly azure: FleetAzure;
  readonly cluster: FleetCluster;
  /** Lines of its log that are warnings or errors, by what they say, are counted here. */
  readonly complaints: Map<string, number>;
}

const NAME = 'operator';
const TOKEN_END_MS = Date.parse('2100-01-01T00:00:00Z');

export function fleetOperator(conditions: FleetConditions, surroundings: OperatorSurroundings): Operator {
  const { share, concurrency } = conditions;
  const { time, azure, cluster, complaints } = surroundings;
  const flags = { '--azure-budget-share': share, '--concurrency': concurrency, '--leader-elect': false };
  return createOperator({
    config: configOf(Object.entries(flags).map(([flag, value]) => `${flag}=${value}`)),
    clock: time.clock,
    random: seededRandom(),
    logger: countingLogger(complaints),
    instance: NAME,
    kubeConnection: anonymousConnection('https://kubernetes.example'),
    kubeDispatcher: cluster.dispatcher(NAME),
    azureHttpClient: azure.httpClient,
    credential: { getToken: () => Promise.resolve({ token: azure.token, expiresOnTimestamp: TOKEN_END_MS }) },
    healthServer: ({ listen }) => ({ start: () => Promise.resolve(listen), stop: () => Promise.resolve() }),
  });
}

function countingLogger(complaints: Map<string, number>): Logger {
  const count = (message: string, { error }: LogFields = {}): void => {
    const line = error instanceof Error ? `${message}: ${error.message}` : message;
    complaints.set(line, (complaints.get(line) ?? 0) + 1);
  };
  const silent = (): void => undefined;
  const logger: Logger = { error: count, warn: count, info: silent, debug: silent, child: () => logger };
  return logger;
}
