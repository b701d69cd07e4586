import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { ensureBinaries } from '../../../dev/control-plane/index.ts';
import { accountManifests, OPERATOR } from '../../../dev/deploy/account.ts';
import { DEPLOY, kustomize, type Manifest, manifestsIn } from '../../../dev/deploy/kustomize.ts';
import { operatorName } from '../../../src/config/operator-name.ts';
import { leasesFor } from '../../../src/runtime/lease-names.ts';
import { linesGiven, linesUsed } from '../../unit/check/granted-rights.ts';
import { configFrom } from '../../unit/config/sources.ts';

interface Deployed extends Manifest {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly [{ readonly args: readonly string[] }] } };
  };
}

/** What `--check` looks for with the flags that the Deployment of a folder gives. */
function usedBy(manifests: readonly Manifest[]): readonly string[] {
  const deployed = manifests.find((each): each is Deployed => each.kind === 'Deployment');
  const { watchNamespaces, shards } = configFrom(deployed?.spec.template.spec.containers[0].args);
  const leases = leasesFor(operatorName, shards);
  return linesUsed({ watchNamespaces, ownNamespace: OPERATOR.namespace, leases });
}

describe('the rights that --check looks for', () => {
  it.each(['base', 'overlays/shards', 'overlays/single-namespace'])(
    'are those that deploy/%s grants',
    async (folder) => {
      const { kubectl } = await ensureBinaries(['kubectl']);
      const manifests = manifestsIn(await kustomize(kubectl, join(DEPLOY, folder)));
      expect(usedBy(manifests)).toEqual(linesGiven(accountManifests(manifests, OPERATOR).roles));
    },
  );
});
