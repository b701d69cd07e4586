import { growthOf } from '../bench/growth.ts';
import { HEADS, rowsOf, shown } from '../bench/report.ts';
import type { Result } from '../bench/results.ts';
import { table } from './table.ts';

/** What is on record of the benchmarks, as markdown. */
export function benchBlock(which: string, results: readonly Result[]): string {
  switch (which) {
    case 'targets':
      return table(['what', 'measured', 'target', 'ideal'], results.flatMap(targetsOf));
    case 'all':
      return results.map(section).join('\n\n');
    case 'growth':
      return growthTable(results);
    case 'machine':
      return machineOf(results);
    default:
      throw new Error(`there is no block "bench ${which}"`);
  }
}

/** The figures that have a target or an ideal. */
function targetsOf({ about, figures }: Result): readonly (readonly string[])[] {
  return Object.values(figures).flatMap((figure) => {
    const { unit, median, target, ideal } = figure;
    if (target === undefined && ideal === undefined) return [];
    return [
      [
        `${about}: ${figure.about}`,
        shown(median, unit),
        target === undefined ? '' : `≤ ${shown(target, unit)}${median <= target ? '' : ' (missed)'}`,
        ideal === undefined ? '' : shown(ideal, unit),
      ],
    ];
  });
}

function section(result: Result): string {
  const { name, about, measuredAt, figures } = result;
  const [{ runs } = { runs: 0 }] = Object.values(figures);
  const heads = HEADS.slice(0, -1);
  const rows = rowsOf(result, undefined).map((row) => row.slice(0, heads.length));
  const how = runs === 1 ? 'one run' : `${String(runs)} runs`;
  return `### \`${name}\`\n\n${about}; ${how}, ${measuredAt.slice(0, 10)}.\n\n${table(heads, rows)}`;
}

/** Of all cold starts without a budget, with the power of the number of scale sets that each cost grows with. */
function growthTable(results: readonly Result[]): string {
  const figures = {
    allReady: ['all Ready', 's'],
    cpu: ['CPU of the operator', 's'],
    reads: ['reads of Azure', ''],
    writes: ['writes to Azure', ''],
    kubeWrites: ['writes to Kubernetes', ''],
    rss: ['resident memory', 'MiB'],
  } as const;
  const names = Object.keys(figures) as (keyof typeof figures)[];
  return table(
    ['scale sets', ...names.map((name) => figures[name][0])],
    growthOf(results, names).map(({ scaleSets, cost, exponents }) => [
      scaleSets.toLocaleString('en'),
      ...names.map((name) => {
        const power = exponents?.[name];
        return `${shown(cost[name] ?? Number.NaN, figures[name][1])}${power === undefined ? '' : ` (^${power.toFixed(2)})`}`;
      }),
    ]),
  );
}

/** All that differ, should they have been measured on several. */
function machineOf(results: readonly Result[]): string {
  const machines = results.map(
    ({ machine: { cores, cpu, memoryGib, platform, node, kubernetes } }) =>
      `${String(cores)} cores (${cpu}), ${String(memoryGib)} GiB, ${platform}; Node ${node}, kube-apiserver ${kubernetes}`,
  );
  return [...new Set(machines)].map((machine) => `- ${machine}`).join('\n');
}
