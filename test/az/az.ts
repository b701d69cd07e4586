import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Seed } from '../../dev/simulator/seed.ts';
import { type Simulator, startSimulator } from '../../dev/simulator/simulator.ts';
import { clientId, secret, tenantId } from '../conformance/simulator/azure.ts';
import { ensureAzureCli } from './install.ts';

/** How a command ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The Azure CLI with a simulated Azure to talk to, and nobody else. */
export interface AzureCli {
  readonly version: string;
  readonly simulator: Simulator;
  /** Runs `az …`; never fails. */
  run(...args: readonly string[]): Promise<Ran>;
  /** Runs `az …` and reads what it prints. @throws Error when it ends with another code than 0 */
  az(...args: readonly string[]): Promise<unknown>;
  /** What it asked of anything but 127.0.0.1, such as `CONNECT example.org:443`; nothing of it got there. */
  strayRequests(): readonly string[];
  /** Commands run so far, with how long they took. */
  readonly commands: readonly { readonly args: string; readonly ms: number }[];
  stop(): Promise<void>;
}

export async function startAzureCli(seed: Seed, operationMs: number): Promise<AzureCli> {
  const installed = await ensureAzureCli((line) => process.stderr.write(`${line}\n`));
  const folder = await mkdtemp(join(tmpdir(), 'simulated-azure-cli-'));
  const caFile = join(folder, 'ca.pem');
  const simulator = await startSimulator({ seed, operationMs, caFile });
  const proxy = await startDeadProxy();
  const environment = environmentOf(folder, caFile, proxy.url);
  await forgoVersionCheck(join(folder, 'config'), installed.version);
  const commands: { args: string; ms: number }[] = [];

  const run = (...args: readonly string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const start = performance.now();
      execFile(
        installed.path,
        [...args],
        { env: environment, cwd: folder, maxBuffer: 2 ** 26 },
        (error, stdout, stderr) => {
          commands.push({ args: args.join(' '), ms: performance.now() - start });
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
          resolve({ code, stdout, stderr });
        },
      );
    });
  return {
    version: installed.version,
    simulator,
    run,
    az: async (...args) => {
      const { code, stdout, stderr } = await run(...args);
      if (code !== 0) throw new Error(`az ${args.join(' ')} ended with ${code}: ${stderr}`);
      const printed: unknown = stdout.trim() === '' ? undefined : JSON.parse(stdout);
      return printed;
    },
    strayRequests: proxy.asked,
    commands,
    stop: async () => {
      await simulator.stop();
      await proxy.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Tells the CLI everything about the cloud by hand, so that nothing is asked of it, and signs in as the seed's principal. */
export async function signIn({ az, simulator }: AzureCli, cloud: string): Promise<void> {
  const url = simulator.httpsUrl;
  const endpoints = {
    'resource-manager': url,
    'active-directory': url,
    'active-directory-resource-id': 'https://management.azure.com/',
    'active-directory-graph-resource-id': `${url}/`,
  };
  const flags = Object.entries(endpoints).flatMap(([name, value]) => [`--endpoint-${name}`, value]);
  await az('cloud', 'register', '-n', cloud, '--skip-endpoint-discovery', ...flags);
  await az('cloud', 'set', '-n', cloud);
  await az('login', '--service-principal', '-u', clientId, '-p', secret, '--tenant', tenantId);
}

/** All that the CLI is given: no configuration of the user's, no telemetry, no survey, and no way out but the proxy. */
function environmentOf(folder: string, caFile: string, proxy: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: folder,
    LANG: 'C.UTF-8',
    AZURE_CONFIG_DIR: join(folder, 'config'),
    AZURE_EXTENSION_DIR: join(folder, 'extensions'),
    AZURE_EXTENSION_USE_DYNAMIC_INSTALL: 'no',
    AZURE_CORE_COLLECT_TELEMETRY: 'false',
    AZURE_CORE_SURVEY_MESSAGE: 'false',
    AZURE_CORE_DISABLE_CONFIRM_PROMPT: 'true',
    AZURE_CORE_INSTANCE_DISCOVERY: 'false',
    AZURE_CORE_LOGIN_EXPERIENCE_V2: 'off',
    AZURE_CORE_NO_COLOR: 'true',
    AZURE_CORE_OUTPUT: 'json',
    AZURE_AUTO_UPGRADE_ENABLE: 'no',
    REQUESTS_CA_BUNDLE: caFile,
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    ALL_PROXY: proxy,
    NO_PROXY: '127.0.0.1,localhost',
  };
}

/** With an empty folder for its configuration, the CLI would ask once whether there is a newer one. */
async function forgoVersionCheck(folder: string, version: string): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, 'versionCheck.json'), JSON.stringify({ versions: { core: { local: version } } }));
}

interface DeadProxy {
  readonly url: string;
  readonly asked: () => readonly string[];
  stop(): Promise<void>;
}

/** Notes what it is asked for, and lets nothing through. */
async function startDeadProxy(): Promise<DeadProxy> {
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => {
      asked.push(bytes.toString('latin1').split(' HTTP/', 1)[0] ?? '');
      socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    stop: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
