/** A table of fields, in the words of their definition. */
import type { Field, FieldSchema } from './crd-fields.ts';
import { code, table } from './table.ts';

export const fieldTable = (fields: readonly Field[]): string =>
  table(
    ['Field', 'Type', 'Meaning'],
    fields.map(({ path, schema, required }) => [
      code(path),
      `${typeOf(schema)}${required ? ', always there' : ''}`,
      schema.description ?? '',
    ]),
  );

function typeOf({ type, enum: values, items }: FieldSchema): string {
  if (values !== undefined) return values.map(code).join(', ');
  if (items === undefined) return type;
  return `list of ${items.properties === undefined ? `${items.type}s` : 'objects'}`;
}
