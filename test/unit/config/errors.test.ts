import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseConfig } from '../../../src/config.ts';
import { allFlags } from '../../../src/config/flags.ts';
import { configFrom, errorsFrom } from './sources.ts';

interface Refusal {
  readonly flag: string;
  readonly texts: readonly string[];
  readonly expected: string;
}

const refusals: readonly Refusal[] = [
  {
    flag: 'namespace',
    texts: ['Shop', '-shop', 'a.b', 'a'.repeat(64)],
    expected: 'the name of a namespace: up to 63 of a-z, 0-9 and -',
  },
  { flag: 'watch-namespace', texts: ['shop,', 'a b', '*'], expected: 'names of namespaces, separated by commas' },
  { flag: 'cloud', texts: ['Public', 'germany'], expected: 'one of public, usgov, china' },
  {
    flag: 'arm-endpoint',
    texts: [
      'http://arm.example',
      'arm.example',
      'https://',
      'https://u:p@arm.example',
      'https://a.example/?x',
      'https://a#b',
    ],
    expected: 'an https:// URL without user, query or fragment',
  },
  {
    flag: 'authority-host',
    texts: ['http://login.example'],
    expected: 'an https:// URL without user, query or fragment',
  },
  {
    flag: 'arm-audience',
    texts: ['https://management.azure.com/.default'],
    expected: 'the audience alone, without /.default at its end',
  },
  {
    flag: 'arm-audience',
    texts: ['management.azure.com'],
    expected: 'an https:// URL without user, query or fragment',
  },
  {
    flag: 'arm-api-version',
    texts: ['2017-11-30', '2018-04-01', '2018-06-01', '2023-08-31', 'latest', '2024-13-01', '2024-11-01-preview'],
    expected:
      'an api-version such as 2024-11-01, 2023-09-01 or later, or 2017-12-01 (earlier ones have no etags to guard a write; that one only with --allow-unguarded-writes)',
  },
  {
    flag: 'credential',
    texts: ['default', 'Cli'],
    expected: 'one of workload-identity, managed-identity, environment, cli',
  },
  { flag: 'allow-unguarded-writes', texts: ['yes', '1'], expected: 'true or false' },
  { flag: 'disable-instance-discovery', texts: ['yes', '1'], expected: 'true or false' },
  {
    flag: 'interval',
    texts: ['10', '999ms', '24h1ms', '-5m', '5 m', 'm', '1d'],
    expected: 'a duration from 1s to 24h, such as 90s, 10m or 1h30m',
  },
  { flag: 'concurrency', texts: ['0', '101', '1.5', '1e1', 'four'], expected: 'a whole number from 1 to 100' },
  { flag: 'leader-elect', texts: ['no', '0'], expected: 'true or false' },
  {
    flag: 'lease-duration',
    texts: ['14s', '11m', '45'],
    expected: 'a duration from 15s to 10m, such as 90s, 10m or 1h30m',
  },
  { flag: 'shards', texts: ['0', '33', '1.5', 'two'], expected: 'a whole number from 1 to 32' },
  {
    flag: 'azure-budget-share',
    texts: ['2', '1.5', '-0.5', '.5', '50%', '1e-1', '0.', 'half'],
    expected: 'a number from 0 to 1, such as 0.5',
  },
  {
    flag: 'listen',
    texts: ['8080', ':8080', 'localhost', '127.0.0.1:65536', '::1:8080', '[::1]', 'a b:1'],
    expected: 'host:port, such as 0.0.0.0:8080 or [::1]:8080 (port 0: any free one)',
  },
  { flag: 'log-level', texts: ['trace', 'INFO'], expected: 'one of error, warn, info, debug' },
  { flag: 'log-format', texts: ['text'], expected: 'one of json, human' },
];

const cases = refusals.flatMap(({ flag, texts, expected }) => texts.map((text) => ({ flag, text, expected })));

