/** Whether the system-assigned identity is to be on, off, or left as it is: one decision of all bindings together. */
import { asManaged, type Declaration, isActive, isFrozenByChoice, isObserving } from './declaration.ts';
import type { SystemEntry } from './ledger.ts';

export interface SystemVerdict {
  /**
   * `on`: an active binding enables it. `held`: one that is frozen does, so it stays as it is. `off`: an active binding
   * disables it and nobody wants or holds it. `asLive`: nobody says anything.
   */
  readonly desired: 'on' | 'held' | 'off' | 'asLive';
  /** Uids of bindings whose `Disabled` loses against another's `Enabled`, or would if they did not only observe. */
  readonly conflicts: ReadonlySet<string>;
}

/** `Enabled` beats `Disabled`, whoever is older. */
export function judgeSystemAssigned(
  declarations: readonly Declaration[],
  entry: SystemEntry | undefined,
): SystemVerdict {
  const { desired, conflicts } = judge(declarations, entry);
  const observing = declarations.filter((one) => isObserving(one) && one.systemAssigned === 'Disabled');
  const wouldLose = observing.filter((observer) => {
    const managed = declarations.map((one) => (one === observer ? asManaged(one) : one));
    return judge(managed, entry).conflicts.has(observer.uid);
  });
  return { desired, conflicts: new Set([...conflicts, ...wouldLose.map(({ uid }) => uid)]) };
}

function judge(declarations: readonly Declaration[], entry: SystemEntry | undefined): SystemVerdict {
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
