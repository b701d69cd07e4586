/** What `deploy/azure/` says of roles, trust and scopes, in whatever language a file says it. */

/** The custom role of `deploy/azure/scale-set-role.json`, as the Azure CLI takes it. */
export interface RoleFile {
  readonly Name: string;
  readonly Description: string;
  readonly Actions: readonly string[];
  readonly NotActions: readonly string[];
  readonly DataActions: readonly string[];
  readonly NotDataActions: readonly string[];
  readonly AssignableScopes: readonly string[];
}

/** Everything that each of the files has to state alike. */
export interface Statements {
  readonly actions: readonly string[];
  readonly audiences: readonly string[];
  readonly subjects: readonly string[];
  /** Names of custom roles, and ids of built-in ones. */
  readonly roles: readonly string[];
}

const ACTION = /\bMicrosoft\.\w+(?:\/\w+)+\/(?:read|write|delete|action)\b/g;
const AUDIENCE = /\bapi:\/\/\w+/g;
const SUBJECT = /\bsystem:serviceaccount:[\w-]+:[\w-]+/g;
const ROLE = /VMSS Identity Operator|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
/** A placeholder, and what opens a comment. */
const NO_SUBSCRIPTION = '00000000-0000-0000-0000-000000000000';
const COMMENT = /^\s*(?:#|\/\/).*$/gm;

/** Comments are left out: what is said there is in force nowhere. */
export function statementsOf(text: string): Statements {
  const code = text.replaceAll(COMMENT, '');
  const found = (pattern: RegExp): readonly string[] => [...new Set(code.match(pattern))].toSorted();
  return {
    actions: found(ACTION).filter((action) => !action.includes('/roleDefinitions/')),
    audiences: found(AUDIENCE),
    subjects: found(SUBJECT),
    roles: found(ROLE).filter((role) => role !== NO_SUBSCRIPTION),
  };
}
