import { describe, expect, it } from 'vitest';

import { fencesOf } from '../../../dev/docs/markdown.ts';
import { readRepositoryFile } from '../checks/repository.ts';

const commands = fencesOf(readRepositoryFile('docs/check.md') ?? '').filter(({ language }) => language === 'sh');

describe('the command that docs/check.md gives for a pod', () => {
  it('starts what the image starts', () => {
    const entry = /^ENTRYPOINT (.+)$/m.exec(readRepositoryFile('Dockerfile') ?? '')?.[1] ?? '[]';
    const words = JSON.parse(entry) as readonly string[];
    expect(commands[0]?.text).toContain(`-- ${words[0] ?? ''} ${words.at(-1) ?? ''} --check`);
  });
});
