import { describe, expect, it } from 'vitest';

import { type Config, parseConfig } from '../../../src/config.ts';
import { allFlags } from '../../../src/config/flags.ts';
import { configFrom, errorsFrom, podEnvironment } from './sources.ts';

interface Example {
  readonly flag: string;
  readonly text: string;
  /** Without which it is refused. */
  readonly together?: readonly string[];
  readonly read: (config: Config) => unknown;
  readonly value: unknown;
  readonly absent: unknown;
}

const examples: readonly Example[] = [
  { flag: 'check', text: 'true', read: (c) => c.check, value: true, absent: false },
  { flag: 'kubeconfig', text: '/k/config', read: (c) => c.kubeconfig, value: '/k/config', absent: undefined },
  { flag: 'namespace', text: 'identity', read: (c) => c.namespace, value: 'identity', absent: undefined },
  {
    flag: 'watch-namespace',
    text: 'shop, web,shop',
    read: (c) => c.watchNamespaces,
    value: ['shop', 'web'],
    absent: undefined,
  },
  { flag: 'cloud', text: 'china', read: (c) => c.azure.cloud, value: 'china', absent: 'public' },
  {
    flag: 'arm-endpoint',
    text: 'https://arm.example:8443/arm/',
    read: (c) => c.azure.armEndpoint,
    value: 'https://arm.example:8443/arm',
    absent: 'https://management.azure.com',
  },
  {
    flag: 'arm-audience',
    text: 'https://management.core.windows.net/',
    read: (c) => c.azure.armScope,
    value: 'https://management.core.windows.net//.default',
    absent: 'https://management.azure.com/.default',
  },
  {
    flag: 'arm-api-version',
    text: '2023-09-01',
    read: (c) => c.azure.armApiVersion,
    value: '2023-09-01',
    absent: '2024-11-01',
  },
  {
    flag: 'allow-unguarded-writes',
    text: 'true',
    together: ['--arm-api-version=2017-12-01'],
    read: (c) => c.azure.unguardedWrites,
    value: true,
    absent: false,
  },
  {
    flag: 'authority-host',
    text: 'https://login.example/',
    read: (c) => c.azure.authorityHost,
    value: 'https://login.example',
    absent: 'https://login.microsoftonline.com',
  },
  { flag: 'credential', text: 'cli', read: (c) => c.azure.credential.kind, value: 'cli', absent: 'workload-identity' },
  {
    flag: 'disable-instance-discovery',
    text: 'true',
    read: (c) => c.azure.disableInstanceDiscovery,
    value: true,
    absent: false,
  },
  { flag: 'azure-budget-share', text: '0.25', read: (c) => c.azure.budgetShare, value: 0.25, absent: 0.5 },
  { flag: 'interval', text: '1h30m', read: (c) => c.intervalMs, value: 5_400_000, absent: 600_000 },
  { flag: 'concurrency', text: '100', read: (c) => c.concurrency, value: 100, absent: 16 },
  { flag: 'exclusive-delay', text: '90s', read: (c) => c.exclusiveDelayMs, value: 90_000, absent: 60_000 },
  { flag: 'detach-limit', text: '0', read: (c) => c.detachLimit, value: 0, absent: 100 },
  { flag: 'read-only', text: 'true', read: (c) => c.readOnly, value: true, absent: false },
  { flag: 'leader-elect', text: 'false', read: (c) => c.leaderElect, value: false, absent: true },
  { flag: 'lease-duration', text: '15s', read: (c) => c.leaseDurationMs, value: 15_000, absent: 45_000 },
  { flag: 'shards', text: '32', read: (c) => c.shards, value: 32, absent: 1 },
  {
    flag: 'listen',
    text: '[::1]:0',
    read: (c) => c.listen,
    value: { host: '::1', port: 0 },
    absent: { host: '0.0.0.0', port: 8080 },
  },
  { flag: 'log-level', text: 'debug', read: (c) => c.logLevel, value: 'debug', absent: 'info' },
  { flag: 'log-format', text: 'human', read: (c) => c.logFormat, value: 'human', absent: 'json' },
];

const variable = (flag: string): string => `VMSS_IDENTITY_${flag.replaceAll('-', '_').toUpperCase()}`;

