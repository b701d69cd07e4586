import type { ControlRoute } from './control-route.ts';
import { shapes } from './shapes.ts';

const grantBody = '{ clientId, scope, role: <a built-in role> } | { clientId, scope, actions, notActions? }';

/** The routes of `/_control` about who may what. */
export const rightsRoutes: readonly ControlRoute[] = [
  {
    method: 'POST',
    path: 'rights',
    takes:
      '{ clientId, permissions?: [{ scope, role } | { scope, actions, notActions? }], denials?: […] }: all of them anew',
    run: (control, body) => {
      const { clientId, rights } = shapes.rights(body);
      control.setRights(clientId, rights);
    },
  },
  {
    method: 'POST',
    path: 'rights/grant',
    takes: grantBody,
    run: (control, body) => {
      const { clientId, grant } = shapes.grant(body);
      control.grant(clientId, grant);
    },
  },
  {
    method: 'POST',
    path: 'rights/revoke',
    takes: grantBody,
    run: (control, body) => {
      const { clientId, grant } = shapes.grant(body);
      control.revoke(clientId, grant);
    },
  },
  { method: 'GET', path: 'restrictions', takes: '', run: (control) => control.restrictions() },
  {
    method: 'POST',
    path: 'restrictions',
    takes:
      '{ locks?: [{ scope, level: ReadOnly | CanNotDelete }], denyAssignments?: [{ scope, name, actions, notActions?, except? }], ' +
      'policies?: [{ scope, name, message?, resourceTypes?, … }], disabledSubscriptions?: [<id>], ' +
      'unregisteredProviders?: [{ subscription, namespace }] }: the lists that are given, anew',
    run: (control, body) => control.setRestrictions(shapes.restrictions(body)),
  },
  {
    method: 'DELETE',
    path: 'restrictions',
    takes: '',
    run: (control) => {
      control.clearRestrictions();
    },
  },
  {
    method: 'POST',
    path: 'application',
    takes: '{ clientId, state: Enabled | Disabled | Deleted }: whether Entra gives it tokens',
    run: (control, body) => {
      const { clientId, state } = shapes.application(body);
      control.setApplication(clientId, state);
    },
  },
  {
    method: 'POST',
    path: 'tokens/revoke',
    takes: '{ clientId? }: ARM accepts no token that was issued before now',
    run: (control, body) => {
      control.revokeTokens(shapes.optionalClient(body));
    },
  },
];
