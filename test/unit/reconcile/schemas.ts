/** What the API server checks before it stores: the definitions of the kinds, without their CEL rules. */
import { readFileSync } from 'node:fs';

import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';

interface Definition {
  readonly spec: {
    readonly versions: readonly [
      { readonly schema: { readonly openAPIV3Schema: { readonly properties: Readonly<Record<string, object>> } } },
    ];
  };
}

const ajv = new Ajv({ strict: false, validateFormats: false });

function compile(plural: string, part: 'spec' | 'status'): ValidateFunction {
  const file = new URL(`../../../crds/${plural}.vmss-identity.dev.yaml`, import.meta.url);
  const definition = parse(readFileSync(file, 'utf8')) as Definition;
  return ajv.compile(definition.spec.versions[0].schema.openAPIV3Schema.properties[part]!);
}

const SCHEMAS = {
  bindingSpec: compile('vmssidentitybindings', 'spec'),
  bindingStatus: compile('vmssidentitybindings', 'status'),
  ledgerSpec: compile('vmssidentityledgers', 'spec'),
  policySpec: compile('vmssidentitypolicies', 'spec'),
} as const;

/** @throws Error that says what the schema does not take */
export function assertValid(what: keyof typeof SCHEMAS, value: unknown): void {
  const validate = SCHEMAS[what];
  if (validate(JSON.parse(JSON.stringify(value)))) return;
  throw new Error(`${what} is invalid: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value, undefined, 2)}`);
}
