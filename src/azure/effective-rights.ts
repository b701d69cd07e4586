/** What the operator itself may do, as Microsoft.Authorization tells it. */
import type { AzureScope } from '../check/azure-port.ts';
import type { IdentityId } from '../identity/arm-id.ts';
import { ASSIGN_IDENTITY, type AzureAction } from '../identity/azure-actions.ts';
import type { Result } from '../reconcile/azure-port.ts';
import type { Arm } from './arm.ts';
import { listAll, nameOfScope } from './pages.ts';
import { allows } from './permissions.ts';

/** Which of the actions its roles allow at a scope, all pages: a role on a later one may be the one that allows it. */
export async function allowedAt(
  arm: Arm,
  scope: AzureScope,
  actions: readonly AzureAction[],
  signal: AbortSignal,
): Promise<Result<ReadonlySet<AzureAction>>> {
  const named = 'kind' in scope ? scope.resourceId : nameOfScope(scope);
  const first = arm.url({ to: 'permissionsAt', scope });
  const permissions = await listAll(arm, { operation: 'get_permissions', first, scope: named }, signal);
  if (!permissions.ok) return permissions;
  return { ok: true, value: new Set(actions.filter((action) => allows(permissions.value, action))) };
}

export async function mayAssign(arm: Arm, id: IdentityId, signal: AbortSignal): Promise<Result<boolean>> {
  const allowed = await allowedAt(arm, id, [ASSIGN_IDENTITY], signal);
  return allowed.ok ? { ok: true, value: allowed.value.has(ASSIGN_IDENTITY) } : allowed;
}
