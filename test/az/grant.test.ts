import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { assignmentCommand, federationCommand } from '../../src/check/azure-command.ts';
import { clientId, scaleSetPath, seedWith, tenantId } from '../conformance/simulator/azure.ts';
import { grant } from '../unit/azure-rights/grant.ts';
import { type AzureCli, signIn, startAzureCli } from './az.ts';

/** The commands of `deploy/azure/grant.sh` and of `--check`, as the real Azure CLI reads them; the simulated Azure assigns no roles. */
let cli: AzureCli;
beforeAll(async () => {
  cli = await startAzureCli(seedWith([]), 0);
  await signIn(cli, 'SimulatedAzure');
});
afterAll(() => cli.stop());

/** What the CLI ends with when it does not understand a command. */
const NOT_UNDERSTOOD = 2;

/** The words of a line that needs no quotes but those around a word. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|<([^>]*)>|(\S+)/g)].map(([, quoted, blank, bare]) => quoted ?? blank ?? bare ?? '');

describe('every command of deploy/azure/grant.sh', () => {
  it('is one that the Azure CLI understands', async () => {
    const { commands } = await grant();
    const misunderstood: string[] = [];
    for (const words of [
      ...commands,
      ...(await grant({}, ['there'])).commands.filter((each) => each[2] === 'update'),
    ]) {
      const { code, stderr } = await cli.run(...words);
      if (code === NOT_UNDERSTOOD) misunderstood.push(`az ${words.join(' ')}: ${stderr}`);
    }
    expect(commands.length).toBeGreaterThan(5);
    expect(misunderstood).toEqual([]);
  });
});

describe('a command that --check prints', () => {
  const signedIn = {
    principalId: clientId,
    tenantId,
    audience: 'https://management.azure.com',
    issuer: `https://sts.windows.net/${tenantId}/`,
    principalType: 'ServicePrincipal',
  } as const;

  it('assigns a role where it says', async () => {
    const identityRole = 'f1a07417-d97a-45cb-824c-7a7467783830';
    const [, ...words] = wordsOf(assignmentCommand(signedIn, identityRole, scaleSetPath('any')));
    const { code } = await cli.run(...words);
    expect(code).not.toBe(NOT_UNDERSTOOD);
    const asked = cli.simulator.requests().map(({ path }) => path);
    expect(
      asked.filter((path) => path.startsWith(scaleSetPath('any')) && path.includes('/roleAssignments')),
    ).not.toEqual([]);
  });

  it('makes a federated credential', async () => {
    const claims = { issuer: 'https://issuer.example', subject: 'system:serviceaccount:a:b', audience: 'api://x' };
    const [, ...words] = wordsOf(federationCommand(claims));
    const { code } = await cli.run(...words);
    expect(code).not.toBe(NOT_UNDERSTOOD);
    const asked = cli.simulator.requests().map(({ path }) => path);
    expect(asked.filter((path) => path.includes('/federatedIdentityCredentials/'))).not.toEqual([]);
  });

  it('that it does not understand would be found', async () => {
    expect((await cli.run('role', 'assignment', 'create', '--asignee', 'x')).code).toBe(NOT_UNDERSTOOD);
  });
});
