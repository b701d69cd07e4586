import { type Config, parseConfig } from '../../../src/config.ts';
import type { Environment } from '../../../src/config/given.ts';

/** What the workload identity webhook puts into a pod. */
export const podEnvironment: Environment = {
  AZURE_TENANT_ID: '11111111-1111-1111-1111-111111111111',
  AZURE_CLIENT_ID: '22222222-2222-2222-2222-222222222222',
  AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/tokens/azure-identity-token',
};

/** The configuration that flags and variables give in a pod that can sign in; throws if there is none. */
export const configFrom = (argv: readonly string[] = [], env: Environment = {}): Config => {
  const parse = parseConfig(argv, { ...podEnvironment, ...env });
  if (parse.kind !== 'config') throw new Error(`no configuration but ${JSON.stringify(parse)}`);
  return parse.config;
};

/** The errors that flags and variables give in a pod that can sign in. */
export const errorsFrom = (argv: readonly string[], env: Environment = {}): readonly string[] => {
  const parse = parseConfig(argv, { ...podEnvironment, ...env });
  return parse.kind === 'errors' ? parse.errors : [];
};
