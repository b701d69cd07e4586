import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Seed } from '../../../dev/simulator/seed.ts';
import { type Simulator, startSimulator } from '../../../dev/simulator/simulator.ts';
import { armScope, clientId, scaleSetPath, secret, tenantId } from './azure.ts';

export interface Curled {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Parsed; undefined for an empty one. */
  readonly body: unknown;
}

/** A running simulated Azure, and curl itself with the how-to's own options to ask it. */
export interface CurledAzure {
  readonly simulator: Simulator;
  /** The whole of curl: what it is given beyond the address. */
  curl(url: string, ...args: readonly string[]): Promise<Curled>;
  /** A script with one call of curl; `az account get-access-token` is answered with a token. */
  bash(script: string): Promise<Curled>;
  /** A bearer token, as `az account get-access-token` would get it. */
  token(): Promise<string>;
  /** GET of a scale set. */
  read(name: string, version: string): Promise<Curled>;
  /** PUT or PATCH of a scale set; `body` goes out as it stands. */
  send(method: 'PUT' | 'PATCH', name: string, version: string, body: string): Promise<Curled>;
  stop(): Promise<void>;
}

export async function startCurledAzure(seed: Seed, operationMs: number): Promise<CurledAzure> {
  const folder = await mkdtemp(join(tmpdir(), 'simulated-azure-'));
  const simulator = await startSimulator({ seed, operationMs, caFile: join(folder, 'ca.pem') });
  const always = ['--silent', '--show-error', '--noproxy', '*', '--cacert', join(folder, 'ca.pem'), '--include'];

  const curl = async (url: string, ...args: readonly string[]): Promise<Curled> => {
    const address = url.startsWith('/') ? `${simulator.httpsUrl}${url}` : url;
    const { stdout } = await promisify(execFile)('curl', [...always, address, ...args]);
    return readResponse(stdout);
  };
  const token = async (): Promise<string> => {
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret, scope: armScope };
    const { body } = await curl(`/${tenantId}/oauth2/v2.0/token`, '-d', new URLSearchParams(form).toString());
    return (body as { access_token: string }).access_token;
  };
  const bearer = await token();
  return {
    simulator,
    curl,
    bash: async (script) => {
      const az = `az() { [[ "$*" == "account get-access-token --query accessToken --output tsv" ]] && echo '${await token()}'; }`;
      const asked = `curl() { command curl ${always.map((each) => `'${each}'`).join(' ')} ${onlyTo(simulator.httpsUrl)} "$@"; }`;
      const { stdout } = await promisify(execFile)('bash', ['-euc', `${az}\n${asked}\n${script}`]);
      return readResponse(stdout);
    },
    token,
    read: (name, version) =>
      curl(`${scaleSetPath(name)}?api-version=${version}`, '-H', `Authorization: Bearer ${bearer}`),
    send: (method, name, version, body) => {
      const headers = ['-H', 'Content-Type: application/json', '-H', `Authorization:Bearer ${bearer}`];
      return curl(`${scaleSetPath(name)}?api-version=${version}`, '-X', method, '-d', body, ...headers);
    },
    stop: async () => {
      await simulator.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Whatever address a script asks, nobody else hears of it. */
const onlyTo = (url: string): string => `--connect-to '::127.0.0.1:${new URL(url).port}'`;

/** Status line, headers, an empty line, and the body. */
function readResponse(text: string): Curled {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 2),
  ]);
  const body = text.slice(end + 4);
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: body === '' ? undefined : JSON.parse(body),
  };
}