const switches = allFlags.filter(({ placeholder }) => placeholder === undefined).map(({ name }) => name);

describe('each setting', () => {
  it('has an example here', () => {
    expect(examples.map(({ flag }) => flag)).toEqual(allFlags.map(({ name }) => name));
  });

  it.each(examples)('has a default: --$flag', ({ read, absent }) => {
    expect(read(configFrom())).toEqual(absent);
  });

  it.each(examples)('is read from --$flag=$text', ({ flag, text, together = [], read, value }) => {
    expect(read(configFrom([`--${flag}=${text}`, ...together]))).toEqual(value);
  });

  it.each(examples.filter(({ flag }) => !switches.includes(flag)))(
    'is read from --$flag $text',
    ({ flag, text, read, value }) => {
      expect(read(configFrom([`--${flag}`, text]))).toEqual(value);
    },
  );

  it.each(examples)('is read from the environment: --$flag', ({ flag, text, together = [], read, value }) => {
    expect(read(configFrom(together, { [variable(flag)]: text }))).toEqual(value);
  });

  it.each(examples)('counts an empty variable as none: --$flag', ({ flag, read, absent }) => {
    expect(read(configFrom([], { [variable(flag)]: '' }))).toEqual(absent);
  });

  it.each(examples)('refuses an empty value: --$flag=', ({ flag }) => {
    expect(errorsFrom([`--${flag}=`])).toEqual([
      expect.stringContaining(`--${flag} (${variable(flag)}): has no value, expected `),
    ]);
  });
});

describe('the command line', () => {
  it('wins over the environment', () => {
    expect(configFrom(['--interval', '5m'], { VMSS_IDENTITY_INTERVAL: '7m' }).intervalMs).toBe(300_000);
  });

  it('takes a switch without a value', () => {
    expect(configFrom(['--disable-instance-discovery', '--concurrency', '2'])).toMatchObject({
      concurrency: 2,
      azure: { disableInstanceDiscovery: true },
    });
  });

  it('can take back a switch that the environment sets', () => {
    const env = { VMSS_IDENTITY_DISABLE_INSTANCE_DISCOVERY: 'true' };
    expect(configFrom(['--disable-instance-discovery=false'], env).azure.disableInstanceDiscovery).toBe(false);
  });

  it.each([['--help'], ['-h'], ['--nonsense', '--help'], ['--version', '--help']])(
    'prints help for %s %s, whatever else is wrong',
    (...argv) => {
      expect(parseConfig(argv, { VMSS_IDENTITY_NONSENSE: 'x' })).toMatchObject({ kind: 'help' });
    },
  );

  it('prints the version', () => {
    expect(parseConfig(['--version'], {})).toEqual({ kind: 'version', text: 'development' });
  });
});

describe('the help', () => {
  const help = (): string => {
    const parse = parseConfig(['--help'], {});
    return parse.kind === 'help' ? parse.text : '';
  };

  it.each(allFlags)('tells of --$name, its variable and its default', ({ name, defaultText }) => {
    expect(help()).toContain(`  --${name}`);
    expect(help()).toContain(`(${variable(name)})`);
    expect(help().replaceAll(/\s+/g, ' ')).toContain(`Default: ${defaultText}.`);
  });

  it('fits on a terminal of 120 columns', () => {
    expect(
      help()
        .split('\n')
        .filter((line) => line.length > 120),
    ).toEqual([]);
  });
});

describe('the configuration', () => {
  it('is deeply frozen', () => {
    const config = configFrom(['--watch-namespace=shop']);
    const parts = [config, config.azure, config.azure.credential, config.listen, config.watchNamespaces];
    expect(parts.every(Object.isFrozen)).toBe(true);
  });

  it('holds no secret', () => {
    const config = configFrom(['--credential=environment'], { AZURE_CLIENT_SECRET: 'hunter2' });
    expect(JSON.stringify(config)).not.toContain('hunter2');
  });

  it('leaves what it was given as it was', () => {
    const argv = Object.freeze(['--interval', '5m']);
    const env = Object.freeze({ ...podEnvironment });
    expect(parseConfig(argv, env).kind).toBe('config');
  });
});
