import { reaches } from '../arm/rights/action-match.ts';
import { fold } from '../resource-id.ts';
import { addRestrictions, noRestrictions, type Restrictions } from '../restrictions.ts';
import { type GrantSeed, SeedError, type SeedProblem } from '../seed.ts';
import { checkGrant, checkGrants, checkRestrictions } from '../seed-check.ts';
import { grants } from '../seeding.ts';
import type { ApplicationState, Grant, Principal, State } from '../state.ts';
import { ControlError, requirePrincipal } from './lookup.ts';

/** What a test does to the rights of a principal, to its application, and to what stands in everybody's way. */
export interface RightsControl {
  /** Replaces what a principal may do, or may not. */
  setRights(
    clientId: string,
    rights: { readonly permissions?: readonly GrantSeed[]; readonly denials?: readonly GrantSeed[] },
  ): void;
  /** One role assignment more. */
  grant(clientId: string, grant: GrantSeed): void;
  /** One role assignment less: that of the same role, or the same actions, at the same scope. */
  revoke(clientId: string, grant: GrantSeed): void;
  restrictions(): Restrictions;
  /** Replaces the lists that are given. */
  setRestrictions(change: Partial<Restrictions>): Restrictions;
  clearRestrictions(): void;
  setApplication(clientId: string, state: ApplicationState): void;
  /** ARM accepts none of the tokens that were issued before. Without a client id: nobody's. */
  revokeTokens(clientId?: string): void;
}

export function createRightsControl(state: State, now: () => number): RightsControl {
  return {
    setRights: (clientId, rights) => {
      const principal = requirePrincipal(state, clientId);
      demand([...checkGrants(rights.permissions ?? []), ...checkGrants(rights.denials ?? [])]);
      if (rights.permissions !== undefined) principal.permissions = grants(rights.permissions);
      if (rights.denials !== undefined) principal.denials = grants(rights.denials);
    },
    grant: (clientId, grant) => {
      const principal = requirePrincipal(state, clientId);
      demand(checkGrant(grant));
      principal.permissions = [...principal.permissions, ...grants([grant])];
    },
    revoke: (clientId, grant) => {
      const principal = requirePrincipal(state, clientId);
      demand(checkGrant(grant));
      principal.permissions = withoutGrant(principal, grant);
    },
    restrictions: () => state.restrictions,
    setRestrictions: (change) => {
      demand(checkRestrictions(change));
      state.restrictions = addRestrictions({ ...state.restrictions, ...emptied(change) }, change);
      return state.restrictions;
    },
    clearRestrictions: () => {
      state.restrictions = noRestrictions;
    },
    setApplication: (clientId, application) => {
      requirePrincipal(state, clientId).application = application;
    },
    revokeTokens: (clientId) => {
      const principals = clientId === undefined ? state.principals.values() : [requirePrincipal(state, clientId)];
      for (const principal of principals) {
        principal.revocation = { atMs: now(), count: (principal.revocation?.count ?? 0) + 1 };
      }
    },
  };
}

function demand(problems: readonly SeedProblem[]): void {
  if (problems.length > 0) throw new SeedError(problems);
}

/** The lists that a change is going to fill, empty. */
function emptied(change: Partial<Restrictions>): Partial<Restrictions> {
  return Object.fromEntries(Object.keys(change).map((name) => [name, []]));
}

function withoutGrant(principal: Principal, seed: GrantSeed): readonly Grant[] {
  const [unwanted] = grants([seed]);
  const at = principal.permissions.findIndex((grant) => unwanted !== undefined && isSame(grant, unwanted));
  if (at < 0) throw new ControlError(`${principal.clientId} holds no such role at ${seed.scope}`);
  return principal.permissions.toSpliced(at, 1);
}

function isSame(one: Grant, other: Grant): boolean {
  const sameScope = reaches(one.scope, other.scope) && reaches(other.scope, one.scope);
  return sameScope && sameSet(one.actions, other.actions) && sameSet(one.notActions, other.notActions);
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  const written = (actions: readonly string[]): string => JSON.stringify(actions.map(fold).toSorted());
  return written(one) === written(other);
}
