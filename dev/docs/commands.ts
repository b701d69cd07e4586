/**
 * The commands of the documentation, and who runs them: a page's fence of `sh` or `bash` is run where the page is followed, unless the
 * comment above it names another test, `<!-- runs: test/… -->`.
 */
import { fencesOf } from './markdown.ts';
import type { Page } from './pages.ts';

export interface Script {
  readonly text: string;
  /** Page and line. */
  readonly where: string;
  readonly page: string;
  readonly heading: string;
  /** The test that runs it, where the page says so. */
  readonly runBy: string | undefined;
}

const LANGUAGES: ReadonlySet<string> = new Set(['sh', 'bash']);
const RUNS = 'runs: ';

export const scriptsOf = ({ path, text }: Page): readonly Script[] =>
  fencesOf(text)
    .filter(({ language }) => LANGUAGES.has(language))
    .map((fence) => ({
      text: fence.text,
      where: `${path}:${String(fence.line)}`,
      page: path,
      heading: fence.heading,
      runBy: fence.comment.startsWith(RUNS) ? fence.comment.slice(RUNS.length) : undefined,
    }));

/** Followed without an operator: they are about single commands and objects. */
const ABOUT_OBJECTS = /^docs\/(?:spec|how-to)\//;
/** About the parts of the project, each of which has tests of its own; two pages are followed where their tools are. */
const ABOUT_PARTS = /^(?:CONTRIBUTING\.md|deploy\/|dev\/|docs\/(?:alerts|gitops)\.md$)/;

export const isAboutObjects = ({ page }: Script): boolean => ABOUT_OBJECTS.test(page);
export const isAboutParts = ({ page }: Script): boolean => ABOUT_PARTS.test(page);

/** Whether a script is run on a cluster in which the operator is installed. */
export const needsOperator = (script: Script): boolean =>
  script.runBy === undefined && !isAboutObjects(script) && !isAboutParts(script) && /\bkubectl\b/.test(script.text);
