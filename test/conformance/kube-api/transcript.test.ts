import { expect, it, onTestFinished } from 'vitest';

import { SERVERS } from './servers.ts';
import { comparable, converse } from './transcript.ts';

it('answers a conversation as the real one does, whole bodies and the order of versions included', async () => {
  const [inMemory, real] = await Promise.all(
    SERVERS.map(async ([, open]) => {
      const server = await open();
      onTestFinished(() => server.close());
      return comparable(await converse(server), server);
    }),
  );
  expect(inMemory).toEqual(real);
});
