import type { RoleName } from './arm/rights/roles.ts';
import type { Restrictions } from './restrictions.ts';
import type { Settings } from './settings.ts';
import type { IsolationScope, ManagedIdentityKind, OrchestrationMode } from './state.ts';

/** What a simulated Azure begins with, as a file (YAML or JSON) or as an object. */
export interface Seed {
  readonly settings?: Partial<Settings>;
  readonly subscriptions?: readonly SubscriptionSeed[];
  readonly principals?: readonly PrincipalSeed[];
  readonly restrictions?: Partial<Restrictions>;
}

export interface SubscriptionSeed {
  readonly id: string;
  /** The id of the tenant that it belongs to. */
  readonly tenant: string;
  /** What `az account list` calls it. Default: its id. */
  readonly name?: string;
  readonly resourceGroups?: readonly ResourceGroupSeed[];
}

export interface ResourceGroupSeed {
  readonly name: string;
  readonly location: string;
  readonly identities?: readonly IdentitySeed[];
  readonly scaleSets?: readonly ScaleSetSeed[];
}

export interface IdentitySeed {
  readonly name: string;
  readonly location?: string;
  readonly principalId?: string;
  readonly clientId?: string;
  /** Regional: only for resources in its own location. Default: None. */
  readonly isolationScope?: IsolationScope;
  /** Providers (`Microsoft.Compute`) or types (`Microsoft.Compute/virtualMachines`) it is for. Default: all. */
  readonly assignmentRestrictions?: { readonly providers?: readonly string[] };
  readonly tags?: Readonly<Record<string, string>>;
}

export interface ScaleSetSeed {
  readonly name: string;
  /** Default: that of the group. */
  readonly location?: string;
  /** Default: Uniform. */
  readonly orchestrationMode?: OrchestrationMode;
  /** Default: 1. */
  readonly capacity?: number;
  readonly tags?: Readonly<Record<string, string>>;
  /** How long writes to this one take. Default: `settings.operationMs`. */
  readonly operationMs?: number;
  readonly identity?: ScaleSetIdentitySeed;
}

export interface ScaleSetIdentitySeed {
  readonly systemAssigned?: boolean;
  /** Names of identities in the same group, or whole resource ids. */
  readonly userAssigned?: readonly string[];
}

export interface PrincipalSeed {
  readonly name?: string;
  readonly clientId: string;
  readonly tenant: string;
  readonly objectId?: string;
  readonly secret?: string;
  readonly federated?: readonly FederatedSeed[];
  /** IMDS hands out its tokens; true: as those of a user-assigned identity. */
  readonly managedIdentity?: boolean | ManagedIdentityKind;
  /** Default: everything, everywhere. */
  readonly permissions?: readonly GrantSeed[];
  readonly denials?: readonly GrantSeed[];
}

export interface FederatedSeed {
  readonly issuer: string;
  readonly subject: string;
  /** Default: api://AzureADTokenExchange. */
  readonly audience?: string;
  /** The issuer's JWKS; without it signatures are not verified. */
  readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
}

/** A role at a scope and below, by the name of a built-in one or by what it allows. */
export type GrantSeed =
  | { readonly scope: string; readonly role: RoleName }
  | { readonly scope: string; readonly actions: readonly string[]; readonly notActions?: readonly string[] };

/** One thing that is wrong with a seed, and where. */
export interface SeedProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** All that is wrong with a seed: one line a problem, `file:line: path: message`. */
export class SeedError extends Error {
  readonly problems: readonly SeedProblem[];

  constructor(problems: readonly SeedProblem[], lineOf: (problem: SeedProblem) => string = () => '') {
    super(problems.map((problem) => `${lineOf(problem)}${showPath(problem.path)}: ${problem.message}`).join('\n'));
    this.name = 'SeedError';
    this.problems = problems;
  }
}

/** `subscriptions[0].resourceGroups[1].name`. */
export function showPath(path: readonly (string | number)[]): string {
  const shown = path.map((part) => (typeof part === 'number' ? `[${String(part)}]` : `.${part}`)).join('');
  return shown === '' ? 'seed' : shown.replace(/^\./, '');
}
