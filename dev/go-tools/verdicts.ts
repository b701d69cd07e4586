import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { ensureTool, type ToolOptions } from './tools.ts';

export interface Verdict {
  readonly status: string;
  readonly message: string;
}

/** What GitOps tools conclude from an object, by their own code. */
export interface Verdicts {
  /** Argo CD's health, as the Lua script has it. */
  readonly argo: Verdict;
  /** Flux's, which is kstatus': InProgress, Failed, Current, Terminating, NotFound or Unknown. */
  readonly kstatus: Verdict;
}

/**
 * The verdicts on objects, in the same order.
 *
 * @param script path of a `health.lua`
 * @throws Error with what the tool has to say: of a script that fails, for example.
 */
export async function judge(
  script: string,
  objects: readonly object[],
  options: ToolOptions = {},
): Promise<readonly Verdicts[]> {
  const tool = spawn(await ensureTool('verdicts', options), [script], { stdio: 'pipe' });
  const failed = new Promise<never>((_, reject) => tool.once('error', reject));
  const exited = new Promise<number | null>((resolve) => tool.once('close', resolve));
  tool.stdin.on('error', () => undefined); // one that has ended is told by its exit
  tool.stdin.end(JSON.stringify(objects));
  const [out, err, code] = await Promise.race([Promise.all([text(tool.stdout), text(tool.stderr), exited]), failed]);
  if (code !== 0) throw new Error(`verdicts ended with ${String(code)}: ${err}`);
  return JSON.parse(out) as readonly Verdicts[];
}
