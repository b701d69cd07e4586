/** Rights in Kubernetes as lines that can be compared: `verb resource group namespace name`. */
import type { Role } from '../../../dev/deploy/account.ts';
import { rightsGiven } from '../../../dev/deploy/rights.ts';
import { type Installation, kubernetesRights } from '../../../src/check/kubernetes-rights.ts';

const EVERY = '*';

/** What roles give. */
export const linesGiven = (roles: readonly Role[]): readonly string[] =>
  roles
    .flatMap((role) =>
      rightsGiven([role]).map(({ verb, resource, group, name }) =>
        [verb, resource, group, role.metadata.namespace ?? EVERY, name ?? EVERY].join(' '),
      ),
    )
    .toSorted();

/** What `--check` looks for. */
export const linesUsed = (installation: Installation): readonly string[] =>
  kubernetesRights(installation)
    .flatMap(({ verbs, resource, group, namespace, name }) =>
      verbs.map((verb) => [verb, resource, group, namespace ?? EVERY, name ?? EVERY].join(' ')),
    )
    .toSorted();
