import { describe, expect, it, vi } from 'vitest';

import { OwnWrites } from '../../../src/kube/own-writes.ts';

const written = (resourceVersion: string) => ({ metadata: { resourceVersion } });

describe('an event during an own write', () => {
  it('is nobody else’s when it shows what the answer shows', async () => {
    const writes = new OwnWrites();
    const others = vi.fn();
    await writes.run('web', others, () => {
      expect(writes.mayBe('web', '7')).toBe(true);
      return Promise.resolve(written('7'));
    });
    expect(others).not.toHaveBeenCalled();
  });

  it('is somebody else’s when it shows another version', async () => {
    const writes = new OwnWrites();
    const others = vi.fn();
    await writes.run('web', others, () => {
      writes.mayBe('web', '6');
      writes.mayBe('web', '7');
      return Promise.resolve(written('7'));
    });
    expect(others).toHaveBeenCalledOnce();
  });

  it('is looked into when the write has failed', async () => {
    const writes = new OwnWrites();
    const others = vi.fn();
    const failing = writes.run('web', others, () => {
      writes.mayBe('web', '6');
      return Promise.reject(new Error('no answer'));
    });
    await expect(failing).rejects.toThrow('no answer');
    expect(others).toHaveBeenCalledOnce();
  });

  it('is not taken for one of another object, nor of no write at all', async () => {
    const writes = new OwnWrites();
    await writes.run('web', vi.fn(), () => {
      expect(writes.mayBe('batch', '7')).toBe(false);
      return Promise.resolve(written('7'));
    });
    expect(writes.mayBe('web', '8')).toBe(false);
  });
});
