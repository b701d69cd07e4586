/** The rules, as the component has them, and what the API server says when one of them refuses something. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parse, parseAllDocuments } from 'yaml';

import type { Reply } from '../crds/cluster.ts';

const COMPONENT = join(import.meta.dirname, '../../../deploy/components/admission');

export const STATUS = 'vmss-identity-operator-status';
export const BINDINGS = 'vmss-identity-operator-bindings';
export const LEDGERS = 'vmss-identity-operator-ledgers';
export const POLICIES = [STATUS, BINDINGS, LEDGERS];

export interface Validation {
  readonly expression: string;
  readonly message: string;
  readonly reason: string;
}

export interface Policy {
  readonly kind: 'ValidatingAdmissionPolicy';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly failurePolicy: string;
    readonly paramKind: object;
    readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
    readonly validations: readonly Validation[];
  };
}

interface Other {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** Every object of the component. */
export async function componentObjects(): Promise<readonly (Policy | Other)[]> {
  const { resources } = parse(await readFile(join(COMPONENT, 'kustomization.yaml'), 'utf8')) as { resources: string[] };
  const texts = await Promise.all(resources.map((file) => readFile(join(COMPONENT, file), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Policy | Other));
}

export async function componentPolicies(): Promise<readonly Policy[]> {
  return (await componentObjects()).filter((object): object is Policy => object.kind === 'ValidatingAdmissionPolicy');
}

export interface Denial {
  readonly policy: string;
  readonly message: string;
}

/** Which rule refused a request, and why; undefined where none did. Throws when something else refused it. */
export function denialOf({ code, body }: Reply): Denial | undefined {
  if (code < 400) return undefined;
  const said = (body as { readonly message?: string }).message ?? '';
  const [, policy, message] = /ValidatingAdmissionPolicy '([^']+)'.* denied request: (.+)$/.exec(said) ?? [];
  if (policy === undefined || message === undefined) throw new Error(`refused by no rule: ${code} ${said}`);
  if (code !== 403) throw new Error(`refused by a rule, but not with 403: ${code} ${said}`);
  return { policy, message };
}