describe('a value that is not accepted', () => {
  it.each(cases)('is an error that says what is: --$flag $text', ({ flag, text, expected }) => {
    const variable = `VMSS_IDENTITY_${flag.replaceAll('-', '_').toUpperCase()}`;
    expect(errorsFrom([`--${flag}=${text}`])).toEqual([
      `--${flag} (${variable}): is ${JSON.stringify(text)}, expected ${expected}`,
    ]);
    expect(errorsFrom([], { [variable]: text })).toEqual([
      `${variable} (--${flag}): is ${JSON.stringify(text)}, expected ${expected}`,
    ]);
  });

  it.each(['1s', '24h', '1000ms'])('is none at the edge of the bounds: --interval %s', (text) => {
    expect(errorsFrom(['--interval', text])).toEqual([]);
  });

  it('is shown with its control characters escaped', () => {
    expect(errorsFrom(['--cloud', 'a\nb\u001b[31m'])).toEqual([
      expect.stringContaining(String.raw`is "a\nb\u001b[31m"`),
    ]);
  });
});

describe('the command line', () => {
  it('takes the next flag for no value', () => {
    expect(errorsFrom(['--interval', '--concurrency', '2', '--cloud'])).toEqual([
      '--cloud (VMSS_IDENTITY_CLOUD): has no value, expected one of public, usgov, china',
      '--interval (VMSS_IDENTITY_INTERVAL): has no value, expected a duration from 1s to 24h, such as 90s, 10m or 1h30m',
    ]);
  });

  it.each([
    [['--intervall', '5m'], '"--intervall": unknown flag, did you mean --interval?'],
    [['--loglevel=info'], '"--loglevel": unknown flag, did you mean --log-level?'],
    [['--hlep'], '"--hlep": unknown flag, did you mean --help?'],
    [['--kubernetes-api-burst', '5'], '"--kubernetes-api-burst": unknown flag'],
    [['serve'], '"serve": unexpected argument; only flags are taken'],
    [['-v'], '"-v": unexpected argument; only flags are taken'],
    [['--'], '"--": unexpected argument; only flags are taken'],
    [['--disable-instance-discovery', 'true'], '"true": unexpected argument; only flags are taken'],
    [['--interval', '5m', '--interval=6m'], '--interval: given more than once'],
  ])('refuses %s', (argv, error) => {
    expect(errorsFrom(argv)).toEqual([error]);
  });
});

describe('the environment', () => {
  it('refuses variables of the operator that do not exist', () => {
    expect(errorsFrom([], { VMSS_IDENTITY_LOGLEVEL: 'info', VMSS_IDENTITY_X: '' })).toEqual([
      '"VMSS_IDENTITY_LOGLEVEL": unknown variable, did you mean VMSS_IDENTITY_LOG_LEVEL?',
      '"VMSS_IDENTITY_X": unknown variable',
    ]);
  });

  it('leaves the variables alone that Kubernetes makes for Services', () => {
    const links = {
      VMSS_IDENTITY_SERVICE_HOST: '10.0.0.1',
      VMSS_IDENTITY_OPERATOR_SERVICE_HOST: '10.0.0.1',
      VMSS_IDENTITY_OPERATOR_SERVICE_PORT: '8080',
      VMSS_IDENTITY_OPERATOR_SERVICE_PORT_METRICS: '8080',
      VMSS_IDENTITY_OPERATOR_PORT: 'tcp://10.0.0.1:8080',
      VMSS_IDENTITY_OPERATOR_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      VMSS_IDENTITY_OPERATOR_PORT_8080_TCP_PROTO: 'tcp',
      VMSS_IDENTITY_OPERATOR_PORT_8080_TCP_PORT: '8080',
      VMSS_IDENTITY_OPERATOR_PORT_8080_TCP_ADDR: '10.0.0.1',
    };
    expect(errorsFrom([], links)).toEqual([]);
  });

  it('does not take a misspelt setting for one of those', () => {
    expect(errorsFrom([], { VMSS_IDENTITY_LISTEN_PORT: '8080' })).toHaveLength(1);
  });

  it('takes no notice of variables of others', () => {
    expect(configFrom([], { PATH: '/bin', VMSS_TEST_KUBECONFIG: 'x', vmss_identity_cloud: 'x' }).azure.cloud).toBe(
      'public',
    );
  });
});

