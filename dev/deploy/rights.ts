/** The rights that roles give, held against what was asked for. */
import type { Role } from './account.ts';

/** One verb on one resource; maybe on one object alone. */
export interface Right {
  readonly verb: string;
  /** Empty: the core group. */
  readonly group: string;
  /** With the subresource after a slash, where there is one. */
  readonly resource: string;
  readonly name?: string;
}

/** What somebody asked the API server for, and whether RBAC let it. */
export interface AskedFor extends Right {
  readonly namespace?: string;
  readonly isAllowed: boolean;
}

export interface Comparison {
  /** What was asked for and refused. */
  readonly missing: readonly string[];
  /** What is given and was never asked for. */
  readonly unused: readonly string[];
}

/** Where a role counts is not part of it: the same right in two namespaces is one. */
export function rightsGiven(roles: readonly Pick<Role, 'rules'>[]): readonly Right[] {
  const rights = roles
    .flatMap(({ rules }) => rules)
    .flatMap(({ apiGroups, resources, verbs, resourceNames = [undefined] }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.flatMap((verb) =>
            resourceNames.map((name) => ({ verb, group, resource, ...(name === undefined ? {} : { name }) })),
          ),
        ),
      ),
    );
  return [...new Map(rights.map((right) => [told(right), right])).values()];
}

export function compareRights(given: readonly Right[], asked: readonly AskedFor[]): Comparison {
  const refused = asked.filter(({ isAllowed }) => !isAllowed);
  const allowed = asked.filter(({ isAllowed }) => isAllowed);
  return {
    missing: [...new Set(refused.map((each) => `${told(each)}${placeOf(each)}`))],
    unused: given.filter((right) => !allowed.some((each) => covers(right, each))).map(told),
  };
}

function covers(right: Right, { verb, group, resource, name }: AskedFor): boolean {
  const isNamed = right.name === undefined || right.name === name;
  return right.verb === verb && right.group === group && right.resource === resource && isNamed;
}

function told({ verb, group, resource, name }: Right): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : ` ${name}`}`;
}

function placeOf({ namespace }: AskedFor): string {
  return namespace === undefined ? '' : ` in ${namespace}`;
}
