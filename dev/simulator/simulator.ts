import { writeFile } from 'node:fs/promises';

import { createCertificates } from './certificates.ts';
import { type Control, createControl } from './control/control.ts';
import type { LogEntry } from './request-log.ts';
import type { Seed } from './seed.ts';
import { applySeed } from './seeding.ts';
import { startServers } from './server.ts';
import type { Settings } from './settings.ts';
import { createState, type State } from './state.ts';

export interface SimulatorOptions {
  readonly seed?: Seed;
  /** How long a write to a scale set takes; 0: answered as done. Default: 5 s. Beats the seed's. */
  readonly operationMs?: number;
  /** Added to every answer. Default: none. */
  readonly latencyMs?: number;
  /** Default: any free port. */
  readonly httpsPort?: number;
  readonly httpPort?: number;
  /** Where to write the CA's certificate (PEM), for `NODE_EXTRA_CA_CERTS` and `curl --cacert`. */
  readonly caFile?: string;
  readonly settings?: Partial<Settings>;
  /** Another number gives other GUIDs. */
  readonly guidSeed?: number;
}

/** A simulated Azure on loopback: ARM and Entra on both ports, IMDS and `/_control` on the plain one. */
export interface Simulator {
  readonly httpsUrl: string;
  readonly httpUrl: string;
  readonly caPem: string;
  /** `caFile`, if it was given. */
  readonly caPath: string | undefined;
  /** For assertions in process. */
  readonly state: State;
  readonly control: Control;
  requests(since?: number): readonly Readonly<LogEntry>[];
  stop(): Promise<void>;
}

/** @throws SeedError, or the system's error when a port is taken or the CA file cannot be written */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { seed, operationMs, settings, guidSeed, caFile } = options;
  const state = createState(guidSeed === undefined ? {} : { guidSeed });
  applySeed(state, seed ?? {}, Date.now());
  Object.assign(state.settings, settings, operationMs === undefined ? {} : { operationMs });
  const control = createControl(state, () => Date.now());
  const certificates = createCertificates(new Date());
  if (caFile !== undefined) await writeFile(caFile, certificates.caPem);
  const servers = await startServers({
    state,
    control,
    certificates,
    httpsPort: options.httpsPort ?? 0,
    httpPort: options.httpPort ?? 0,
    latencyMs: options.latencyMs ?? 0,
  });
  return {
    httpsUrl: servers.httpsUrl,
    httpUrl: servers.httpUrl,
    caPem: certificates.caPem,
    caPath: caFile,
    state,
    control,
    requests: (since) => control.requests(since),
    stop: () => servers.stop(),
  };
}
