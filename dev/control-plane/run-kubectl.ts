import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface KubectlOptions {
  readonly stdin?: string;
  /** Return a failure instead of throwing it. */
  readonly allowFailure?: boolean;
}

export interface KubectlResult {
  readonly stdout: string;
  readonly stderr: string;
  /** 128 when a signal ended it. */
  readonly exitCode: number;
}

/** kubectl ended with another code than 0. */
export class KubectlError extends Error {
  override readonly name = 'KubectlError';
  readonly result: KubectlResult;

  constructor(args: readonly string[], result: KubectlResult) {
    super(`kubectl ${args.join(' ')} ended with ${result.exitCode}: ${result.stderr.trim()}`);
    this.result = result;
  }
}

/**
 * @param folder for kubectl's cache of what the server serves.
 * @throws KubectlError unless `allowFailure`.
 */
export async function runKubectl(
  binary: string,
  kubeconfig: string,
  folder: string,
  args: readonly string[],
  options: KubectlOptions = {},
): Promise<KubectlResult> {
  const child = spawn(binary, args, {
    env: { HOME: folder, KUBECACHEDIR: folder, KUBECONFIG: kubeconfig, PATH: process.env['PATH'] },
    stdio: 'pipe',
  });
  child.stdin.on('error', () => undefined); // it ended before it read everything; its exit tells why
  child.stdin.end(options.stdin ?? '');
  const [stdout, stderr, exitCode] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        resolve(code ?? 128);
      });
    }),
  ]);
  const result: KubectlResult = { stdout, stderr, exitCode };
  if (exitCode !== 0 && options.allowFailure !== true) throw new KubectlError(args, result);
  return result;
}
