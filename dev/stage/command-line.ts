/** What commands that people run by hand have in common. */
import { CommanderError, InvalidArgumentError } from 'commander';

const BAD_INPUT = 2;

/**
 * Runs a command, and sets the exit code when it does not come to its end: 2 for what it cannot do, which Commander has
 * said by then, and 1, told on standard error, for all else.
 * @param what began, such as "the soak"
 */
export async function runCommand(what: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : BAD_INPUT;
    else {
      process.exitCode = 1;
      process.stderr.write(
        `${what} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
    }
  }
}

/** @throws InvalidArgumentError */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** @throws InvalidArgumentError */
export function positive(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It must be above 0.');
  return value;
}
