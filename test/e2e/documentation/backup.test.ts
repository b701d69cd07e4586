/** docs/backup.md: what is saved and restored loses no identity, and takes none that is another's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { scriptsOf } from '../../../dev/docs/commands.ts';
import { allPages } from '../../../dev/docs/pages.ts';
import { API_VERSION, type VmssIdentityLedger } from '../../../src/api/types.ts';
import { wholeIdentityOf } from '../whole-identity.ts';
import { type DocumentationPlace, openDocumentationPlace } from './place.ts';

const PAGE = 'docs/backup.md';
const WEB =
  '/subscriptions/6f6a8c1e-2b7d-4c53-9a10-0d6f5e3b7a21/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/web';
const scripts = (await allPages()).filter(({ path }) => path === PAGE).flatMap((page) => scriptsOf(page));

const script = (heading: string): string => {
  const found = scripts.find((each) => each.heading === heading);
  if (found === undefined) throw new Error(`${PAGE} has no commands below "${heading}"`);
  return found.text;
};

let place: DocumentationPlace;
let ownersIdentity: unknown;
beforeAll(async () => {
  place = await openDocumentationPlace();
  ownersIdentity = wholeIdentityOf(place.azure.state, WEB);
  await place.install();
  await place.run(`
    kubectl apply --filename examples/01-first-binding.yaml
    kubectl --namespace shop wait vib/web --for=condition=Ready --timeout=60s`);
}, 600_000);
afterAll(() => place.close());

const writes = (): number => place.azure.requests().filter(({ method }) => method === 'PATCH').length;

const ledgers = (): Promise<readonly VmssIdentityLedger[]> =>
  place.api.list<VmssIdentityLedger>(`/apis/${API_VERSION}/vmssidentityledgers`);

describe('a cluster that has lost its objects, and gets them back from a backup', () => {
  it('goes on where it was, without a write to Azure', async () => {
    await place.run(script('Saving'));
    const [saved] = await ledgers();
    const attached = wholeIdentityOf(place.azure.state, WEB);
    const sofar = writes();
    // All of it is gone at once, and nobody was asked to take anything back.
    await place.run(`
      kubectl --namespace vmss-identity-system scale deployment vmss-identity-operator --replicas=0
      kubectl --namespace vmss-identity-system wait pod --selector app.kubernetes.io/name=vmss-identity-operator --for=delete --timeout=60s
      kubectl --namespace shop patch vib web --type merge --patch '{"metadata":{"finalizers":null}}'
      kubectl delete vib,vip,vil --all --all-namespaces`);
    expect(await ledgers()).toEqual([]);

    await place.run(script('Restoring into the same cluster'));
    await place.run('kubectl --namespace shop wait vib/web --for=condition=Ready --timeout=60s');
    expect(wholeIdentityOf(place.azure.state, WEB)).toEqual(attached);
    expect(writes()).toBe(sofar);
    const entriesOf = (ledger: VmssIdentityLedger | undefined): unknown =>
      ledger?.spec.entries.map(({ resourceId, phase }) => [resourceId, phase]);
    const [restored] = await ledgers();
    expect(entriesOf(restored)).toEqual(entriesOf(saved));
  });

  it('still takes back what it had attached before', async () => {
    await place.run('kubectl --namespace shop delete vib web');
    expect(wholeIdentityOf(place.azure.state, WEB)).toEqual(ownersIdentity);
    expect(await ledgers()).toEqual([]);
  });
});