describe('an api-version without etags', () => {
  const [version, allowed] = ['--arm-api-version=2017-12-01', '--allow-unguarded-writes'];

  it('is taken from who says that it is meant', () => {
    expect(configFrom([version, allowed]).azure).toMatchObject({ armApiVersion: '2017-12-01', unguardedWrites: true });
  });

  it('is refused without a word on it', () => {
    const problem = '2017-12-01 has no etags to guard a write, so it is taken only with --allow-unguarded-writes';
    expect(errorsFrom([version])).toEqual([`--arm-api-version (VMSS_IDENTITY_ARM_API_VERSION): ${problem}`]);
    expect(errorsFrom([version, `${allowed}=false`])).toHaveLength(1);
    expect(errorsFrom([], { VMSS_IDENTITY_ARM_API_VERSION: '2017-12-01' })).toEqual([
      `VMSS_IDENTITY_ARM_API_VERSION (--arm-api-version): ${problem}`,
    ]);
  });

  it.each([[[]], [['--arm-api-version=2023-09-01']]])('is what that word is for, and no other: %j', (argv) => {
    expect(errorsFrom([...argv, allowed])).toEqual([
      expect.stringContaining(
        '--allow-unguarded-writes (VMSS_IDENTITY_ALLOW_UNGUARDED_WRITES): only for --arm-api-version 2017-12-01; etags guard',
      ),
    ]);
  });

  it('is one error where the version is none at all', () => {
    expect(errorsFrom(['--arm-api-version=2018-12-01', allowed])).toHaveLength(1);
  });
});

describe('shards', () => {
  it('are led by Leases, and refused without', () => {
    expect(errorsFrom(['--shards=3', '--leader-elect=false'])).toEqual([
      '--shards (VMSS_IDENTITY_SHARDS): 3 shards are led by Leases, so they are taken only with --leader-elect',
    ]);
    expect(errorsFrom(['--shards=1', '--leader-elect=false'])).toEqual([]);
  });

  it('have a part each of the limit on detachments, so that it is refused where it is smaller than their number', () => {
    expect(errorsFrom(['--detach-limit=2'], { VMSS_IDENTITY_SHARDS: '3' })).toEqual([
      '--detach-limit (VMSS_IDENTITY_DETACH_LIMIT): 2 cannot be split over 3 shards, expected 0 or at least 3',
    ]);
    for (const limit of ['0', '3']) expect(errorsFrom(['--shards=3', `--detach-limit=${limit}`])).toEqual([]);
    expect(errorsFrom(['--detach-limit=1'])).toEqual([]);
  });
});

describe('all errors', () => {
  it('come at once, from every source', () => {
    const argv = ['--intervall', '5m', '--concurrency', '0', '--arm-endpoint=http://arm.example', 'serve'];
    const env = {
      VMSS_IDENTITY_LOG_LEVEL: 'loud',
      VMSS_IDENTITY_SPEED: '1',
      AZURE_CLIENT_ID: 'me',
      AZURE_TENANT_ID: '',
    };
    expect(errorsFrom(argv, env).map((error) => error.split(':')[0])).toEqual([
      '"--intervall"',
      '"serve"',
      '"VMSS_IDENTITY_SPEED"',
      '--arm-endpoint (VMSS_IDENTITY_ARM_ENDPOINT)',
      'AZURE_TENANT_ID',
      'AZURE_CLIENT_ID',
      '--concurrency (VMSS_IDENTITY_CONCURRENCY)',
      'VMSS_IDENTITY_LOG_LEVEL (--log-level)',
    ]);
  });

  it('are one line each, whatever is given, and nothing is thrown', () => {
    const word = fc.oneof(
      fc.constantFrom(...allFlags.map(({ name }) => `--${name}`), '--', '-', '='),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }).map((text) => `--interval=${text}`),
    );
    fc.assert(
      fc.property(
        fc.array(word),
        fc.dictionary(
          fc.string().map((name) => `VMSS_IDENTITY_${name}`),
          fc.string(),
        ),
        (argv, env) => {
          const parse = parseConfig(argv, env);
          const errors = parse.kind === 'errors' ? parse.errors : [];
          expect(errors.filter((error) => /[\r\n]/.test(error))).toEqual([]);
        },
      ),
    );
  });
});
