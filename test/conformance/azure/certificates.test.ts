import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type SimulatedAzure, simulatedAzure } from './simulated-azure.ts';

let azure: SimulatedAzure;
beforeAll(async () => {
  azure = await simulatedAzure();
});
afterAll(() => azure[Symbol.asyncDispose]());

async function listScaleSets(
  environment: Readonly<Record<string, string>>,
): Promise<{ stdout: string; stderr: string }> {
  const script = new URL('fixtures/list-scale-sets.ts', import.meta.url).pathname;
  const arguments_ = [script, azure.simulator.httpsUrl, azure.tokenFile];
  return await promisify(execFile)(process.execPath, arguments_, { env: environment, timeout: 60_000 });
}

describe('a CA of its own, in a process of its own', () => {
  it('is trusted for tokens and for ARM once NODE_EXTRA_CA_CERTS names it', async () => {
    const { stdout, stderr } = await listScaleSets({ NODE_EXTRA_CA_CERTS: azure.caFile });
    expect(JSON.parse(stdout)).toEqual(expect.arrayContaining(['web', 'bare', 'flexible']));
    expect(stderr).toBe('');
  });

  it('is not trusted without it, and no credential is sent', async () => {
    const before = azure.simulator.requests().length;
    const { stdout } = await listScaleSets({});
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'credential' });
    expect(azure.simulator.requests()).toHaveLength(before);
  });

  it("puts no secret into the SDK's own log, which AZURE_LOG_LEVEL turns on", async () => {
    const loud = await listScaleSets({ NODE_EXTRA_CA_CERTS: azure.caFile, AZURE_LOG_LEVEL: 'verbose' });
    const [, payload = ''] = (await readFile(azure.tokenFile, 'utf8')).split('.');
    expect(loud.stderr).toContain('azure:');
    expect(loud.stderr).not.toContain(payload);
    expect(loud.stderr).not.toMatch(/Bearer ey/);
  });
});
