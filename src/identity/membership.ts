/** For whom a ledger entry stands, and what it means when a binding leaves it. State, not edges: a down-time loses nothing. */
import type { ArmKey } from './arm-id.ts';
import { withinMembers } from './bounds.ts';
import {
  type Declaration,
  isActive,
  isActiveFor,
  isFrozenByChoice,
  isFrozenFor,
  isPermittedFor,
  renouncesOnDeletion,
} from './declaration.ts';
import type { Member } from './ledger.ts';

/** How a binding stands to an entry. */
export type Standing =
  /** It declares it: the entry stands for it, or must from now on. */
  | 'stays'
  /** It is a member, and nothing it says now is acted on: it remains one, whatever it declares. */
  | 'frozen'
  /** It no longer wants it: the last one to leave has the identity taken back. */
  | 'leaves'
  /** It leaves, and Azure stays as it is. */
  | 'renounces'
  /** It has nothing to do with the entry. */
  | 'none';

export interface Membership {
  /** For whom the entry stands from now on; with those that are gone without a trace, as long as nobody takes over. */
  readonly staying: readonly Member[];
  readonly leaving: readonly Member[];
  readonly renounced: boolean;
  /** Someone the entry stood for is not there any more, and nobody took it over: it must not be detached. */
  readonly orphan: boolean;
}

/**
 * The membership of an entry, judged from every existing binding of the scale set.
 * @param declarations the oldest first: where there is no room for all, the youngest is left out
 */
export function membership(
  recorded: readonly Member[],
  declarations: readonly Declaration[],
  standing: (declaration: Declaration, isMember: boolean) => Standing,
): Membership {
  const byUid = new Map(declarations.map((declaration) => [declaration.uid, declaration]));
  const unseen = recorded.filter((member) => !byUid.has(member.uid));
  const staying: Member[] = [];
  const joining: Member[] = [];
  let takenOver = false;
  const leaving: Member[] = [];
  let renounced = false;
  for (const declaration of declarations) {
    const member = recorded.find((candidate) => candidate.uid === declaration.uid);
    const verdict = standing(declaration, member !== undefined);
    if (verdict === 'stays' || verdict === 'frozen') {
      takenOver ||= verdict === 'stays';
      if (member !== undefined) staying.push(member);
      else joining.push({ namespace: declaration.namespace, name: declaration.name, uid: declaration.uid });
    } else if (member !== undefined) {
      leaving.push(member);
      renounced ||= verdict === 'renounces';
    }
  }
  const orphan = !takenOver && (unseen.length > 0 || recorded.length === 0);
  if (!takenOver) staying.push(...unseen);
  return { staying: inOrder(withinMembers(staying, joining)), leaving: inOrder(leaving), renounced, orphan };
}

/** The same order in every pass, however the bindings are listed: the ledger is written only when something differs. */
function inOrder(members: readonly Member[]): Member[] {
  return members.toSorted((a, b) => (a.uid < b.uid ? -1 : 1));
}

/** A binding's standing to the entry of a user-assigned identity. */
export function standingForIdentity(declaration: Declaration, identity: ArmKey, isMember: boolean): Standing {
  if (declaration.deleting) return leave(isMember, renouncesOnDeletion(declaration));
  if (declaration.setAside !== undefined) return isMember ? 'frozen' : 'none';
  const declares = declaration.userAssigned.has(identity);
  if (isActiveFor(declaration, identity)) return declares ? 'stays' : leave(isMember, false);
  if (declares && isFrozenByChoice(declaration) && isPermittedFor(declaration, identity)) return 'stays';
  return isMember ? 'frozen' : 'none';
}

/** A binding's standing to the entry of the system-assigned identity. Ceasing to ask for it turns nothing off. */
export function standingForSystem(declaration: Declaration, isMember: boolean): Standing {
  if (declaration.deleting) {
    return leave(isMember, renouncesOnDeletion(declaration) || !declaration.grants.disableSystemAssigned);
  }
  if (declaration.setAside !== undefined) return isMember ? 'frozen' : 'none';
  const permitted = declaration.grants.scaleSet && declaration.grants.enableSystemAssigned;
  const declares = declaration.systemAssigned === 'Enabled';
  if (isActive(declaration) && (permitted || !declares)) return declares ? 'stays' : leave(isMember, true);
  if (declares && permitted) return 'stays';
  return isMember ? 'frozen' : 'none';
}

/** Whether any binding keeps the identity in place without wanting it. */
export function isHeld(
  identity: ArmKey,
  recorded: readonly Member[],
  declarations: readonly Declaration[],
  exclusiveInForce: (declaration: Declaration) => boolean,
): boolean {
  return declarations.some((declaration) => {
    if (declaration.deleting) return false;
    const declares = declaration.userAssigned.has(identity);
    if (declares && isFrozenByChoice(declaration) && isPermittedFor(declaration, identity)) return true;
    if (declares && exclusiveInForce(declaration)) return true;
    return isFrozenFor(declaration, identity) && recorded.some((member) => member.uid === declaration.uid);
  });
}

function leave(isMember: boolean, renounces: boolean): Standing {
  if (!isMember) return 'none';
  return renounces ? 'renounces' : 'leaves';
}
