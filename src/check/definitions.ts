/** Whether the custom resource definitions are there, and as new as this version needs them. */
import { GROUP, type KindDescriptor, KINDS } from '../api/types.ts';
import { fieldsInUse } from './fields.ts';
import type { Finding } from './finding.ts';
import { shellLine } from './shell.ts';

/** What the API server says it serves of a kind. */
export interface ServedKind {
  readonly hasStatus: boolean;
  /** Paths of its fields, `[]` for the entries of a list. */
  readonly fields: ReadonlySet<string>;
}

const INSTALL = shellLine('kubectl', 'apply', '--server-side', '--filename', 'crds');
/** So many fields are named that are not there. */
const MOST_NAMED = 3;

/** @param served by their names in URLs, what is served in the version that the operator speaks */
export function judgeDefinitions(served: ReadonlyMap<string, ServedKind>): readonly Finding[] {
  return KINDS.map((kind): Finding => {
    const name = `${kind.plural}.${GROUP}`;
    const found = served.get(kind.plural);
    if (found === undefined) {
      const says = `${name} is not installed, or does not serve ${kind.version}`;
      return { verdict: 'missing', check: 'definition', says, command: INSTALL };
    }
    const lacking = lackingOf(kind, found);
    if (lacking.length === 0) {
      return { verdict: 'ok', check: 'definition', says: `${name} serves ${kind.version}, with every field in use` };
    }
    const says = `${name} is older than this operator: it lacks ${some(lacking)}`;
    return { verdict: 'missing', check: 'definition', says, command: INSTALL };
  });
}

function lackingOf(kind: KindDescriptor, { hasStatus, fields }: ServedKind): readonly string[] {
  const inUse = fieldsInUse.get(kind) ?? [];
  const lacking = inUse.filter((path) => !fields.has(path));
  const writesStatus = inUse.some((path) => path.startsWith('status.'));
  return writesStatus && !hasStatus ? ['the subresource status', ...lacking] : lacking;
}

function some(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return more > 0 ? `${names.slice(0, MOST_NAMED).join(', ')} and ${String(more)} more` : names.join(', ');
}
