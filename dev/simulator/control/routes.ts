import type { Reply, SimulatorRequest } from '../http.ts';
import { SeedError, showPath } from '../seed.ts';
import { defaultSettings } from '../settings.ts';
import type { Control } from './control.ts';
import type { ControlRoute } from './control-route.ts';
import { ControlError } from './lookup.ts';
import { rightsRoutes } from './rights-routes.ts';
import { ShapeError, shapes } from './shapes.ts';

const routes: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: 'state',
    takes: '?scaleSet=<id> | ?identity=<id> | nothing: all',
    run: (control, _body, query) => {
      const scaleSet = query.get('scaleSet');
      const identity = query.get('identity');
      if (scaleSet !== null) return control.scaleSet(scaleSet);
      return identity === null ? control.snapshot() : control.identity(identity);
    },
  },
  {
    method: 'POST',
    path: 'seed',
    takes: 'a seed, added to what is there',
    run: (control, body) => {
      control.seed(shapes.seed(body));
    },
  },
  { method: 'GET', path: 'settings', takes: '', run: (control) => control.settings() },
  {
    method: 'POST',
    path: 'settings',
    takes: `{ ${Object.keys(defaultSettings)
      .map((name) => `${name}?`)
      .join(', ')} }`,
    run: (control, body) => control.settings(shapes.settings(body)),
  },
  {
    method: 'POST',
    path: 'drift',
    takes:
      '{ scaleSet, kind: Strip | Attach | EnableSystemAssigned | DisableSystemAssigned | Recase | ProvisioningState | Scale | Remove | Replace, … }',
    run: (control, body) => {
      const { scaleSet, change } = shapes.drift(body);
      if (change === 'Replace') control.replaceScaleSet(scaleSet);
      else control.drift(scaleSet, change);
    },
  },
  {
    method: 'POST',
    path: 'identities',
    takes: '{ id, action: Create | Delete | Recreate }',
    run: (control, body) => {
      const { id, action } = shapes.identity(body);
      if (action === 'Create') return control.createIdentity(id);
      if (action === 'Recreate') return control.recreateIdentity(id);
      control.deleteIdentity(id);
      return undefined;
    },
  },
  {
    method: 'POST',
    path: 'operations/length',
    takes: '{ scaleSet, ms? }: without ms, as long as the settings say',
    run: (control, body) => {
      const { scaleSet, ms } = shapes.operationLength(body);
      control.setOperationLength(scaleSet, ms);
    },
  },
  {
    method: 'POST',
    path: 'operations/plan',
    takes:
      '{ outcome: { kind: Fail, code, message, status?, httpStatus? } | { kind: Stuck } | { kind: Succeed }, scaleSet?, count? }',
    run: (control, body) => {
      const { outcome, options } = shapes.plannedOutcome(body);
      control.planOutcome(outcome, options);
    },
  },
  {
    method: 'POST',
    path: 'operations/finish',
    takes: '{ scaleSet? }',
    run: (control, body) => {
      control.finishOperations(shapes.optionalScaleSet(body));
    },
  },
  {
    method: 'POST',
    path: 'operations/expire',
    takes: '{ scaleSet? }',
    run: (control, body) => {
      control.expireOperations(shapes.optionalScaleSet(body));
    },
  },
  { method: 'GET', path: 'faults', takes: '', run: (control) => control.faults() },
  {
    method: 'POST',
    path: 'faults',
    takes:
      '{ match?: { method?, path?, body? }, nth?, count?, effect: { kind: status, status, code?, message?, body?, text?, headers?, applied? } | ' +
      '{ kind: reset | hang, applied? } | { kind: delay, ms, applied? } | { kind: withoutIdentity } }',
    run: (control, body) => ({ id: control.addFault(shapes.fault(body)) }),
  },
  {
    method: 'DELETE',
    path: 'faults',
    takes: '',
    run: (control) => {
      control.clearFaults();
    },
  },
  ...rightsRoutes,
  { method: 'GET', path: 'throttle', takes: '', run: (control) => control.buckets() },
  {
    method: 'POST',
    path: 'throttle',
    takes:
      '{ limit, remaining?, subscription?, tenant?, location?, principal?, scaleSet?, operation? }: someone else uses up that bucket',
    run: (control, body) => {
      const { limit, scope, remaining } = shapes.drain(body);
      control.drain(limit, scope, remaining);
      return control.bucket(limit, scope);
    },
  },
  {
    method: 'POST',
    path: 'token',
    takes: '{ clientId, audience?, capabilities? }',
    run: (control, body) => {
      const { clientId, audience, capabilities } = shapes.token(body);
      return { accessToken: control.token(clientId, audience, capabilities) };
    },
  },
  {
    method: 'GET',
    path: 'requests',
    takes: '?since=<sequence>',
    run: (control, _body, query) => control.requests(Number(query.get('since') ?? 0)),
  },
  {
    method: 'DELETE',
    path: 'requests',
    takes: '',
    run: (control) => {
      control.resetRequests();
    },
  },
];

/** What there is under `/_control`. */
export const controlRoutes: readonly Pick<ControlRoute, 'method' | 'path' | 'takes'>[] = routes;

/** Answers a request under `/_control`; undefined for any other. Asks for no token: only loopback reaches it. */
export function handleControl(control: Control, request: SimulatorRequest): Reply | undefined {
  // Nearly every request is for Azure, and need not be taken apart for this.
  if (!request.url.includes('/_control')) return undefined;
  const url = new URL(request.url);
  const [root, ...rest] = url.pathname.split('/').filter(Boolean);
  if (root !== '_control') return undefined;
  const path = rest.join('/');
  if (path === '')
    return {
      status: 200,
      body: routes.map(({ method, path: name, takes }) => ({ method, path: `/_control/${name}`, takes })),
    };
  const route = routes.find((each) => each.path === path && each.method === request.method.toUpperCase());
  if (route === undefined)
    return {
      status: 404,
      body: { error: `nothing at ${request.method} /_control/${path}; GET /_control lists what there is` },
    };
  try {
    const result = route.run(control, readBody(request), url.searchParams);
    return result === undefined ? { status: 204 } : { status: 200, body: result };
  } catch (error) {
    return refusal(error);
  }
}

function readBody(request: SimulatorRequest): unknown {
  if (request.body === '') return {};
  try {
    return JSON.parse(request.body);
  } catch (error) {
    throw new ShapeError((error as SyntaxError).message);
  }
}

function refusal(error: unknown): Reply {
  if (error instanceof SeedError) {
    const problems = error.problems.map(({ path, message }) => `${showPath(path)}: ${message}`);
    return { status: 400, body: { error: problems.join('\n'), problems } };
  }
  if (error instanceof ShapeError) return { status: 400, body: { error: error.message } };
  if (error instanceof ControlError) return { status: 404, body: { error: error.message } };
  throw error;
}
