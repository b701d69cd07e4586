import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { Command, CommanderError, InvalidArgumentError } from 'commander';

import { computeApiVersions } from './arm/api-versions.ts';
import { helpText } from './help.ts';
import { type Seed, SeedError } from './seed.ts';
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
  readonly strictApiVersions?: true;
  readonly throttling?: true;
}

/** A flag whose value cannot be used, as only its use shows. */
class UsageError extends Error {}

const program = new Command('simulator')
  .description(
    'A simulated Azure on 127.0.0.1: Resource Manager for scale sets and user-assigned identities, Entra and IMDS.',
  )
  .option('--seed <file>', 'what it begins with, settings included (YAML or JSON)')
  .option('--https-port <port>', 'port for HTTPS; 0: any free one', port, 0)
  .option('--http-port <port>', 'port for plain HTTP and /_control; 0: any free one', port, 0)
  .option(
    '--operation-seconds <seconds>',
    "how long a write to a scale set takes; 0: at once (default: the seed's, else 5)",
    seconds,
  )
  .option('--latency-ms <ms>', 'added to every answer', wholeNumber, 0)
  .option('--ca-file <file>', "write the CA's certificate there, for NODE_EXTRA_CA_CERTS and curl --cacert")
  .option('--strict-api-versions', 'refuse api-versions newer than those known, which are otherwise read as the newest')
  .option('--throttling', "count requests against Azure's limits, and refuse what is beyond them")
  .option(
    '--api-version <versions...>',
    'offer only these Compute api-versions (default: all that Azure has)',
    computeVersion,
  )
  .addHelpText('after', helpText)
  .showHelpAfterError('(--help tells all flags)')
  .exitOverride();

try {
  await run(program.parse().opts<Flags>());
} catch (error) {
  process.exitCode = exitCodeOf(error);
  // Commander has said it already.
  if (!(error instanceof CommanderError)) {
    process.stderr.write(`simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof SeedError || error instanceof UsageError ? 2 : 1;
}

async function run(flags: Flags): Promise<void> {
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
  const { seed, operationSeconds, caFile, apiVersion, strictApiVersions, throttling, httpsPort, httpPort, latencyMs } =
    flags;
  return {
    httpsPort,
    httpPort,
    latencyMs,
    ...(seed === undefined ? {} : { seed: await readSeed(seed) }),
    ...(operationSeconds === undefined ? {} : { operationMs: operationSeconds * 1000 }),
    ...(caFile === undefined ? {} : { caFile }),
    settings: {
      ...(apiVersion === undefined ? {} : { computeApiVersions: apiVersion }),
      ...(strictApiVersions === undefined ? {} : { strictApiVersions }),
      ...(throttling === undefined ? {} : { throttling: 'On' as const }),
    },
  };
}

async function readSeed(file: string): Promise<Seed> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--seed ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  return parseSeed(text, basename(file));
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  return Number(text);
}

function port(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('It must be a port, 0 to 65535.');
  return Number(text);
}

function seconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number of seconds, 0 or more.');
  return Number(text);
}

function computeVersion(text: string, before: readonly string[] = []): readonly string[] {
  if (!computeApiVersions.includes(text)) throw new InvalidArgumentError('Microsoft.Compute has no such api-version.');
  return [...before, text];
}
