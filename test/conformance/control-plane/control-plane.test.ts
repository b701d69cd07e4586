import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ControlPlane, KubectlError, startControlPlane } from '../../../dev/control-plane/index.ts';

let controlPlane: ControlPlane;
beforeAll(async () => {
  controlPlane = await startControlPlane({ auditLog: 'everyone' });
});
afterAll(() => controlPlane.stop());

const configMap = (name: string, value: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } });

/** The status of a GET by somebody without any credential. */
function statusOf(path: string, options: RequestOptions): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, controlPlane.url), { agent: false, ...options }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

describe('kubectl', () => {
  it('is of the same release as the apiserver', async () => {
    const { stdout } = await controlPlane.kubectl(['version', '--output', 'json']);
    const versions = JSON.parse(stdout) as Record<'clientVersion' | 'serverVersion', { gitVersion: string }>;
    expect(versions.serverVersion.gitVersion).toBe(controlPlane.version);
    expect(versions.clientVersion.gitVersion).toBe(controlPlane.version);
  });

  it('applies what it reads and gets it back', async () => {
    await controlPlane.kubectl(['apply', '--filename', '-'], { stdin: configMap('applied', 'hello') });
    const { stdout } = await controlPlane.kubectl([
      'get',
      'configmap',
      'applied',
      '--output',
      'jsonpath={.data.value}',
    ]);
    expect(stdout).toBe('hello');
  });

  it('throws what it said when it fails', async () => {
    const failure = controlPlane.kubectl(['get', 'configmap', 'absent']);
    await expect(failure).rejects.toThrow(KubectlError);
    await expect(failure).rejects.toThrow(/configmaps "absent" not found/);
  });

  it('returns a failure that is allowed', async () => {
    const { exitCode, stderr } = await controlPlane.kubectl(['get', 'configmap', 'absent'], { allowFailure: true });
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('not found') as string });
  });
});

describe('who speaks to it', () => {
  it('needs its authority to trust it', async () => {
    await expect(statusOf('/readyz', {})).rejects.toThrow(/certificate/);
  });

  it('needs a credential, even to ask for its health', async () => {
    expect(await statusOf('/readyz', { ca: controlPlane.caPem })).toBe(401);
  });

  it('finds the rights of the admin in a file for its owner alone', () => {
    expect(statSync(controlPlane.kubeconfigPath).mode & 0o777).toBe(0o600);
  });
});

describe('a service account', () => {
  beforeAll(async () => {
    await controlPlane.kubectl(['create', 'serviceaccount', 'reader']);
  });

  it('may do nothing but what a role allows', async () => {
    const kubeconfig = await controlPlane.serviceAccountKubeconfig('default', 'reader');
    const listing = ['--kubeconfig', kubeconfig, 'get', 'configmaps', '--output', 'name'];
    const before = await controlPlane.kubectl(listing, { allowFailure: true });
    expect(before.stderr).toMatch(/system:serviceaccount:default:reader.* cannot list resource "configmaps"/);

    await controlPlane.kubectl(['create', 'role', 'reader', '--verb=list', '--resource=configmaps']);
    await controlPlane.kubectl(['create', 'rolebinding', 'reader', '--role=reader', '--serviceaccount=default:reader']);
    const exitCode = async (): Promise<number> =>
      (await controlPlane.kubectl(listing, { allowFailure: true })).exitCode;
    await expect.poll(exitCode, { timeout: 30_000 }).toBe(0);
  });

  it('gets tokens for the audience that is asked for', async () => {
    const token = await controlPlane.tokenFor('default', 'reader', 'api://AzureADTokenExchange');
    const payload = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
    expect(payload).toMatchObject({
      aud: ['api://AzureADTokenExchange'],
      sub: 'system:serviceaccount:default:reader',
    });
  });
});

describe('the audit log', () => {
  it('has a line for each request', async () => {
    await controlPlane.kubectl(['get', 'configmap', 'asked-for-once'], { allowFailure: true });
    const events = readFileSync(controlPlane.auditLogPath!, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { verb: string; requestURI: string; responseStatus: { code: number } });
    const asked = events.filter((event) => event.requestURI.includes('asked-for-once'));
    expect(asked).toMatchObject([{ verb: 'get', responseStatus: { code: 404 } }]);
  });
});

describe('the apiserver', () => {
  it('has its data and its address after a restart', async () => {
    await controlPlane.kubectl(['apply', '--filename', '-'], { stdin: configMap('survivor', 'still here') });
    const before = controlPlane.processIds['kube-apiserver'];
    await controlPlane.restartApiserver();
    expect(controlPlane.processIds['kube-apiserver']).not.toBe(before);
    const { stdout } = await controlPlane.kubectl([
      'get',
      'configmap',
      'survivor',
      '--output',
      'jsonpath={.data.value}',
    ]);
    expect(stdout).toBe('still here');
  });

  it('answers nobody while it is paused, and again after', async () => {
    controlPlane.pauseApiserver();
    await expect(statusOf('/readyz', { ca: controlPlane.caPem, timeout: 500 })).rejects.toThrow('no answer');
    controlPlane.resumeApiserver();
    expect(await statusOf('/readyz', { ca: controlPlane.caPem })).toBe(401);
  });
});

describe('the kubectl command', () => {
  const script = new URL('../../../dev/control-plane/kubectl.ts', import.meta.url).pathname;

  it('speaks to the cluster of KUBECONFIG and ends as kubectl does', async () => {
    const env = { ...process.env, KUBECONFIG: controlPlane.kubeconfigPath };
    expect(await run(['get', 'namespace', 'default', '--output', 'name'], env)).toMatchObject({
      stdout: 'namespace/default\n',
      exitCode: 0,
    });
    expect(await run(['get', 'namespace', 'absent'], env)).toMatchObject({ exitCode: 1 });
  });

  it('passes its standard input on', async () => {
    const env = { ...process.env, KUBECONFIG: controlPlane.kubeconfigPath };
    const { stdout } = await run(['create', '--filename', '-', '--output', 'name'], env, configMap('piped', ''));
    expect(stdout).toBe('configmap/piped\n');
  });

  it('speaks to no cluster when none is named, whatever the home folder configures', async () => {
    const { KUBECONFIG: _, ...env } = process.env;
    expect(await run(['get', 'namespaces'], env)).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('KUBECONFIG is not set') as string,
      exitCode: 1,
    });
  });

  async function run(
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    stdin = '',
  ): Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number | null }> {
    const child = spawn(process.execPath, [script, ...args], { env });
    child.stdin.end(stdin);
    const exited = once(child, 'exit') as Promise<[number | null]>;
    const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
    return { stdout, stderr, exitCode };
  }
});
