/** `npm test`: everything that must hold. The last line is `N passed, N failed`; the exit code is 0 only if none failed. */
import { join } from 'node:path';

import { runStages } from './run-stages.ts';
import { stages } from './stages.ts';
import { summaryOf, total } from './summary.ts';

const results = await runStages(stages, {
  directory: join(import.meta.dirname, '../..'),
  tell: (line) => process.stdout.write(`${line}\n`),
  stdio: 'inherit',
});
process.stdout.write(`\n${summaryOf(results)}\n`);
process.exitCode = total(results).failed === 0 ? 0 : 1;
