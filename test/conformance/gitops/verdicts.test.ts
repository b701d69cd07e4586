import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { CUSTOMIZATION } from '../../../dev/generate/argo-cd.ts';
import { type BindingObject, type Health, healthCases } from '../../../dev/gitops/health-cases.ts';
import { ensureTool } from '../../../dev/go-tools/tools.ts';
import { judge, type Verdicts } from '../../../dev/go-tools/verdicts.ts';
import { type Reason, REASONS_IN_ORDER, rowOf } from '../../../src/api/reasons.ts';
import { kstatus } from '../../unit/api/kstatus.ts';

/** Argo CD's Lua interpreter runs the script, Flux's kstatus library reads the statuses. */
const SCRIPT = join(CUSTOMIZATION, 'health.lua');
/** A first build has to be waited for. */
const BUILD_MS = 1_800_000;

interface Shipped {
  readonly healthStatus: Health;
  readonly inputPath: string;
}

const yamlOf = async (path: string): Promise<unknown> => parse(await readFile(join(CUSTOMIZATION, path), 'utf8'));
const { tests } = (await yamlOf('health_test.yaml')) as { readonly tests: readonly Shipped[] };
const objects = (await Promise.all(tests.map(({ inputPath }) => yamlOf(inputPath)))) as readonly BindingObject[];

let verdicts: readonly Verdicts[];
beforeAll(async () => {
  await ensureTool('verdicts');
  verdicts = await judge(SCRIPT, objects);
}, BUILD_MS);

describe('the health script of Argo CD', () => {
  it.each(tests.map(({ inputPath, healthStatus }, index) => [inputPath, healthStatus.status, index] as const))(
    'says of %s: %s',
    (_, __, index) => {
      expect(verdicts[index]?.argo).toEqual(tests[index]?.healthStatus);
    },
  );

  it('that is installed by argocd-cm is the one that is tested', async () => {
    const path = join(CUSTOMIZATION, '../../../argocd-cm.yaml');
    const { data } = parse(await readFile(path, 'utf8')) as { readonly data: Readonly<Record<string, string>> };
    expect(data).toEqual({
      'resource.customizations.health.vmss-identity.dev_VmssIdentityBinding': await readFile(SCRIPT, 'utf8'),
    });
  });

  it('never fails on what a status may lack', async () => {
    const [{ metadata, spec }] = objects as readonly [BindingObject];
    const bare = [
      { metadata, spec },
      { metadata, spec, status: {} },
      { metadata, spec, status: { conditions: [] } },
    ];
    const found = await judge(
      SCRIPT,
      bare.map((each) => ({ apiVersion: 'v1', kind: 'Any', ...each })),
    );
    expect(found.map(({ argo }) => argo.status)).toEqual(['Progressing', 'Progressing', 'Progressing']);
  });
});

describe('kstatus, by which Flux judges', () => {
  const meant = (reason: Reason): string => {
    const { ready, companion } = rowOf(reason);
    if (ready === 'True') return 'Current';
    return companion === 'Stalled' ? 'Failed' : 'InProgress';
  };
  const verdictOn = (name: string): string | undefined =>
    verdicts[tests.findIndex(({ inputPath }) => inputPath === `testdata/${name}.yaml`)]?.kstatus.status;

  it.each(REASONS_IN_ORDER.map((reason) => [reason, meant(reason)] as const))('says of %s: %s', (reason, verdict) => {
    expect(verdictOn(reason)).toBe(verdict);
  });

  it.each([
    ['NotPermitted-for-longer', 'Failed'],
    ['Suspended-when-ready', 'Current'],
    ['created', 'InProgress'],
    ['changed-when-ready', 'InProgress'],
  ])('says of %s: %s', (name, verdict) => {
    expect(verdictOn(name)).toBe(verdict);
  });

  it('says of a binding that is being deleted: Terminating', async () => {
    const [first] = objects as readonly [BindingObject];
    const metadata = { ...first.metadata, deletionTimestamp: '2026-03-01T10:00:00Z', finalizers: ['a.b/c'] };
    expect((await judge(SCRIPT, [{ ...first, metadata }]))[0]?.kstatus.status).toBe('Terminating');
  });

  it('is what the unit tests take it for', () => {
    expect(objects.map(kstatus)).toEqual(verdicts.map((each) => each.kstatus.status));
  });

  it('fails no binding that Argo CD takes for healthy, and finds none current that Argo CD takes for broken', () => {
    const pairs = new Set(verdicts.map(({ argo, kstatus: flux }) => `${argo.status} ${flux.status}`));
    expect([...pairs].toSorted()).toEqual([
      'Degraded Failed',
      'Healthy Current',
      'Progressing InProgress',
      'Suspended Current',
      'Suspended InProgress',
    ]);
  });
});

describe('a script that is wrong', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'health-script-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['what Lua cannot read', 'return return', 'health.lua'],
    ['a status that Argo CD does not know', 'return { status = "Fine" }', 'returns the status "Fine"'],
    ['no table', 'return "Healthy"', 'returns a string and no table'],
    ['a library that Argo CD keeps closed', 'return { status = string.upper("x") }', 'nil'],
    ['an endless loop', 'while true do end', 'deadline exceeded'],
  ])('is found: %s', async (_, script, said) => {
    const path = join(folder, 'health.lua');
    await writeFile(path, script);
    await expect(judge(path, [healthCases()[0]!.object])).rejects.toThrow(
      said === 'health.lua' ? /syntax error|parse error/ : said,
    );
  });
});
