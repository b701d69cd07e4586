/** Runs `deploy/azure/grant.sh` with an Azure CLI that does nothing but note what it was told. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, '../../../deploy/azure/grant.sh');

/** Ends each word, and each command: the definition of a role has line breaks. */
const [WORD, COMMAND] = ['\x1f', '\x1e'];
const AZ = `#!/usr/bin/env bash
{ printf '%s${WORD}' "$@"; printf '${COMMAND}'; } >> "$AZ_LOG"
case "$*" in
  *'--query principalId'*) echo 22222222-2222-4222-8222-222222222222 ;;
  *'--query clientId'*) echo 44444444-4444-4444-8444-444444444444 ;;
  'role definition list'*) echo "$AZ_ROLES" ;;
esac
`;

export const GIVEN = {
  SUBSCRIPTION: '11111111-1111-4111-8111-111111111111',
  OPERATOR_GROUP: 'operators',
  LOCATION: 'westeurope',
  ISSUER: 'https://oidc.example.com/cluster/',
  SCALE_SET_GROUPS: 'MC_shop_shop_westeurope apps',
  IDENTITY_GROUPS: 'identities',
};

export interface Granted {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The words of each `az …`, in order. */
  readonly commands: readonly (readonly string[])[];
}

/**
 * @param given variables in place of {@link GIVEN}, or beside them; undefined: not set
 * @param roles custom roles of that name which are there already
 */
export async function grant(
  given: Readonly<Record<string, string | undefined>> = {},
  roles: readonly string[] = [],
): Promise<Granted> {
  const folder = await mkdtemp(join(tmpdir(), 'azure-grant-'));
  const [az, log] = [join(folder, 'az'), join(folder, 'log')];
  try {
    await writeFile(az, AZ);
    await chmod(az, 0o755);
    await writeFile(log, '');
    const path = `${folder}:${process.env['PATH'] ?? ''}`;
    const env = { PATH: path, AZ_LOG: log, AZ_ROLES: roles.join('\n'), ...GIVEN, ...given };
    const ended = await new Promise<Omit<Granted, 'commands'>>((resolve) => {
      execFile('bash', [SCRIPT], { env }, (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
    const noted = (await readFile(log, 'utf8')).split(COMMAND).slice(0, -1);
    return { ...ended, commands: noted.map((words) => words.split(WORD).slice(0, -1)) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
