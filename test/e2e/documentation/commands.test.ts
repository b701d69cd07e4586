/** Every command of kubectl that a page prints for who runs the operator, on a cluster in which it is installed. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { needsOperator, scriptsOf } from '../../../dev/docs/commands.ts';
import { allPages } from '../../../dev/docs/pages.ts';
import { type DocumentationPlace, openDocumentationPlace } from './place.ts';

/** Followed from their first command to their last elsewhere. */
const IN_ORDER = new Set(['README.md', 'docs/installation.md', 'docs/upgrading.md', 'docs/backup.md']);

/** Each script once, with where it stands first. */
const printed = new Map(
  (await allPages())
    .flatMap((page) => scriptsOf(page))
    .filter((script) => needsOperator(script) && !IN_ORDER.has(script.page))
    .toReversed()
    .map(({ text, where }) => [text, where]),
);

let place: DocumentationPlace;
beforeAll(async () => {
  place = await openDocumentationPlace();
  await place.install();
}, 600_000);
afterAll(() => place.close());

/** As the pages suppose it, whatever the commands before have made of it. */
beforeEach(async () => {
  await place.run(`
    kubectl --namespace vmss-identity-system set env deployment/vmss-identity-operator VMSS_IDENTITY_READ_ONLY-
    kubectl --namespace vmss-identity-system rollout status deployment vmss-identity-operator
    kubectl apply --server-side --force-conflicts --filename examples/01-first-binding.yaml
    kubectl --namespace shop annotate vib web --overwrite vmss-identity.dev/abandon-
    kubectl --namespace shop wait vib/web --for=condition=Ready --timeout=60s`);
});

describe('a command for who runs the operator', () => {
  it.each([...printed].map(([script, where]) => [where, script]))('does what it says: %s', async (_, script) => {
    await expect(place.run(script)).resolves.not.toBe('');
  });

  it('that is wrong is found', async () => {
    await expect(place.run('kubectl --namespace vmss-identity-system get deployment nobody')).rejects.toThrow(
      'not found',
    );
    await expect(
      place.run('kubectl exec deployment/vmss-identity-operator -- /nodejs/bin/node /app/main.js --no-such-flag'),
    ).rejects.toThrow('--no-such-flag');
  });
});
