import type { JsonObject, Reply } from '../../http.ts';
import type { ArmCall } from '../arm-call.ts';
import { authorize } from '../rights/authorization.ts';
import { type Region, regions } from './regions.ts';

/** `GET /subscriptions/{s}/locations`. */
export function listLocations(arm: ArmCall): Reply {
  const scope = `/subscriptions/${arm.subscription.id}`;
  authorize(arm.state, arm.caller, 'Microsoft.Resources/subscriptions/locations/read', scope);
  return { status: 200, body: { value: regions.map((region) => viewRegion(scope, region)) } };
}

function viewRegion(scope: string, { name, displayName, geographyGroup }: Region): JsonObject {
  return {
    id: `${scope}/locations/${name}`,
    name,
    type: 'Region',
    displayName,
    regionalDisplayName: `(${geographyGroup}) ${displayName}`,
    metadata: { regionType: 'Physical', regionCategory: 'Recommended', geographyGroup },
  };
}
