import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { ensureBinaries } from '../../../dev/control-plane/index.ts';
import { accountManifests, OPERATOR } from '../../../dev/deploy/account.ts';
import { DEPLOY, kustomize, manifestsIn } from '../../../dev/deploy/kustomize.ts';
import { operatorName } from '../../../src/config/operator-name.ts';
import { leasesFor } from '../../../src/runtime/lease-names.ts';
import { linesGiven, linesUsed } from '../../unit/check/granted-rights.ts';
import { configFrom } from '../../unit/config/sources.ts';
import { podTemplateIn } from '../deploy/combinations.ts';

/** What `--check` looks for with the settings that the Deployment has. */
function usedBy(yaml: string): readonly string[] {
  const { env = [] } = podTemplateIn(yaml).spec.containers[0];
  const { watchNamespaces, shards } = configFrom([], Object.fromEntries(env.map(({ name, value }) => [name, value])));
  return linesUsed({ watchNamespaces, ownNamespace: OPERATOR.namespace, leases: leasesFor(operatorName, shards) });
}

describe('the rights that --check looks for', () => {
  it.each(['base', 'overlays/shards', 'overlays/single-namespace'])(
    'are those that deploy/%s grants',
    async (folder) => {
      const { kubectl } = await ensureBinaries(['kubectl']);
      const yaml = await kustomize(kubectl, join(DEPLOY, folder));
      expect(usedBy(yaml)).toEqual(linesGiven(accountManifests(manifestsIn(yaml), OPERATOR).roles));
    },
  );
});
