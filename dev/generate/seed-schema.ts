/**
 * Writes `dev/simulator/seed.schema.json`, by which an editor helps with a seed of the simulated Azure: from the rules that
 * seeds are checked by, the comments on their types, and the defaults of the settings.
 *
 * `node dev/generate/seed-schema.ts` writes the file; with `--check` it writes nothing, and exits with 1 when the file is
 * not what it would write.
 */
import { readFile } from 'node:fs/promises';

import { format, resolveConfig } from 'prettier';
import ts from 'typescript';

import { type JsonSchema, seedSchema } from '../simulator/seed-check.ts';
import { defaultSettings } from '../simulator/settings.ts';
import { hasText, writeOrCheck } from './generated-file.ts';

const target = new URL('../simulator/seed.schema.json', import.meta.url);
const sources = ['../simulator/seed.ts', '../simulator/settings.ts'].map((path) => new URL(path, import.meta.url));

interface Member {
  readonly description: string;
  /** As it is written. */
  readonly type: string;
}

/** By the name of the interface, then of the member. */
type Interfaces = ReadonlyMap<string, ReadonlyMap<string, Member>>;

const readInterfaces = async (): Promise<Interfaces> => {
  const texts = await Promise.all(sources.map((source) => readFile(source, 'utf8')));
  const interfaces = texts.flatMap((text) =>
    ts.createSourceFile('types.ts', text, ts.ScriptTarget.Latest, true).statements.filter(ts.isInterfaceDeclaration),
  );
  return new Map(interfaces.map(({ name, members }) => [name.text, new Map(members.flatMap(readMember))]));
};

const readMember = (member: ts.TypeElement): readonly (readonly [string, Member])[] => {
  if (!ts.isPropertySignature(member)) return [];
  const comments = ts.getJSDocCommentsAndTags(member).map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '');
  const description = comments.join(' ').replaceAll(/\s+/g, ' ').trim();
  return [[member.name.getText(), { description, type: member.type?.getText() ?? '' }]];
};

/** The schema with what is said of each member of the type that it stands for. */
const describe = (schema: JsonSchema, type: string, interfaces: Interfaces): JsonSchema => {
  if (schema.items !== undefined) return { ...schema, items: describe(schema.items, type, interfaces) };
  const name = type.match(/\w+/g)?.find((word) => interfaces.has(word)) ?? '';
  const members = interfaces.get(name);
  if (members === undefined || schema.properties === undefined) return schema;
  const properties = Object.entries(schema.properties).map(([key, property]): readonly [string, JsonSchema] => {
    const { description = '', type: memberType = '' } = members.get(key) ?? {};
    const described = describe(property, memberType, interfaces);
    const withDefault = name === 'Settings' ? { ...described, ...defaultOf(key) } : described;
    return [key, description === '' ? withDefault : { description, ...withDefault }];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
};

const defaultOf = (setting: string): { readonly default?: unknown } => {
  const value = Object.entries(defaultSettings).find(([name]) => name === setting)?.[1] as unknown;
  return value === undefined ? {} : { default: value };
};

/** The text that `dev/simulator/seed.schema.json` should have. */
export const generateSeedSchema = async (): Promise<string> => {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'What a simulated Azure begins with',
    ...describe(seedSchema, 'Seed', await readInterfaces()),
  };
  return format(JSON.stringify(schema), { ...(await resolveConfig(target)), parser: 'json' });
};

/** Whether the file is what the rules say. */
export const isSeedSchemaCurrent = async (): Promise<boolean> => hasText(target, await generateSeedSchema());

if (import.meta.main) {
  await writeOrCheck(target, await generateSeedSchema());
}
