/**
 * Writes `docs/configuration.md` from the tables that the operator itself reads its settings by.
 *
 * `node dev/generate/config-docs.ts` writes the file; with `--check` it writes nothing, and exits with 1 when the file
 * is not what the tables say.
 */

import { format, resolveConfig } from 'prettier';

import { azureVariables, azureVariablesOf } from '../../src/config/azure-environment.ts';
import { clouds } from '../../src/config/clouds.ts';
import { allFlags, variableOf, variablePrefix } from '../../src/config/flags.ts';
import { usageOf } from '../../src/config/help.ts';
import { code, table } from '../docs/table.ts';
import { hasText, writeOrCheck } from './generated-file.ts';

const target = new URL('../../docs/configuration.md', import.meta.url);

const codes = (texts: readonly string[]): string => (texts.length === 0 ? '–' : texts.map(code).join(', '));

const flagTable = (): string =>
  table(
    ['Flag', 'Variable', 'Default', 'What it does'],
    allFlags.map((flag) => [code(usageOf(flag)), code(variableOf(flag)), flag.defaultText, flag.about]),
  );

const credentialTable = (): string =>
  table(
    ['`--credential`', 'Needs', 'Takes'],
    Object.entries(azureVariablesOf).map(([name, { needs, takes }]) => [
      code(name),
      codes(needs.map((key) => azureVariables[key].name)),
      codes(takes.map((key) => azureVariables[key].name)),
    ]),
  );

const variableTable = (): string =>
  table(
    ['Variable', 'Meaning'],
    Object.values(azureVariables).map(({ name, about }) => [code(name), about]),
  );

const cloudTable = (): string =>
  table(
    ['`--cloud`', 'Azure Resource Manager', 'Audience of its tokens', 'Authority host'],
    Object.entries(clouds).map(([name, { armEndpoint, armAudience, authorityHost }]) => [
      code(name),
      armEndpoint,
      armAudience,
      authorityHost,
    ]),
  );

/** The text that `docs/configuration.md` should have. */
export const generateConfigDocs = async (): Promise<string> => {
  const text = `# Configuration

<!-- Generated from src/config/ by \`npm run generate\`; do not edit. -->

Everything is set by a flag or by a variable in the environment; the flag wins. An empty variable counts as none. All
mistakes are reported at once, one a line, with exit code 2: unknown flags, unknown variables that begin with
\`${variablePrefix}\`, values that are not accepted. (The variables that Kubernetes makes for a Service whose name begins
like that, such as \`${variablePrefix}OPERATOR_SERVICE_HOST\`, are left alone.)

${flagTable()}

\`--help\` prints the same, \`--version\` the version. A duration is a number with a unit, \`ms\`, \`s\`, \`m\` or \`h\`, or
several in a row: \`90s\`, \`10m\`, \`1h30m\`.

## Clouds

${cloudTable()}

\`--arm-endpoint\`, \`--arm-audience\` and \`--authority-host\` each replace one of them. URLs are https. For a private cloud
give all three and \`--disable-instance-discovery\`.

## Signing in to Azure

${credentialTable()}

For \`environment\` one of \`${azureVariables.clientSecret.name}\` and \`${azureVariables.certificatePath.name}\` must be there.

${variableTable()}

\`NODE_EXTRA_CA_CERTS\`, a file, adds certificate authorities to those that are trusted.
`;
  return format(text, { ...(await resolveConfig(target)), parser: 'markdown' });
};

/** Whether `docs/configuration.md` is what the tables say. */
export const isCurrent = async (): Promise<boolean> => hasText(target, await generateConfigDocs());

if (import.meta.main) {
  await writeOrCheck(target, await generateConfigDocs());
}
