/** Results as people read them. */
import type { Result } from './results.ts';
import type { FigureSpec } from './scenario.ts';
import type { Spread } from './statistics.ts';

type Figure = FigureSpec & Spread;

export const HEADS = ['figure', 'median', 'min … max', 'target', 'ideal', 'to the ideal', 'before'] as const;

/** A row for each figure, under {@link HEADS}. @param before of an earlier measurement of the same scenario */
export function rowsOf({ figures }: Result, before: Result | undefined): readonly (readonly string[])[] {
  return Object.entries(figures).map(([name, figure]) => {
    const { about, unit, median, min, max, target, ideal } = figure;
    const earlier = before?.figures[name];
    return [
      about,
      shown(median, unit),
      min === max ? '' : `${shown(min, unit)} … ${shown(max, unit)}`,
      target === undefined ? '' : `${isMet(figure) ? '' : 'missed: '}≤ ${shown(target, unit)}`,
      ideal === undefined ? '' : shown(ideal, unit),
      ideal === undefined ? '' : `${(median / ideal).toFixed(2)} ×`,
      earlier === undefined ? '' : shown(earlier.median, unit),
    ];
  });
}

function isMet({ median, target = Number.POSITIVE_INFINITY }: Figure): boolean {
  return median <= target;
}

/** In lines, for a terminal. */
export function printed(result: Result, before: Result | undefined): string {
  const rows = [HEADS, ...rowsOf(result, before)];
  const widths = HEADS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const [{ runs } = { runs: 0 }] = Object.values(result.figures);
  return [`${result.name}: ${result.about} (${runs === 1 ? 'one run' : `${String(runs)} runs`})`, ...lines, ''].join(
    '\n',
  );
}

export function shown(value: number, unit: FigureSpec['unit']): string {
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 3;
  const number = digits === 0 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(digits)));
  return unit === '' ? number : `${number} ${unit}`;
}
