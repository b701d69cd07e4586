/** The end of a soak as a person reads it. */
import { FLAT } from './checks.ts';
import type { Outcome } from './outcome.ts';
import type { Line } from './regression.ts';

export function reportOf({ checks, series, figures, disturbances, azureRequests }: Outcome): string {
  return [
    '',
    ...Object.entries(figures).map(([name, value]) => `${name.padEnd(40)} ${String(value)}`),
    `${'disturbances'.padEnd(40)} ${list(disturbances)}`,
    `${'requests to Azure'.padEnd(40)} ${list(azureRequests)}`,
    '',
    `per hour, by linear regression           first half               second half (judged)`,
    ...series.flatMap((each) => [
      `${each.name.padEnd(12)} RSS, MiB                   ${lineOf(each.rssMib.first)} ${lineOf(each.rssMib.second)}`,
      `${' '.repeat(12)} sockets                    ${lineOf(each.sockets.first)} ${lineOf(each.sockets.second)}`,
      `${' '.repeat(12)} open files                 ${lineOf(each.files.first)} ${lineOf(each.files.second)}`,
    ]),
    `flat: over the second half the line rises by at most ${bound('rssMib')} MiB, ${bound('sockets')} sockets, ${bound('files')} files`,
    '',
    ...checks.flatMap(({ name, ok, lines }) => [
      `${ok ? 'ok    ' : 'FAILED'} ${name}`,
      ...lines.map((line) => `          ${line}`),
    ]),
    '',
  ].join('\n');
}

function lineOf(line: Line | undefined): string {
  const text =
    line === undefined
      ? '-'
      : `${signed(line.perHour)} ± ${line.standardError.toFixed(1)} (mean ${line.mean.toFixed(1)})`;
  return text.padEnd(24);
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(1)}`;
}

function bound(figure: keyof typeof FLAT): string {
  const { share, least } = FLAT[figure];
  return `${String(share * 100)} % of the mean or ${String(least)}`;
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name}: ${String(count)}`)
    .join(', ');
}
