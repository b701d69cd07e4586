/** What the last stage of a Dockerfile says of the image. */
import { posix } from 'node:path';

import { type Stage, wordsOf } from './dockerfile.ts';

export interface Image {
  /** What it is made on. */
  readonly base: string;
  /** Numbers: names would have to be looked up in the image. */
  readonly uid: number;
  readonly gid: number;
  readonly workdir: string;
  readonly entrypoint: readonly string[];
  readonly ports: readonly number[];
  readonly labels: Readonly<Record<string, string>>;
  readonly copies: readonly Copy[];
}

export interface Copy {
  /** The stage that it is taken from; undefined: the build context. */
  readonly from?: string;
  readonly sources: readonly string[];
  /** Absolute; one that ends with a slash is a folder. */
  readonly target: string;
}

type Described = { -readonly [Key in keyof Image]?: Image[Key] };

/**
 * @throws Error for an instruction that cannot be told from reading, such as RUN, and where the image has no user, no
 * entrypoint or no Dockerfile
 */
export function describeImage(stages: readonly Stage[]): Image {
  const stage = stages.at(-1);
  if (stage === undefined) throw new Error('the Dockerfile has no stage');
  const image: Described = {};
  const copies: Copy[] = [];
  const labels: Record<string, string> = {};
  const ports: number[] = [];
  for (const { keyword, flags, value } of stage.instructions) {
    switch (keyword) {
      case 'WORKDIR':
        image.workdir = posix.resolve(image.workdir ?? '/', value);
        break;
      case 'COPY':
        copies.push(copyOf(value, flags, image.workdir ?? '/'));
        break;
      case 'USER':
        Object.assign(image, userOf(value));
        break;
      case 'EXPOSE':
        ports.push(...wordsOf(value).map(Number));
        break;
      case 'LABEL':
        Object.assign(labels, Object.fromEntries(wordsOf(value).map((pair) => pair.split(/=(.*)/s))));
        break;
      case 'ENTRYPOINT':
        image.entrypoint = JSON.parse(value) as readonly string[];
        break;
      default:
        throw new Error(`the image cannot be told from reading ${keyword} ${value}`);
    }
  }
  const { uid, gid, entrypoint, workdir = '/' } = image;
  if (uid === undefined || gid === undefined) throw new Error('the image has no user');
  if (entrypoint === undefined) throw new Error('the image has no entrypoint');
  return { base: stage.image, uid, gid, workdir, entrypoint, ports, labels, copies };
}

/** What a COPY takes, and to where. */
export function copyOf(value: string, flags: Readonly<Record<string, string>>, workdir: string): Copy {
  const words = wordsOf(value);
  const written = words.at(-1) ?? '';
  const target = posix.resolve(workdir, written);
  const { from, ...others } = flags;
  if (Object.keys(others).length > 0) throw new Error(`COPY is not understood with ${Object.keys(others).join(', ')}`);
  return {
    ...(from === undefined ? {} : { from }),
    sources: words.slice(0, -1),
    target: written.endsWith('/') && target !== '/' ? `${target}/` : target,
  };
}

function userOf(value: string): Pick<Image, 'uid' | 'gid'> {
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(value) ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`USER ${value} is not a number and a number`);
  return { uid: Number(uid), gid: Number(gid) };
}
