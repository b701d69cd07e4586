/**
 * What the base image has, where it cannot be had: Node with the libraries that it asks for, the certificates of public
 * authorities, and the user. Of distroless' own there are time zones and package lists besides, which nothing here reads.
 */
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';

const FOLDERS = ['dev', 'etc', 'home/nonroot', 'proc', 'root', 'run', 'sys', 'tmp', 'usr', 'var'];
const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`,
  'etc/group': 'root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:65532:\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
  'etc/ssl/certs/ca-certificates.crt': `${rootCertificates.join('\n')}\n`,
};
/** Where distroless has it. */
const NODE = 'nodejs/bin/node';

/**
 * @param node path of the Node to put there
 * @param folder becomes the root file system
 */
export async function layBase(node: string, folder: string): Promise<void> {
  for (const path of FOLDERS) await mkdir(join(folder, path), { recursive: true, mode: 0o755 });
  await symlink('/run', join(folder, 'var/run'));
  await chmod(join(folder, 'tmp'), 0o1777);
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await put(node, join(folder, NODE));
  for (const library of await librariesOf(node)) await put(library, join(folder, library));
}

/** The libraries that a program is linked with, and what loads them, by their absolute paths. */
async function librariesOf(program: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ldd', [program]);
  return stdout.split('\n').flatMap((line) => /(?:=> |^\s*)(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

async function put(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(await realpath(from), to);
}
