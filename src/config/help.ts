import { azureVariables } from './azure-environment.ts';
import { allFlags, type Flag, variableOf } from './flags.ts';

const width = 100;
const indent = 6;

/** What `--help` prints, without a line break at the end. */
export const helpText = (): string =>
  [
    'vmss-identity-operator: keeps the managed identities of Azure virtual machine scale sets as declared in Kubernetes.',
    '',
    'Every flag can also be set by the variable behind it; the flag wins.',
    '',
    ...allFlags.flatMap((flag) => [
      `  ${usageOf(flag)}  (${variableOf(flag)})`,
      ...wrap(`${flag.about} Default: ${flag.defaultText}.`),
    ]),
    '  --help, -h',
    ...wrap('Print this text.'),
    '  --version',
    ...wrap('Print the version.'),
    '',
    "Azure's own variables keep their meaning, as far as --credential uses them:",
    '',
    ...Object.values(azureVariables).map(({ name, about }) => `  ${name}: ${about}`),
  ].join('\n');

/** `--name <placeholder>`, or `--name` for a switch. */
export const usageOf = ({ name, placeholder }: Flag): string =>
  placeholder === undefined ? `--${name}` : `--${name} <${placeholder}>`;

const wrap = (text: string): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => ' '.repeat(indent) + each);
};
