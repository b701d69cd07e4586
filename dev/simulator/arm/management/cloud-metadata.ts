import type { Call, JsonObject, Reply } from '../../http.ts';
import { fold } from '../../resource-id.ts';
import type { State } from '../../state.ts';
import { methodNotAllowed, missingApiVersion } from '../errors.ts';

/**
 * `GET /metadata/endpoints`: where a cloud has its parts, as `az cloud register` and others ask before anyone has signed
 * in. No token is asked for. Everything lies on the host that was asked. Undefined for any other path.
 */
export function handleCloudMetadata(state: State, call: Call): Reply | undefined {
  if (call.segments.length !== 2 || fold(call.segments.join('/')) !== 'metadata/endpoints') return undefined;
  if (call.method !== 'GET') return methodNotAllowed(call.method);
  const version = call.query.get('api-version') ?? '';
  return version === '' ? missingApiVersion() : { status: 200, body: endpoints(state, call, version) };
}

/** An object of four members at first, then a list with one entry for each cloud, then the entry of the cloud that was asked. */
function endpoints(state: State, call: Call, version: string): JsonObject | readonly JsonObject[] {
  const host = `${call.origin}/`;
  // The first one is what the CLI asks tokens for.
  const audiences = state.settings.armAudiences.map((audience) => `${audience}/`);
  if (version < '2018-01-01') {
    return {
      galleryEndpoint: host,
      graphEndpoint: host,
      portalEndpoint: host,
      authentication: { loginEndpoint: host, audiences },
    };
  }
  const cloud: JsonObject = {
    portal: host,
    authentication: { loginEndpoint: call.origin, audiences, tenant: 'common', identityProvider: 'AAD' },
    graphAudience: host,
    graph: host,
    microsoftGraphResourceId: host,
    name: 'SimulatedAzure',
    suffixes: {},
    resourceManager: host,
    gallery: host,
  };
  return version < '2022-09-01' ? [cloud] : cloud;
}
