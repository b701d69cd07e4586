import type { JsonObject, Reply } from '../../http.ts';
import type { ArmCall } from '../arm-call.ts';
import { page } from '../paging.ts';
import { authorize, type EffectivePermission, permissionsAt } from './authorization.ts';

const action = 'Microsoft.Authorization/permissions/read';

/**
 * What the caller may do at a scope, whether or not there is anything: rights are judged before existence.
 * @throws Refusal 403 AuthorizationFailed where reading permissions is a right as any other
 */
export function listPermissions(arm: ArmCall, scope: string): Reply {
  if (arm.state.settings.permissionsRead === 'ByRole') authorize(arm.state, arm.caller, action, scope);
  const rows = permissionsAt(arm.state, arm.caller, scope);
  return page(
    arm,
    rows.map((row, index) => [String(index), row] as const),
    viewPermission,
  );
}

function viewPermission({ actions, notActions }: EffectivePermission): JsonObject {
  return { actions, notActions, dataActions: [], notDataActions: [] };
}
