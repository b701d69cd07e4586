import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { ensureTool, type ToolName, type ToolOptions } from './tools.ts';

/**
 * What one of our own tools answers: JSON in and out.
 *
 * @throws Error with what the tool has to say
 */
export async function runTool(
  name: ToolName,
  args: readonly string[],
  input: unknown,
  options: ToolOptions = {},
): Promise<unknown> {
  const tool = spawn(await ensureTool(name, options), args, { stdio: 'pipe' });
  const failed = new Promise<never>((_, reject) => tool.once('error', reject));
  const exited = new Promise<number | null>((resolve) => tool.once('close', resolve));
  tool.stdin.on('error', () => undefined); // one that has ended is told by its exit
  tool.stdin.end(JSON.stringify(input));
  const [out, err, code] = await Promise.race([Promise.all([text(tool.stdout), text(tool.stderr), exited]), failed]);
  if (code !== 0) throw new Error(`${name} ended with ${String(code)}: ${err}`);
  return JSON.parse(out);
}
