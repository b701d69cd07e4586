import type { Delivery, Ending, OpenWatch, Seam } from './kube/seam.ts';
import type { Call } from './trace.ts';
import type { VirtualProcess } from './virtual-process.ts';

/** What comes on a watch. */
export type Coming = Delivery | Ending;

/** Tells what comes, now that its turn is there, or does something else with it. @returns what the trace is to say */
export type Tell = (next: Coming) => string;

export const telling: Tell = (next) => {
  next.deliver();
  return 'told';
};

/**
 * Where the requests of one process to the API server wait for their turn, and the events that it watches for: those of one
 * watch in their order, and then its end.
 */
export function kubeSeam(process: VirtualProcess, tell: Tell): Required<Seam> {
  const coming = new WeakMap<OpenWatch, Coming[]>();
  const parkNext = (queue: Coming[]): void => {
    const [next] = queue;
    if (next === undefined) return;
    process.park({ side: 'E', ...nameOf(next) }, (answered) => {
      queue.shift();
      answered(next.watch.isOpen() ? tell(next) : 'too late');
      parkNext(queue);
    });
  };
  const come = (next: Coming): void => {
    const queue = coming.get(next.watch) ?? [];
    coming.set(next.watch, queue);
    if (queue.push(next) === 1) parkNext(queue);
  };
  return {
    call: (call) => {
      const [path = '', query = ''] = call.path.split('?');
      const method = query.includes('watch=true') ? 'WATCH' : call.method;
      return process.inTurn({ side: 'K', method, path }, async (answered) => {
        const reply = call.perform();
        answered('watch' in reply ? '200' : String(reply.code));
        return reply;
      });
    },
    event: come,
    end: come,
  };
}

interface Named {
  readonly metadata?: { readonly name?: string; readonly resourceVersion?: string };
}

function nameOf(next: Coming): Pick<Call, 'method' | 'path'> {
  const { plural } = next.watch.kind;
  if (!('event' in next)) return { method: 'END', path: plural };
  const { name = '', resourceVersion = '' } = (next.event.object as Named).metadata ?? {};
  return { method: next.event.type, path: `${plural} ${name}@${resourceVersion}` };
}
