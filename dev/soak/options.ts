/** What can be said on the command line. */
import { Command, InvalidArgumentError, Option } from 'commander';

import { wholeNumber } from '../stage/command-line.ts';
import { NODE_FLAGS_AS_SHIPPED } from '../stage/operator-command.ts';

export const SCENARIOS = ['soak', 'api-server-away'] as const;

export interface Options {
  readonly scenario: (typeof SCENARIOS)[number];
  readonly minutes: number;
  readonly seed: number;
  readonly bindings: number;
  readonly scaleSets: number;
  readonly replicas: number;
  /** Changes of bindings in a second. */
  readonly changes: number;
  /** Changes by others in a second. */
  readonly drift: number;
  /** How long the API server is away, in seconds. */
  readonly away: number;
  readonly leaseSeconds: number;
  /** How often the operator looks for drift, in seconds. */
  readonly interval: number;
  /** Names of the disturbances, separated by commas; undefined: all of them, each at its time. */
  readonly only?: string;
  /** Of the operators' Node, separated by spaces. */
  readonly nodeFlags: string;
  readonly json?: string;
}

/** @param seed when none is given */
export function parseOptions(args: readonly string[], seed: number): Options {
  return new Command('soak')
    .description('Wears the operator out, and asks afterwards whether everything is as it must be.')
    .addOption(new Option('--scenario <name>', 'what is done').choices(SCENARIOS).default('soak'))
    .option('--minutes <number>', 'how long the soak lasts, until everything may settle', positive, 10)
    .addOption(
      new Option('--seed <number>', 'of all that is left to chance')
        .default(seed, 'another one each time')
        .argParser(wholeNumber),
    )
    .option('--bindings <number>', 'how many bindings there are', wholeNumber, 500)
    .option('--scale-sets <number>', 'how many scale sets they are of', wholeNumber, 300)
    .option('--replicas <number>', 'of the operator: 1 or 2; only the second one is killed', wholeNumber, 2)
    .option('--changes <number>', 'changes of bindings in a second', positive, 5)
    .option('--drift <number>', 'changes by others in a second', positive, 1)
    .option('--away <seconds>', 'how long the API server is away in that scenario', positive, 300)
    .option('--lease-seconds <seconds>', 'duration of the Lease', wholeNumber, 15)
    .option('--interval <seconds>', 'how often the operator looks for drift', wholeNumber, 15)
    .option('--only <names>', 'no other disturbances than these, all along, separated by commas')
    .option('--node-flags <flags>', "of the operators' Node", NODE_FLAGS_AS_SHIPPED.join(' '))
    .option('--json <file>', 'write all figures there')
    .showHelpAfterError('(--help tells all flags)')
    .exitOverride()
    .parse(args, { from: 'user' })
    .opts<Options>();
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}
