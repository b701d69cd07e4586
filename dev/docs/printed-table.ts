/** Tables as kubectl prints them, and as the pages of the documentation show that they are printed. */
import { fencesOf } from './markdown.ts';
import type { Page } from './pages.ts';

/** A row by the heads of its columns. */
export type Row = Readonly<Record<string, string>>;

/** Columns are as wide as their widest cell, and three spaces apart. */
export function rowsOf(printed: string): readonly Row[] {
  const [head = '', ...lines] = printed.trimEnd().split('\n');
  const columns = [...head.matchAll(/\S+(?: \S+)*/g)].map(({ 0: name, index }) => ({ name, index }));
  return lines.map((line) =>
    Object.fromEntries(
      columns.map(({ name, index }, number) => [name, line.slice(index, columns[number + 1]?.index).trim()]),
    ),
  );
}

/** The one table that a page prints. */
export function printedTable({ path, text }: Page): readonly Row[] {
  const tables = fencesOf(text).filter(({ language }) => language === 'text');
  if (tables.length !== 1) throw new Error(`${path} prints ${String(tables.length)} tables, not one`);
  return rowsOf(tables[0]?.text ?? '');
}
