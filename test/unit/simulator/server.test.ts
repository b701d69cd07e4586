import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { type Simulator, startSimulator } from '../../../dev/simulator/simulator.ts';
import { clientId, seedOf, webPath } from './azure.ts';

const running: Simulator[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.stop()));
});

async function started(options: Parameters<typeof startSimulator>[0] = {}): Promise<Simulator> {
  const simulator = await startSimulator({ seed: seedOf(), ...options });
  running.push(simulator);
  return simulator;
}

interface Got {
  readonly status: number;
  readonly text: string;
}

function get(simulator: Simulator, url: string, headers: Record<string, string> = {}): Promise<Got> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ca: simulator.caPem, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

const web = `${webPath}?api-version=2026-04-01`;
const authorized = (simulator: Simulator): Record<string, string> => ({
  authorization: `Bearer ${simulator.control.token(clientId)}`,
});

describe('the server', () => {
  it('answers over HTTPS to who trusts its CA, as 127.0.0.1 and as localhost', async () => {
    const simulator = await started();

    const byAddress = await get(simulator, simulator.httpsUrl + web, authorized(simulator));
    const byName = await get(
      simulator,
      simulator.httpsUrl.replace('127.0.0.1', 'localhost') + web,
      authorized(simulator),
    );

    expect([byAddress.status, byName.status]).toEqual([200, 200]);
  });

  it('answers over plain HTTP as well', async () => {
    const simulator = await started();

    expect((await get(simulator, simulator.httpUrl + web, authorized(simulator))).status).toBe(200);
  });

  it('has its control API on plain HTTP only', async () => {
    const simulator = await started();

    expect((await get(simulator, `${simulator.httpUrl}/_control/requests`)).status).toBe(200);
    expect((await get(simulator, `${simulator.httpsUrl}/_control/requests`)).status).toBe(401);
  });

  it('takes headers far beyond 16 kB', async () => {
    const simulator = await started();

    const got = await get(simulator, simulator.httpsUrl + web, {
      ...authorized(simulator),
      'x-long': 'x'.repeat(40_000),
    });

    expect(got.status).toBe(200);
  });

  it('breaks the connection for a reset', async () => {
    const simulator = await started();
    simulator.control.addFault({ effect: { kind: 'reset' } });

    await expect(get(simulator, simulator.httpsUrl + web)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('keeps a late answer back', async () => {
    const simulator = await started({ latencyMs: 5 });
    simulator.control.addFault({ effect: { kind: 'delay', ms: 5 } });

    expect((await get(simulator, simulator.httpUrl + web, authorized(simulator))).status).toBe(200);
  });

  it('stops at once, whatever hangs on it', async () => {
    const simulator = await startSimulator({ seed: seedOf() });
    simulator.control.addFault({ effect: { kind: 'hang' } });
    const hanging = get(simulator, simulator.httpsUrl + web);
    await expect.poll(() => simulator.requests().length, { timeout: 30_000 }).toBe(1);

    await simulator.stop();

    await expect(hanging).rejects.toMatchObject({ code: 'ECONNRESET' });
    const port = Number(new URL(simulator.httpsUrl).port);
    await expect(refused(port)).resolves.toBe('ECONNREFUSED');
  });

  it('writes its CA where it is told to', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simulated-azure-'));
    const caFile = join(folder, 'ca.pem');
    const simulator = await started({ caFile });

    expect(await readFile(caFile, 'utf8')).toBe(simulator.caPem);
    expect(simulator.caPath).toBe(caFile);
    expect(new X509Certificate(simulator.caPem).ca).toBe(true);
    await rm(folder, { recursive: true });
  });

  it('does not start on a port that is taken', async () => {
    const first = await started();

    await expect(startSimulator({ httpsPort: Number(new URL(first.httpsUrl).port) })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('lets its own length of operations win over that of the seed', async () => {
    const simulator = await started({ operationMs: 0 });

    expect(simulator.state.settings.operationMs).toBe(0);
  });
});

function refused(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code);
    });
    socket.on('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
