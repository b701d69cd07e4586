/** Requests and watch events are let through in other orders than they came in. */
import { overtaken } from './allowances.ts';
import type { Sweep } from './sweep.ts';

const ORDERS = 25;
const ORDERS_DEEP = 200;

export const order: Sweep = {
  counted: 'orders',
  says: 'ends the same in whatever order things happen',
  cases: (reference, isDeep) =>
    Array.from({ length: isDeep ? ORDERS_DEEP : ORDERS }, (_, index) => ({
      what: `seed ${index + 1}`,
      seed: index + 1,
      allowed: overtaken(reference),
    })),
};
