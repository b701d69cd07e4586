import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import packageJson from '../../../package.json' with { type: 'json' };
import renovate from '../../../renovate.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../../..');
const FOLDER = join(ROOT, '.github/workflows');

type Permissions = Readonly<Record<string, string>>;

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly permissions?: Permissions;
  readonly uses?: string;
  readonly steps?: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Permissions;
  readonly jobs: Readonly<Record<string, Job>>;
}

const files = readdirSync(FOLDER).map((name) => {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  return { name, text, workflow: parse(text) as Workflow };
});
const jobs = files.flatMap(({ name, workflow }) =>
  Object.entries(workflow.jobs).map(([job, { permissions, steps = [], uses }]) => {
    return { where: `${name}, ${job}`, permissions, steps, uses };
  }),
);
const steps = jobs.flatMap(({ where, steps }) => steps.map((step) => ({ where, ...step })));

/** Every action, as it is written, with the comment behind it. */
function usesIn(text: string): readonly string[] {
  return [...text.matchAll(/\buses: *(.*)$/gm)].map(([, used = '']) => used);
}

/** Why an action may become another one; undefined where it is this one for ever. */
function unpinned(used: string): string | undefined {
  if (used.startsWith('./')) return undefined;
  return /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used) ? undefined : used;
}

describe('a workflow', () => {
  it('uses actions by their commit, with the version that it is', () => {
    const all = files.flatMap(({ text }) => usesIn(text));
    expect(all.length).toBeGreaterThan(10);
    expect(all.map(unpinned).filter((each) => each !== undefined)).toEqual([]);
  });

  it('has one commit for one version of an action, everywhere', () => {
    const commits = new Map(files.flatMap(({ text }) => usesIn(text)).map((used) => [used.split('@')[0], used]));
    expect(new Set(files.flatMap(({ text }) => usesIn(text)))).toEqual(new Set(commits.values()));
  });

  it('gives no right but to the job that needs it', () => {
    expect(files.filter(({ workflow }) => Object.keys(workflow.permissions ?? { all: 'write' }).length > 0)).toEqual(
      [],
    );
    expect(jobs.filter(({ permissions }) => permissions === undefined)).toEqual([]);
    const writers = jobs.flatMap(({ where, permissions = {} }) =>
      Object.entries(permissions).flatMap(([right, access]) => (access === 'write' ? [`${where}: ${right}`] : [])),
    );
    expect(writers).toEqual([
      'release.yml, image: packages',
      'release.yml, image: id-token',
      'release.yml, image: attestations',
      'release.yml, publish: contents',
    ]);
  });

  it('never runs the code of a stranger with rights, and keeps no token where that code can read it', () => {
    const triggers = files.flatMap(({ workflow }) => Object.keys(workflow.on));
    expect(triggers.filter((trigger) => /pull_request_target|workflow_run|issue_comment/.test(trigger))).toEqual([]);
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@') === true);
    expect(checkouts.filter((step) => step.with?.['persist-credentials'] !== false)).toEqual([]);
  });

  it('puts nothing into a script that somebody else may have written', () => {
    expect(steps.filter(({ run }) => run?.includes('${{') === true)).toEqual([]);
    expect(files.filter(({ text }) => text.includes('secrets.'))).toEqual([]);
  });

  it('runs what there is', () => {
    const lines = steps.flatMap(({ run }) => run?.split('\n') ?? []);
    const scripts = lines.flatMap((line) => /^npm run (\S+)/.exec(line)?.[1] ?? []);
    const programs = lines.flatMap((line) => /^(?:node )?((?:\.ci|dev)\/\S+)/.exec(line)?.[1] ?? []);
    expect(scripts).toEqual(['build']);
    expect(scripts.filter((script) => !(script in packageJson.scripts))).toEqual([]);
    expect(programs.toSorted()).toEqual(['.ci/run', 'dev/image/publish.ts', 'dev/supply-chain/audit.ts']);
    expect(programs.filter((program) => !existsSync(join(ROOT, program)))).toEqual([]);
  });

  it('is held up by tests before it releases anything', () => {
    const { jobs: release } = files.find(({ name }) => name === 'release.yml')!.workflow;
    expect(release).toMatchObject({ test: { uses: './.github/workflows/ci.yml' }, image: { needs: 'test' } });
  });

  it('that uses what can change is found', () => {
    for (const used of ['a/b@v4', 'a/b@main', `a/b@${'0'.repeat(40)}`, `a/b@${'0'.repeat(39)} # v1.0.0`]) {
      expect(unpinned(used)).toBe(used);
    }
  });
});

describe('the search for updates', () => {
  it('finds both base images in the Dockerfile, by their digests', () => {
    const matchString = renovate.customManagers.flatMap(({ matchStrings }) => matchStrings).join('|');
    const found = [...readFileSync(join(ROOT, 'Dockerfile'), 'utf8').matchAll(new RegExp(matchString, 'g'))];
    expect(found.map(({ groups }) => groups?.['depName'])).toEqual(['node', 'gcr.io/distroless/nodejs24-debian13']);
  });

  it('is for everything that is fetched', () => {
    expect(renovate.enabledManagers.toSorted()).toEqual(['custom.regex', 'github-actions', 'gomod', 'npm']);
  });
});
