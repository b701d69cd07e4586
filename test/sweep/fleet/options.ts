/** What can be said on the command line. */
import { join } from 'node:path';

import { Command, InvalidArgumentError } from 'commander';

import { positive, wholeNumber } from '../../../dev/stage/command-line.ts';
import { type Fleet, MOST_LOCATIONS } from './layout.ts';

export interface Options extends Fleet {
  /** How long it goes on when all is done, in virtual minutes. */
  readonly restMinutes: number;
  /** Where the figures go. */
  readonly json: string;
}

const JSON_FILE = join(import.meta.dirname, '../../../docs/fleet.json');

/** @throws CommanderError when they cannot be understood, or only help was asked for */
export function parseOptions(args: readonly string[]): Options {
  const { latency, kubeLatency, operation, ...rest } = new Command('bench:fleet')
    .description('The operator and a fleet of scale sets under the limits of Azure, on virtual time, beside the ideal.')
    .option('--subscriptions <number>', 'how many subscriptions there are, each with a namespace', positive, 100)
    .option('--scale-sets <number>', 'of each subscription, each with a binding', positive, 1000)
    .option('--identities <number>', 'that each scale set is to have', positive, 1)
    .option('--locations <number>', 'regions in which the subscriptions lie', location, 1)
    .option('--latency <ms>', 'of Resource Manager', wholeNumber, 50)
    .option('--kube-latency <ms>', 'of the API server', wholeNumber, 5)
    .option('--operation <ms>', 'how long Azure works on a write; 0: its reply says that it is done', wholeNumber, 0)
    .option('--page-size <number>', 'scale sets on a page of a list', positive, 100)
    .option('--share <number>', '--azure-budget-share of the operator, above 0', share, 0.5)
    .option('--concurrency <number>', 'of the operator', positive, 16)
    .option('--rest-minutes <minutes>', 'how long it goes on when all is done', wholeNumber, 30)
    .option('--json <file>', 'where the figures go', JSON_FILE)
    .showHelpAfterError('(--help tells all flags)')
    .exitOverride()
    .parse(args, { from: 'user' })
    .opts<Parsed>();
  return { ...rest, latencyMs: latency, kubeLatencyMs: kubeLatency, operationMs: operation };
}

interface Parsed extends Omit<Options, 'latencyMs' | 'kubeLatencyMs' | 'operationMs'> {
  readonly latency: number;
  readonly kubeLatency: number;
  readonly operation: number;
}

function location(text: string): number {
  const value = positive(text);
  if (value > MOST_LOCATIONS) throw new InvalidArgumentError(`It must be at most ${MOST_LOCATIONS}.`);
  return value;
}

function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('It must be above 0, and at most 1.');
  return value;
}
