import type { Delivery, OpenWatch, Seam } from './kube/seam.ts';
import type { VirtualProcess } from './virtual-process.ts';

/**
 * Where the requests of one process to the API server wait for their turn, and the events that it watches for: those of one
 * watch in their order.
 */
export function kubeSeam(process: VirtualProcess): Seam {
  const coming = new WeakMap<OpenWatch, Delivery[]>();
  const parkNext = (queue: Delivery[]): void => {
    const [next] = queue;
    if (next === undefined) return;
    const { kind } = next.watch;
    process.park({ side: 'E', method: next.event.type, path: `${kind.plural} ${nameIn(next)}` }, (answered) => {
      queue.shift();
      answered(next.watch.isOpen() ? 'told' : 'too late');
      next.deliver();
      parkNext(queue);
    });
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
    event: (delivery) => {
      const queue = coming.get(delivery.watch) ?? [];
      coming.set(delivery.watch, queue);
      if (queue.push(delivery) === 1) parkNext(queue);
    },
  };
}

interface Named {
  readonly metadata?: { readonly name?: string; readonly resourceVersion?: string };
}

function nameIn({ event }: Delivery): string {
  const { name = '', resourceVersion = '' } = (event.object as Named).metadata ?? {};
  return `${name}@${resourceVersion}`;
}
