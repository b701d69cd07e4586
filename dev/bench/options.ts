/** What can be said on the command line. */
import { Command, InvalidArgumentError, Option } from 'commander';

import { positive, wholeNumber } from '../stage/command-line.ts';
import type { Scenario } from './scenario.ts';
import { type Own, own } from './scenarios/own.ts';

export interface Options {
  readonly chosen: readonly Scenario[];
  readonly runs: number;
  readonly json: string | undefined;
  readonly record: boolean;
}

interface Parsed {
  readonly runs: number;
  readonly json?: string;
  readonly record: boolean;
  readonly scaleSets: number;
  readonly latency: number;
  readonly kubeLatency: number;
  readonly operation: number;
  readonly pageSize: number;
  readonly bodySize: Own['bodySize'];
  readonly share: number;
  readonly limits: boolean;
}

/** The scenario that the options describe. */
const OWN = 'own';
const OWN_HELP = 'Of the scenario own:';

/** @throws CommanderError when that cannot be done, having said why */
export function parseOptions(args: readonly string[], scenarios: readonly Scenario[]): Options {
  const names = [...scenarios.map(({ name }) => name), OWN];
  const command = new Command('bench')
    .description('Measures the operator: the built bundle, the real kube-apiserver, the simulated Azure 50 ms away.')
    .argument(
      '[scenarios...]',
      'which; left out: all but the long ones',
      (name: string, before: readonly string[] | undefined) => {
        if (!names.includes(name)) throw new InvalidArgumentError(`There are: ${names.join(', ')}.`);
        return [...(before ?? []), name];
      },
    )
    .option('--runs <number>', 'how often each is measured; the long ones are once', positive, 5)
    .option('--json <file>', 'write all figures there')
    .option('--record', 'put the figures on record in docs/benchmarks.json', false)
    .optionsGroup(OWN_HELP)
    .option('--scale-sets <number>', 'each with a binding', positive, 200)
    .option('--latency <ms>', 'of Azure', wholeNumber, 50)
    .option('--kube-latency <ms>', 'of Kubernetes, beside what it takes anyway', wholeNumber, 0)
    .option('--operation <ms>', 'how long Azure works on a write; 0: its reply says that it is done', wholeNumber, 0)
    .option('--page-size <number>', 'scale sets on a page of a list', positive, 100)
    .addOption(
      new Option('--body-size <size>', 'of a scale set as Azure shows it').choices(['Small', 'Real']).default('Small'),
    )
    .option('--share <number>', '--azure-budget-share of the operator, 0 to 1', share, 0.5)
    .option('--no-limits', 'Azure refuses nothing as too much')
    .addHelpText('after', () => `\n${AFTERWORD}\n\nScenarios:\n${[...scenarios.map(line), OWN_LINE].join('\n')}`)
    .showHelpAfterError('(--help tells all flags)')
    .exitOverride()
    .parse(args, { from: 'user' });
  const [named = []] = command.processedArgs as [readonly string[] | undefined];
  const parsed = command.opts<Parsed>();
  const ownIsNamed = named.includes(OWN);
  if (!ownIsNamed) refuseOwnOptions(command);
  else if (parsed.record) command.error(`error: --record is for scenarios that are always the same, not for ${OWN}`);
  const chosen = scenarios.filter(({ name, isLong }) => (named.length === 0 ? isLong !== true : named.includes(name)));
  const { runs, json, record } = parsed;
  return { chosen: ownIsNamed ? [...chosen, own(ownOf(parsed))] : chosen, runs, json, record };
}

const AFTERWORD = "BENCH_NODE_FLAGS in the environment gives the operator's Node more flags.";
const OWN_LINE = `  ${OWN.padEnd(22)}What the options say, from cold`;

function line({ name, about, isLong }: Scenario): string {
  return `  ${name.padEnd(22)}${about}${isLong === true ? ' (long)' : ''}`;
}

/** One that is given and changes nothing was meant for something. */
function refuseOwnOptions(command: Command): void {
  const given = command.options.find(
    (option) => option.helpGroupHeading === OWN_HELP && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (given !== undefined) command.error(`error: ${given.long ?? given.flags} is for the scenario ${OWN}: name it too`);
}

function ownOf({ latency, kubeLatency, operation, limits, ...rest }: Parsed): Own {
  return { ...rest, latencyMs: latency, kubeLatencyMs: kubeLatency, operationMs: operation, limited: limits };
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('It must be 0 to 1.');
  return value;
}
