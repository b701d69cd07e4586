import { once } from 'node:events';
import { createServer } from 'node:net';

import { expect, it } from 'vitest';

import { freePort } from '../../../dev/control-plane/free-port.ts';

it('gives a port that can be bound, out of reach of outgoing connections', async () => {
  const port = await freePort();
  expect(port).toBeLessThan(32_768);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
});
