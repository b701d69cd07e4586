/**
 * Draws `docs/images/dashboard.svg`: panels of the dashboard, by their own queries, over what the operator shows in two
 * busy hours of virtual time. `node test/sweep/monitored/main.ts`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { ROOT } from '../../../dev/docs/pages.ts';
import { draw } from '../../../dev/monitoring/draw.ts';
import { picturedPanels } from './pictured-panels.ts';

const FILE = join(ROOT, 'docs/images/dashboard.svg');

const { panels, startMs, endMs } = await picturedPanels();
await mkdir(dirname(FILE), { recursive: true });
await writeFile(FILE, draw(panels, startMs, endMs));
