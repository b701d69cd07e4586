/** A picture of panels, as SVG that needs nothing else: lines of what the queries answer, one panel beside the other. */
import type { Panel, Unit } from './panels.ts';

export interface Line {
  readonly legend: string;
  /** Pairs of a time in milliseconds and a value. */
  readonly points: readonly (readonly [number, number])[];
}

export interface DrawnPanel extends Pick<Panel, 'title' | 'unit'> {
  readonly lines: readonly Line[];
}

const COLUMNS = 2;
const [PANEL_WIDTH, PANEL_HEIGHT, GAP] = [460, 210, 14];
/** Of the plot in its panel. */
const [LEFT, RIGHT, TOP, BOTTOM] = [48, 24, 34, 56];
const [PLOT_WIDTH, PLOT_HEIGHT] = [PANEL_WIDTH - LEFT - RIGHT, PANEL_HEIGHT - TOP - BOTTOM];
const COLOURS = ['#2f9e44', '#e8590c', '#1971c2', '#9c36b5', '#c92a2a', '#0c8599', '#f08c00', '#495057'];
/** Of a letter in a legend, about. */
const LETTER_WIDTH = 6;
const MINUTE = 60_000;

/** @param startMs of the time that is shown, as `endMs` */
export function draw(panels: readonly DrawnPanel[], startMs: number, endMs: number): string {
  const rows = Math.ceil(panels.length / COLUMNS);
  const [width, height] = [COLUMNS * (PANEL_WIDTH + GAP) + GAP, rows * (PANEL_HEIGHT + GAP) + GAP];
  const drawn = panels.map((panel, index) => {
    const x = GAP + (index % COLUMNS) * (PANEL_WIDTH + GAP);
    const y = GAP + Math.floor(index / COLUMNS) * (PANEL_HEIGHT + GAP);
    return `<g transform="translate(${String(x)} ${String(y)})">${drawPanel(panel, startMs, endMs)}</g>`;
  });
  const size = `width="${String(width)}" height="${String(height)}" viewBox="0 0 ${String(width)} ${String(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#f1f3f5"/>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, unit, lines }: DrawnPanel, startMs: number, endMs: number): string {
  const top = niceTop(Math.max(0, ...lines.flatMap(({ points }) => points.map(([, value]) => value))));
  const xOf = (ms: number): number => LEFT + ((ms - startMs) / (endMs - startMs)) * PLOT_WIDTH;
  const yOf = (value: number): number => TOP + PLOT_HEIGHT * (1 - value / top);
  return [
    `<rect width="${String(PANEL_WIDTH)}" height="${String(PANEL_HEIGHT)}" rx="4" fill="#fff" stroke="#dee2e6"/>`,
    text(LEFT - 36, 20, title, 'font-weight="bold" font-size="12"'),
    ...[0, 0.5, 1].map((share) => gridLine(yOf(share * top), shown(share * top, unit))),
    ...[0, 0.25, 0.5, 0.75, 1].map((share) => {
      const minutes = String(Math.round((share * (endMs - startMs)) / MINUTE));
      return text(xOf(startMs + share * (endMs - startMs)), TOP + PLOT_HEIGHT + 15, `${minutes} min`, AXIS_CENTRED);
    }),
    ...lines.map(({ points }, index) => {
      const path = pathOf(points.map(([ms, value]) => [xOf(ms), yOf(Math.max(0, value))]));
      return `<path d="${path}" fill="none" stroke="${colourOf(index)}" stroke-width="1.6" stroke-linejoin="round"/>`;
    }),
    ...legendsOf(lines),
  ].join('');
}

const AXIS = 'fill="#868e96" font-size="10"';
const AXIS_CENTRED = `${AXIS} text-anchor="middle"`;

const colourOf = (index: number): string => COLOURS[index % COLOURS.length] ?? '#000';

const gridLine = (y: number, label: string): string =>
  `<path d="M${String(LEFT)} ${fixed(y)}h${String(PLOT_WIDTH)}" stroke="#e9ecef"/>` +
  text(LEFT - 5, y + 3, label, `${AXIS} text-anchor="end"`);

/** As many as there is room for, one beside the other. */
function legendsOf(lines: readonly Line[]): readonly string[] {
  const [legends, y]: [string[], number] = [[], PANEL_HEIGHT - 14];
  let x = LEFT - 36;
  for (const [index, { legend }] of lines.entries()) {
    const next = x + 30 + legend.length * LETTER_WIDTH;
    if (next > PANEL_WIDTH) break;
    legends.push(
      `<path d="M${fixed(x)} ${String(y - 4)}h12" stroke="${colourOf(index)}" stroke-width="3"/>`,
      text(x + 16, y, legend, 'fill="#495057" font-size="10"'),
    );
    x = next;
  }
  return legends;
}

/** A gap where minutes are missing is a gap in the line. */
function pathOf(places: readonly (readonly [number, number])[]): string {
  const step = Math.min(...places.slice(1).map(([x], index) => x - (places[index]?.[0] ?? x)));
  return places
    .map(([x, y], index) => {
      const before = places[index - 1];
      const begins = before === undefined || x - before[0] > 1.5 * step;
      return `${begins ? 'M' : 'L'}${fixed(x)} ${fixed(y)}${begins && places.length === 1 ? 'h1' : ''}`;
    })
    .join('');
}

const text = (x: number, y: number, content: string, style: string): string =>
  `<text x="${fixed(x)}" y="${fixed(y)}" ${style}>${escaped(content)}</text>`;

const fixed = (value: number): string => String(Math.round(value * 10) / 10);
const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The next of 1, 2, 5, 10, 20, … */
function niceTop(highest: number): number {
  if (highest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  return ([1, 2, 5, 10].find((factor) => factor * power >= highest) ?? 10) * power;
}

function shown(value: number, unit: Unit): string {
  const number = String(Number(value.toPrecision(2)));
  return unit === 's' ? `${number} s` : unit === 'reqps' || unit === 'ops' ? `${number}/s` : number;
}
