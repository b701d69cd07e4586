import { runTool } from './run-tool.ts';
import type { ToolOptions } from './tools.ts';

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
  return (await runTool('verdicts', [script], objects, options)) as readonly Verdicts[];
}
