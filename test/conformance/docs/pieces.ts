/** Every piece of YAML of the documentation: of the pages, and of `examples/`. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parseAllDocuments } from 'yaml';

import { type Fence, fencesOf } from '../../../dev/docs/markdown.ts';
import { allPages, ROOT } from '../../../dev/docs/pages.ts';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** What a page shows of a binding. */
export interface Part {
  readonly spec?: object;
  readonly status?: object;
}

export interface Piece {
  /** File and, of a page, line. */
  readonly where: string;
  readonly documents: readonly unknown[];
  /** What the API server says to it, as the page has it in a comment above; empty: it is taken. */
  readonly refused: string;
}

/** The contract abbreviates; kustomizations and roles are tried where what they are about is: in the tests of admission, of monitoring and of deploy/. */
const PAGES = /^(?:README\.md|docs\/(?!admission|alerts|design).*)$/;
const REFUSED = 'refused: ';

export const isManifest = (document: unknown): document is Manifest =>
  typeof document === 'object' && document !== null && 'kind' in document;

const documentsOf = (yaml: string): readonly unknown[] =>
  parseAllDocuments(yaml).map((document) => document.toJS() as unknown);

const refusalIn = ({ comment }: Fence): string => (comment.startsWith(REFUSED) ? comment.slice(REFUSED.length) : '');

async function ofPages(): Promise<readonly Piece[]> {
  const pages = (await allPages()).filter(({ path }) => PAGES.test(path));
  return pages.flatMap(({ path, text }) =>
    fencesOf(text)
      .filter(({ language }) => language === 'yaml')
      .map((fence) => ({
        where: `${path}:${String(fence.line)}`,
        documents: documentsOf(fence.text),
        refused: refusalIn(fence),
      })),
  );
}

async function ofExamples(): Promise<readonly Piece[]> {
  const files = (await readdir(join(ROOT, 'examples'), { recursive: true })).filter((file) => file.endsWith('.yaml'));
  return Promise.all(
    files.toSorted().map(async (file) => ({
      where: `examples/${file}`,
      documents: documentsOf(await readFile(join(ROOT, 'examples', file), 'utf8')),
      refused: '',
    })),
  );
}

export const allPieces = async (): Promise<readonly Piece[]> => [...(await ofPages()), ...(await ofExamples())];
