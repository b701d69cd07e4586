import { describe, expect, it } from 'vitest';

import { parseDockerfile } from '../../../dev/image/dockerfile.ts';
import { describeImage } from '../../../dev/image/image.ts';

const IMAGE = `
# A comment
ARG BASE=registry.example.com/node:24
FROM --platform=$BUILDPLATFORM \${BASE} AS build
COPY a b ./
RUN echo $HOME
FROM \${BASE}
WORKDIR /app
COPY --from=build /src/a /src/b ./
USER 65532:65532
EXPOSE 8080
ARG VERSION=1.0.0
ENTRYPOINT ["/node", "/app/$a"]
LABEL title="two words" \\
      version="\${VERSION}"
`;

describe('a Dockerfile', () => {
  it('is read stage by stage', () => {
    const [build, last] = parseDockerfile(IMAGE);
    expect(build).toMatchObject({ image: 'registry.example.com/node:24', platform: 'linux/amd64', name: 'build' });
    expect(build?.instructions.map(({ keyword, value }) => [keyword, value])).toEqual([
      ['COPY', 'a b ./'],
      ['RUN', 'echo $HOME'],
    ]);
    expect(last?.image).toBe('registry.example.com/node:24');
  });

  it('takes arguments in place of its defaults', () => {
    const stages = parseDockerfile(IMAGE, { BASE: 'mirror.example.com/node:24', VERSION: '2.0.0' });
    expect(stages.map(({ image }) => image)).toEqual(['mirror.example.com/node:24', 'mirror.example.com/node:24']);
    expect(describeImage(stages).labels['version']).toBe('2.0.0');
  });

  it.each([
    ['a variable that nothing sets', 'FROM ${BASE}', 'nothing sets the variable BASE'],
    ['an argument that nothing sets', 'FROM a\nARG VERSION', 'nothing sets the argument VERSION'],
    ['a global argument that a stage does not ask for', 'ARG V=1\nFROM a\nLABEL v=$V', 'nothing sets the variable V'],
    ['an instruction of no stage', 'USER 1:1', 'USER stands before the first FROM'],
    ['what is no instruction', 'FROM a\n]', 'not an instruction: ]'],
  ])('is refused with %s', (_, text, said) => {
    expect(() => parseDockerfile(text)).toThrow(said);
  });
});

describe('the image that a Dockerfile describes', () => {
  it('is that of its last stage', () => {
    expect(describeImage(parseDockerfile(IMAGE))).toEqual({
      base: 'registry.example.com/node:24',
      uid: 65_532,
      gid: 65_532,
      workdir: '/app',
      entrypoint: ['/node', '/app/$a'],
      ports: [8080],
      labels: { title: 'two words', version: '1.0.0' },
      copies: [{ from: 'build', sources: ['/src/a', '/src/b'], target: '/app/' }],
    });
  });

  it.each([
    ['runs a command', 'FROM a\nUSER 1:1\nENTRYPOINT ["a"]\nRUN b', 'cannot be told from reading RUN b'],
    ['names its user', 'FROM a\nUSER nonroot', 'USER nonroot is not a number and a number'],
    ['has no user', 'FROM a\nENTRYPOINT ["a"]', 'has no user'],
    ['starts nothing', 'FROM a\nUSER 1:1', 'has no entrypoint'],
    ['changes what it copies', 'FROM a\nCOPY --chmod=777 a b', 'COPY is not understood with chmod'],
  ])('is refused where it %s', (_, text, said) => {
    expect(() => describeImage(parseDockerfile(text))).toThrow(said);
  });
});
