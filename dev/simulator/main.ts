import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { Command, InvalidArgumentError } from 'commander';

import { computeApiVersions } from './arm/api-versions.ts';
import { SeedError } from './seed.ts';
import { parseSeed } from './seed-file.ts';
import { type SimulatorOptions, startSimulator } from './simulator.ts';

interface Flags {
  readonly seed?: string;
  readonly httpsPort: number;
  readonly httpPort: number;
  readonly operationSeconds?: number;
  readonly latencyMs: number;
  readonly caFile?: string;
  readonly apiVersion?: readonly string[];
  readonly throttling?: true;
}

const program = new Command('simulator')
  .description(
    'A simulated Azure on 127.0.0.1: Resource Manager for scale sets and user-assigned identities, Entra and IMDS. ' +
      'GET /_control on the plain HTTP port lists what else it can be told.',
  )
  .option('--seed <file>', 'what it begins with, settings included (YAML or JSON)')
  .option('--https-port <port>', 'port for HTTPS; 0: any free one', wholeNumber, 0)
  .option('--http-port <port>', 'port for plain HTTP and /_control; 0: any free one', wholeNumber, 0)
  .option(
    '--operation-seconds <seconds>',
    "how long a write to a scale set takes; 0: at once (default: the seed's, else 5)",
    seconds,
  )
  .option('--latency-ms <ms>', 'added to every answer', wholeNumber, 0)
  .option('--ca-file <file>', "write the CA's certificate there, for NODE_EXTRA_CA_CERTS and curl --cacert")
  .option('--api-version <versions...>', 'offer only these Compute api-versions (default: all that Azure has)')
  .option('--throttling', "count requests against Azure's limits, and refuse what is beyond them")
  .addHelpText('after', '\nIt runs until it is interrupted (Ctrl-C).');

try {
  await run(program.parse().opts<Flags>());
} catch (error) {
  process.stderr.write(`simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof SeedError ? 2 : 1;
}

async function run(flags: Flags): Promise<void> {
  const unknown = flags.apiVersion?.find((version) => !computeApiVersions.includes(version));
  if (unknown !== undefined) throw new Error(`Microsoft.Compute has no api-version ${unknown}`);
  const simulator = await startSimulator(await optionsFrom(flags));
  process.stdout.write(`HTTPS  ${simulator.httpsUrl}\nHTTP   ${simulator.httpUrl}\n`);
  if (simulator.caPath !== undefined) process.stdout.write(`CA     ${simulator.caPath}\n`);
  const stop = (): void => {
    void simulator.stop();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

async function optionsFrom(flags: Flags): Promise<SimulatorOptions> {
  const { seed, operationSeconds, caFile, apiVersion, throttling, httpsPort, httpPort, latencyMs } = flags;
  return {
    httpsPort,
    httpPort,
    latencyMs,
    ...(seed === undefined ? {} : { seed: parseSeed(await readFile(seed, 'utf8'), basename(seed)) }),
    ...(operationSeconds === undefined ? {} : { operationMs: operationSeconds * 1000 }),
    ...(caFile === undefined ? {} : { caFile }),
    settings: {
      ...(apiVersion === undefined ? {} : { computeApiVersions: apiVersion }),
      ...(throttling === undefined ? {} : { throttling: 'On' as const }),
    },
  };
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('must be a whole number, 0 or more');
  return Number(text);
}

function seconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('must be a number of seconds, 0 or more');
  return Number(text);
}
