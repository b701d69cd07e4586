/** What can be said on the command line. */
import { Command, InvalidArgumentError } from 'commander';

import type { Scenario } from './scenario.ts';

export interface Options {
  readonly chosen: readonly Scenario[];
  readonly runs: number;
  readonly json: string | undefined;
  readonly record: boolean;
}

/** @throws CommanderError when that cannot be done, having said why */
export function parseOptions(args: readonly string[], scenarios: readonly Scenario[]): Options {
  const byName = new Map(scenarios.map((scenario) => [scenario.name, scenario]));
  const command = new Command('bench')
    .description('Measures the operator: the built bundle, the real kube-apiserver, the simulated Azure 50 ms away.')
    .argument(
      '[scenarios...]',
      'which; left out: all but the long ones',
      (name: string, before: readonly string[] | undefined) => {
        if (!byName.has(name)) throw new InvalidArgumentError(`There are: ${[...byName.keys()].join(', ')}.`);
        return [...(before ?? []), name];
      },
    )
    .option('--runs <number>', 'how often each is measured; the long ones are once', count, 5)
    .option('--json <file>', 'write all figures there')
    .option('--record', 'put the figures on record in docs/benchmarks.json', false)
    .addHelpText(
      'after',
      () =>
        `\nBENCH_NODE_FLAGS in the environment gives the operator's Node more flags.\n\nScenarios:\n${scenarios.map(line).join('\n')}`,
    )
    .showHelpAfterError('(--help tells all flags)')
    .exitOverride()
    .parse(args, { from: 'user' });
  const [names] = command.processedArgs as [readonly string[] | undefined];
  const { runs, json, record } = command.opts<{ runs: number; json?: string; record: boolean }>();
  const chosen =
    names === undefined
      ? scenarios.filter(({ isLong }) => isLong !== true)
      : scenarios.filter(({ name }) => names.includes(name));
  return { chosen, runs, json, record };
}

function line({ name, about, isLong }: Scenario): string {
  return `  ${name.padEnd(22)}${about}${isLong === true ? ' (long)' : ''}`;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}
