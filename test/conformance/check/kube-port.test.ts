import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';

import { type ControlPlane, startControlPlane } from '../../../dev/control-plane/index.ts';
import { eventually } from '../../../dev/demo/wait.ts';
import { KINDS } from '../../../src/api/types.ts';
import { runCheck } from '../../../src/check.ts';
import { judgeDefinitions, type ServedKind } from '../../../src/check/definitions.ts';
import type { KubePort } from '../../../src/check/kube-port.ts';
import { createCheckPort } from '../../../src/kube/check-port.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import { loadKubeConnection, sourceOf } from '../../../src/kube/kubeconfig.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { configFrom } from '../../unit/config/sources.ts';
import { recordingLogger } from '../../unit/telemetry/recording-logger.ts';

const CRDS = join(import.meta.dirname, '../../../crds');
const NEVER = new AbortController().signal;

/** Of its own: the one that the run shares has the definitions from the beginning. */
let controlPlane: ControlPlane;
let client: KubeClient;
let port: KubePort;
beforeAll(async () => {
  controlPlane = await startControlPlane();
  const connection = loadKubeConnection(sourceOf(controlPlane.kubeconfigPath));
  client = new KubeClient({ connection, clock: realClock });
  port = createCheckPort(client, connection);
});
afterAll(async () => {
  await client.close();
  await controlPlane.stop();
});

const served = (): Promise<ReadonlyMap<string, ServedKind>> => port.servedKinds(NEVER);
const verdicts = async (): Promise<readonly string[]> => judgeDefinitions(await served()).map(({ verdict }) => verdict);

/** The API server describes what it serves a moment after it does. */
const until = (what: string, holds: (found: ReadonlyMap<string, ServedKind>) => boolean): Promise<unknown> =>
  eventually(what, async () => {
    const found = await served().catch(() => undefined);
    return found !== undefined && holds(found);
  });

/** A check of a cluster, where nobody signs in to Azure: its lines, without the commands below them. */
async function printedBy(
  kubeconfig: string,
): Promise<{ readonly isAllWell: boolean; readonly lines: readonly string[] }> {
  const texts: string[] = [];
  const isAllWell = await runCheck({
    config: configFrom(['--check', `--kubeconfig=${kubeconfig}`, '--namespace=default']),
    clock: realClock,
    random: realRandom,
    logger: recordingLogger(),
    print: (text) => texts.push(text),
  });
  return { isAllWell, lines: texts.map((text) => text.split('\n')[0] ?? '') };
}

describe('the definitions, as a real API server tells of them', () => {
  it('are told to be missing, with the command that installs them, and what depends on them is not looked at', async () => {
    const { isAllWell, lines } = await printedBy(controlPlane.kubeconfigPath);
    expect(isAllWell).toBe(false);
    expect(lines.filter((line) => line.startsWith('missing  definition'))).toHaveLength(3);
    expect(lines.filter((line) => line.includes('azure-right'))).toEqual([
      'failed   azure-right       not asked: what bindings name is not known',
    ]);
  });

  it('are not served before they are installed', async () => {
    expect(await served()).toEqual(new Map());
    expect(await verdicts()).toEqual(['missing', 'missing', 'missing']);
  });

  it('have every field, once crds/ is applied', async () => {
    await controlPlane.kubectl(['apply', '--server-side', '--filename', CRDS]);
    await until('all kinds with their fields', (found) =>
      judgeDefinitions(found).every(({ verdict }) => verdict === 'ok'),
    );
    expect(await verdicts()).toEqual(['ok', 'ok', 'ok']);
    expect([...(await served()).keys()].toSorted()).toEqual(KINDS.map(({ plural }) => plural).toSorted());
  });

  it('lack what an older one does not have', async () => {
    const file = (await readdir(CRDS)).find((name) => name.startsWith('vmssidentityledgers'))!;
    const text = await readFile(join(CRDS, file), 'utf8');
    const older = stringify(parse(text.replaceAll('reattachedAt', 'notYet')));
    await controlPlane.kubectl(['apply', '--server-side', '--force-conflicts', '--filename=-'], { stdin: older });
    await until('the older one', (found) => judgeDefinitions(found).some(({ verdict }) => verdict !== 'ok'));
    expect(judgeDefinitions(await served()).at(-1)?.says).toContain('it lacks spec.entries[].reattachedAt');
  });
});

describe('the API server', () => {
  it('tells its version, and as whom it knows the client', async () => {
    expect(await port.version(NEVER)).toMatch(/^v\d+\.\d+\.\d+/);
    expect(await port.userName(NEVER)).not.toBe('');
  });

  it('tells what the client may do', async () => {
    const action = { group: 'vmss-identity.dev', resource: 'vmssidentitybindings/status', verb: 'patch' };
    expect(await port.mayI(action, NEVER)).toBe(true);
  });
});
