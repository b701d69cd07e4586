import { describe, expect, it } from 'vitest';

import { parseConfig } from '../../../src/config.ts';
import { configFrom, errorsFrom, podEnvironment } from './sources.ts';

describe('a cloud', () => {
  it.each([
    ['public', 'https://management.azure.com', 'https://login.microsoftonline.com'],
    ['usgov', 'https://management.usgovcloudapi.net', 'https://login.microsoftonline.us'],
    ['china', 'https://management.chinacloudapi.cn', 'https://login.chinacloudapi.cn'],
  ])('sets endpoint, scope and authority: %s', (cloud, armEndpoint, authorityHost) => {
    expect(configFrom(['--cloud', cloud]).azure).toMatchObject({
      cloud,
      armEndpoint,
      armScope: `${armEndpoint}/.default`,
      authorityHost,
    });
  });

  it('keeps its audience when only the endpoint is another', () => {
    expect(configFrom(['--cloud=usgov', '--arm-endpoint=https://arm.example']).azure).toMatchObject({
      armEndpoint: 'https://arm.example',
      armScope: 'https://management.usgovcloudapi.net/.default',
    });
  });
});

describe('AZURE_AUTHORITY_HOST', () => {
  const env = { AZURE_AUTHORITY_HOST: 'https://login.injected.example/' };

  it('wins over the cloud', () => {
    expect(configFrom(['--cloud=usgov'], env).azure.authorityHost).toBe('https://login.injected.example');
  });

  it('yields to the flag', () => {
    const argv = ['--authority-host=https://login.flag.example'];
    expect(configFrom(argv, env).azure.authorityHost).toBe('https://login.flag.example');
  });

  it('must be https', () => {
    expect(errorsFrom([], { AZURE_AUTHORITY_HOST: 'http://login.example' })).toEqual([
      'AZURE_AUTHORITY_HOST: is "http://login.example", expected an https:// URL without user, query or fragment',
    ]);
  });

  it('is not judged when the flag replaces it', () => {
    expect(errorsFrom(['--authority-host=https://a.example'], { AZURE_AUTHORITY_HOST: 'nonsense' })).toEqual([]);
  });
});

describe('a credential', () => {
  const credentialFrom = (kind: string, env: Readonly<Record<string, string>>) => {
    const parse = parseConfig(['--credential', kind], env);
    return parse.kind === 'config' ? parse.config.azure.credential : parse;
  };
  const tenantId = podEnvironment['AZURE_TENANT_ID']!;
  const clientId = podEnvironment['AZURE_CLIENT_ID']!;
  const tokenFile = podEnvironment['AZURE_FEDERATED_TOKEN_FILE']!;

  it('of a workload has the variables that the webhook sets', () => {
    expect(configFrom().azure.credential).toEqual({ kind: 'workload-identity', tenantId, clientId, tokenFile });
  });

  it('of a workload names all variables that are missing', () => {
    expect(credentialFrom('workload-identity', { AZURE_CLIENT_ID: clientId, AZURE_TENANT_ID: '' })).toEqual({
      kind: 'errors',
      errors: [
        'AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE: not set, but --credential workload-identity needs it (the workload identity webhook sets it on pods labelled azure.workload.identity/use: "true"; elsewhere choose another --credential)',
      ],
    });
  });

  it('of a node may name a user-assigned identity', () => {
    expect(credentialFrom('managed-identity', { AZURE_CLIENT_ID: clientId })).toEqual({
      kind: 'managed-identity',
      clientId,
    });
    expect(credentialFrom('managed-identity', {})).toEqual({ kind: 'managed-identity', clientId: undefined });
  });

  it.each(['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH'])('of the environment takes %s', (proof) => {
    const env = { AZURE_TENANT_ID: 'contoso.example', AZURE_CLIENT_ID: clientId, [proof]: 'x' };
    expect(credentialFrom('environment', env)).toEqual({ kind: 'environment', tenantId: 'contoso.example', clientId });
  });

  it('of the environment needs a secret or a certificate', () => {
    expect(credentialFrom('environment', { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId })).toEqual({
      kind: 'errors',
      errors: [
        'AZURE_CLIENT_SECRET: not set, but --credential environment needs it (or AZURE_CLIENT_CERTIFICATE_PATH in its place)',
      ],
    });
  });

  it('of the Azure CLI needs nothing and may name a directory', () => {
    expect(credentialFrom('cli', {})).toEqual({ kind: 'cli', tenantId: undefined });
    expect(credentialFrom('cli', { AZURE_TENANT_ID: tenantId })).toEqual({ kind: 'cli', tenantId });
  });

  it.each([
    ['AZURE_TENANT_ID', 'a tenant', 'the directory that issues the tokens: a GUID or a domain name'],
    ['AZURE_CLIENT_ID', 'me', 'the GUID of the application or the user-assigned identity to sign in as'],
  ])('is refused with a malformed %s', (name, value, expected) => {
    expect(errorsFrom([], { [name]: value })).toEqual([`${name}: is "${value}", expected ${expected}`]);
  });

  it('is not judged by variables that it does not use', () => {
    expect(credentialFrom('cli', { AZURE_CLIENT_ID: 'me' })).toMatchObject({ kind: 'cli' });
  });

  it('that is not known is not asked for its variables', () => {
    const parse = parseConfig(['--credential', 'default'], {});
    expect(parse).toEqual({ kind: 'errors', errors: [expect.stringContaining('--credential')] });
  });
});
