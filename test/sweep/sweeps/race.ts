/** Someone attaches an identity by hand between any two requests: it stays, and nothing else comes of it. */
import { identityIdOf, scaleSetIdOf } from '../names.ts';
import type { World } from '../world.ts';
import { overtaken } from './allowances.ts';
import { atRequest } from './at-request.ts';
import type { Sweep } from './sweep.ts';

/** Just before a request is let through. */
const attachBefore =
  (request: number) =>
  (world: World): void =>
    atRequest(world, request, () => {
      world.drift(scaleSetIdOf('web'), { kind: 'Attach', identities: [identityIdOf('guest')] });
      return 'through';
    });

export const race: Sweep = {
  counted: 'races',
  says: 'leaves alone what someone attaches between any two requests',
  recoveryMs: 60_000,
  appliesTo: ({ detachesForeign }) => detachesForeign !== true,
  arrangeReference: attachBefore(1),
  cases: (reference) => {
    const allowed = overtaken(reference);
    return Array.from({ length: reference.requests - 1 }, (_, index) => ({
      what: `attached before request ${index + 2}`,
      arrange: attachBefore(index + 2),
      allowed,
    }));
  },
};
