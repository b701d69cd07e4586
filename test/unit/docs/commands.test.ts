import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { isAboutObjects, isAboutParts, needsOperator, type Script, scriptsOf } from '../../../dev/docs/commands.ts';
import { allPages, ROOT } from '../../../dev/docs/pages.ts';
import { parseConfig } from '../../../src/config.ts';
import { podEnvironment } from '../config/sources.ts';

/** What starts the operator, from the image or from the tree. */
const OPERATOR = /^(?:vmss-identity-operator|node dist\/main\.js) /;

const scripts = (await allPages()).flatMap((page) => scriptsOf(page));
const { scripts: npmScripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

const commandsIn = ({ text }: Script): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '');

/** What a line asks npm for that there is not; undefined where all is there. */
function missingOfNpm(command: string): string | undefined {
  const asked = [...command.matchAll(/\bnpm (?:run )?([\w:-]+)/g)].map(([, name = '']) => name);
  return asked.find((name) => name !== 'ci' && !(name in npmScripts));
}

describe('a command in the documentation', () => {
  it('that asks npm for a script asks for one that there is', () => {
    const missing = scripts.flatMap((script) => commandsIn(script).map((line) => [script.where, missingOfNpm(line)]));
    expect(missing.filter(([, name]) => name !== undefined)).toEqual([]);
    expect(missingOfNpm('npm run nothing -- --once')).toBe('nothing');
  });

  it('that starts the operator gives it flags that it takes', () => {
    const given = scripts.flatMap(commandsIn).filter((line) => OPERATOR.test(line));
    const outcomes = given.map((line) => parseConfig(line.replace(OPERATOR, '').split(' '), podEnvironment));
    expect(outcomes).not.toEqual([]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'config'));
  });

  it('is run by somebody, if it is about a cluster', () => {
    const isCheckedHere = (line: string): boolean => line.startsWith('npm ') || OPERATOR.test(line);
    const nobodys = scripts
      .filter((script) => script.runBy === undefined && !isAboutObjects(script) && !isAboutParts(script))
      .filter((script) => !needsOperator(script) && !commandsIn(script).every(isCheckedHere));
    expect(nobodys.map(({ where }) => where)).toEqual([]);
  });

  it('names tests that there are, and that know its page', async () => {
    const wrong: string[] = [];
    for (const { where, page, runBy } of scripts) {
      if (runBy === undefined) continue;
      const isThere = existsSync(join(ROOT, runBy));
      if (!isThere || !(await readFile(join(ROOT, runBy), 'utf8')).includes(page)) wrong.push(`${where}: ${runBy}`);
    }
    expect(wrong).toEqual([]);
  });
});
