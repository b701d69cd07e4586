/** The whole operator as one process of a sweep: its own code down to the seams, and no socket. */
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';

import { type Config, parseConfig } from '../../src/config.ts';
import { anonymousConnection } from '../../src/kube/connection.ts';
import { createOperator } from '../../src/operator.ts';
import type { Random } from '../../src/runtime/clock.ts';
import type { MetricsSource } from '../../src/runtime/health.ts';
import type { LogFields, Logger } from '../../src/telemetry/logger.ts';
import { seededRandom } from '../unit/runtime/virtual-clock.ts';
import { azureSeam } from './azure-seam.ts';
import type { MemoryApiServer } from './kube/memory-api-server.ts';
import type { Call, Seam } from './kube/seam.ts';
import { kubeSeam, type Tell } from './kube-seam.ts';
import type { Scheduler } from './scheduler.ts';
import { type Known, Shown } from './shown.ts';
import { VirtualProcess } from './virtual-process.ts';

export interface IncarnationParts {
  readonly scheduler: Scheduler;
  readonly kube: MemoryApiServer;
  /** @param known what the pass went by that sends the request */
  readonly azure: (request: PipelineRequest, known: Known) => Promise<PipelineResponse>;
  /** What the operator shows to Azure. */
  readonly token: string;
  readonly config: Config;
  /** From 1 on; no two of a run have the same. */
  readonly number: number;
  /** How far its wall clock is ahead of everyone's. */
  readonly skewMs: number;
  /** What becomes of what comes on its watches. */
  readonly tell: Tell;
}

export interface LoggedLine {
  readonly virtualMs: number;
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
  readonly fields: LogFields;
}

export interface Incarnation {
  readonly name: string;
  readonly lines: readonly LoggedLine[];
  /** What Prometheus would read now. */
  metrics(): Promise<string>;
  /** What its pass over a scale set goes by; while a request of it is carried out, what it went by when it was sent. */
  knownOf(scaleSetId: string): Known;
  /** From one moment to the next it is not there any more; what it asked for may still arrive. */
  crash(): void;
  /** Stops it for a while, with all that it is about to do. */
  readonly process: Pick<VirtualProcess, 'pause' | 'arrive' | 'resume'>;
  /** Ends it in order. */
  stop(): Promise<void>;
}

/** Where the operator's Lease lies. */
export const OPERATOR_NAMESPACE = 'vmss-identity';
const KUBE_ORIGIN = 'https://kubernetes.example';
const TOKEN_END_MS = Date.parse('2100-01-01T00:00:00Z');

/** As the command line would give it. */
export function configOf(argv: readonly string[]): Config {
  const parsed = parseConfig(['--credential', 'cli', '--namespace', OPERATOR_NAMESPACE, ...argv], {});
  if (parsed.kind !== 'config') throw new Error(parsed.kind === 'errors' ? parsed.errors.join('\n') : parsed.text);
  return parsed.config;
}

export function startIncarnation(parts: IncarnationParts): Incarnation {
  const name = `operator-${parts.number}`;
  const process = new VirtualProcess(name, parts.scheduler, parts.skewMs);
  const lines: LoggedLine[] = [];
  const shown = new Shown(() => parts.kube.revision);
  const { seam, knownOf } = kubeOf(parts, process, shown);
  const connection = parts.kube.dispatcher({ client: name, seam });
  let page: MetricsSource | undefined;
  const operator = createOperator({
    config: parts.config,
    clock: process.clock,
    random: randomOf(parts.number),
    logger: keepingLogger(lines, () => parts.scheduler.elapsedMs, shown),
    instance: name,
    kubeConnection: anonymousConnection(KUBE_ORIGIN),
    kubeDispatcher: shown.through(connection),
    azureHttpClient: azureOf(parts, process, shown),
    credential: { getToken: () => Promise.resolve({ token: parts.token, expiresOnTimestamp: TOKEN_END_MS }) },
    healthServer: ({ listen, metrics }) => {
      page = metrics;
      return { start: () => Promise.resolve(listen), stop: () => Promise.resolve() };
    },
  });
  void operator.start();
  const crash = (): void => {
    process.end();
    connection.crash();
  };
  return {
    name,
    lines,
    process,
    metrics: () => page?.metrics() ?? Promise.resolve(''),
    knownOf,
    crash,
    async stop() {
      await operator.stop();
      crash();
    },
  };
}

/** What is known counts as of when a request is sent, however late it arrives. */
function kubeOf({ tell }: IncarnationParts, process: VirtualProcess, shown: Shown): KubeSide {
  const seam = kubeSeam(process, tell);
  let arriving: Pick<Shown, 'knownOf'> = shown;
  return {
    seam: {
      ...seam,
      call: (call) => {
        const sent = call.method === 'GET' ? shown : shown.asOfNow();
        const perform: Call['perform'] = (view) => {
          arriving = sent;
          try {
            return call.perform(view);
          } finally {
            arriving = shown;
          }
        };
        return seam.call({ ...call, perform });
      },
    },
    knownOf: (scaleSetId) => arriving.knownOf(scaleSetId),
  };
}

interface KubeSide extends Pick<Incarnation, 'knownOf'> {
  readonly seam: Seam;
}

/** Likewise. */
function azureOf(parts: IncarnationParts, process: VirtualProcess, shown: Shown): HttpClient {
  const knownBySender = new WeakMap<PipelineRequest, Known>();
  const knownOf = ({ url }: PipelineRequest): Known => shown.knownOf(new URL(url).pathname);
  const seam = azureSeam(process, {
    sendRequest: (request) => parts.azure(request, knownBySender.get(request) ?? knownOf(request)),
  });
  return {
    sendRequest: (request) => {
      if (request.method !== 'GET') knownBySender.set(request, knownOf(request));
      return seam.sendRequest(request);
    },
  };
}

/** Of each incarnation its own, uuids included: nothing that two of them make up has the same name. */
function randomOf(number: number): Random {
  const random = seededRandom(number);
  const hex = (digits: number): string =>
    Math.floor(random.next() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return { next: () => random.next(), uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}` };
}

function keepingLogger(lines: LoggedLine[], elapsedMs: () => number, shown: Shown, own: LogFields = {}): Logger {
  const keep =
    (level: LoggedLine['level']) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ virtualMs: elapsedMs(), level, message, fields: { ...own, ...fields } });
    };
  return {
    error: keep('error'),
    warn: keep('warn'),
    info: keep('info'),
    debug: keep('debug'),
    child: (fields) => {
      // Each pass has a logger of its own, from its first moment.
      if (fields['reconcileID'] !== undefined) shown.passBegins(String(fields['key']));
      return keepingLogger(lines, elapsedMs, shown, { ...own, ...fields });
    },
  };
}
