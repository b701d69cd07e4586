/** The simulated Azure as a process of its own, and its control API. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { request } from 'undici';

import type { SupervisedProcess, Supervisor } from '../control-plane/supervised.ts';
import { eventually } from '../demo/wait.ts';
import type { Drift } from '../simulator/control/drift.ts';
import type { Snapshot } from '../simulator/control/snapshot.ts';
import type { Fault } from '../simulator/faults.ts';
import type { LogEntry } from '../simulator/request-log.ts';
import type { Seed } from '../simulator/seed.ts';
import type { Settings } from '../simulator/settings.ts';
import type { OperationOutcome } from '../simulator/state.ts';

export interface Azure {
  readonly pid: number;
  readonly httpsUrl: string;
  readonly caFile: string;
  snapshot(): Promise<Snapshot>;
  seed(seed: Seed): Promise<void>;
  settings(change: Partial<Settings>): Promise<void>;
  drift(scaleSetId: string, drift: Drift): Promise<void>;
  addFault(fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
  planOutcome(scaleSetId: string, outcome: OperationOutcome): Promise<void>;
  /** Ends all that runs, also what is stuck. */
  finishOperations(): Promise<void>;
  requests(since: number): Promise<readonly LogEntry[]>;
  /** How long writes to one scale set take; undefined: as long as the settings say. */
  operationLength(scaleSetId: string, ms: number | undefined): Promise<void>;
}

const PROGRAM = join(import.meta.dirname, '../simulator/main.ts');

/** @param latencyMs added to every answer */
export async function startAzure(supervisor: Supervisor, seed: Seed, latencyMs = 0): Promise<Azure> {
  const { folder } = supervisor;
  const seedFile = join(folder, 'azure.json');
  const caFile = join(folder, 'azure-ca.pem');
  const logFile = join(folder, 'azure.log');
  await writeFile(seedFile, JSON.stringify(seed));
  const process_ = await supervisor.start({
    command: process.execPath,
    args: [PROGRAM, '--seed', seedFile, '--ca-file', caFile, '--latency-ms', String(latencyMs)],
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder },
    logFile,
  });
  const said = await eventually('the simulated Azure to serve', () => greeting(process_, logFile));
  const httpUrl = urlIn(said, 'HTTP');
  const send = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown> => {
    const reply = await request(`${httpUrl}/_control/${path}`, {
      method,
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await reply.body.text();
    if (reply.statusCode >= 300) throw new Error(`${method} /_control/${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const post = async (path: string, body: unknown): Promise<void> => {
    await send('POST', path, body);
  };
  return {
    pid: process_.pid,
    httpsUrl: urlIn(said, 'HTTPS'),
    caFile,
    snapshot: async () => (await send('GET', 'state')) as Snapshot,
    seed: (more) => post('seed', more),
    settings: (change) => post('settings', change),
    drift: (scaleSet, drift) => post('drift', { scaleSet, ...drift }),
    addFault: (fault) => post('faults', fault),
    clearFaults: async () => {
      await send('DELETE', 'faults');
    },
    planOutcome: (scaleSet, outcome) => post('operations/plan', { scaleSet, outcome }),
    finishOperations: () => post('operations/finish', {}),
    operationLength: (scaleSet, ms) => post('operations/length', { scaleSet, ms }),
    requests: async (since) => (await send('GET', `requests?since=${String(since)}`)) as readonly LogEntry[],
  };
}

async function greeting(process_: SupervisedProcess, logFile: string): Promise<string | undefined> {
  const said = await readFile(logFile, 'utf8');
  if (process_.exit !== undefined) throw new Error(`the simulated Azure ended:\n${said}`);
  return said.includes('\nCA ') ? said : undefined;
}

function urlIn(said: string, scheme: string): string {
  return new RegExp(`^${scheme}\\s+(\\S+)`, 'm').exec(said)?.[1] ?? '';
}
