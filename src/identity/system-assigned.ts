/** Whether the system-assigned identity is to be on, off, or left as it is: one decision of all bindings together. */
import { type Declaration, isActive, isFrozenByChoice } from './declaration.ts';
import type { SystemEntry } from './ledger.ts';

export interface SystemVerdict {
  /**
   * `on`: an active binding enables it. `held`: one that is frozen does, so it stays as it is. `off`: an active binding
   * disables it and nobody wants or holds it. `asLive`: nobody says anything.
   */
  readonly desired: 'on' | 'held' | 'off' | 'asLive';
  /** Uids of bindings whose `Disabled` loses against another's `Enabled`. */
  readonly conflicts: ReadonlySet<string>;
}

/** `Enabled` beats `Disabled`, whoever is older. */
export function judgeSystemAssigned(
  declarations: readonly Declaration[],
  entry: SystemEntry | undefined,
): SystemVerdict {
  const existing = declarations.filter((declaration) => !declaration.deleting);
  const disabling = existing.filter(
    (declaration) =>
      isActive(declaration) && declaration.systemAssigned === 'Disabled' && declaration.grants.disableSystemAssigned,
  );
  const verdict = (desired: SystemVerdict['desired']): SystemVerdict => ({
    desired,
    conflicts: new Set(desired === 'on' || desired === 'held' ? disabling.map(({ uid }) => uid) : []),
  });
  if (existing.some((declaration) => isActive(declaration) && enables(declaration))) return verdict('on');
  if (existing.some((declaration) => isFrozenByChoice(declaration) && enables(declaration))) return verdict('held');
  if (existing.some((declaration) => isFrozenMember(declaration, entry))) return verdict('held');
  return verdict(disabling.length > 0 ? 'off' : 'asLive');
}

function enables(declaration: Declaration): boolean {
  const { scaleSet, enableSystemAssigned } = declaration.grants;
  return declaration.systemAssigned === 'Enabled' && scaleSet && enableSystemAssigned;
}

/** The ledger says it is on for this binding, and nothing the binding says now is acted on. */
function isFrozenMember(declaration: Declaration, entry: SystemEntry | undefined): boolean {
  const isMember = entry?.for.some((member) => member.uid === declaration.uid) ?? false;
  const deniedNow = declaration.systemAssigned === 'Enabled' && !enables(declaration);
  return isMember && (!isActive(declaration) || deniedNow);
}
