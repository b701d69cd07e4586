/** What others do to Azure in a walk, and how all that can be mended is mended. */
import { CLIENT, GROUP, identityIdOf, LOCATION, scaleSetIdOf, SUBSCRIPTION, TENANT } from '../names.ts';
import type { World } from '../world.ts';
import { IDENTITIES, type IdentityName, SCALE_SETS, type ScaleSetName } from './cast.ts';
import type { Move } from './moves.ts';
import { lower } from './standing.ts';

type AzureMove = Extract<Move, { readonly scaleSet: ScaleSetName } | { readonly identity: IdentityName }>;

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';

export class AzureHands {
  readonly #world: World;
  /** What the operator may not assign. */
  readonly #revoked = new Set<IdentityName>();

  constructor(world: World) {
    this.#world = world;
  }

  move(move: Exclude<AzureMove, { readonly kind: 'delete ledger' }>): void {
    if ('scaleSet' in move) this.#onScaleSet(move);
    else this.#onIdentity(move);
  }

  /** Nothing stands in the operator's way any more; what was deleted stays so. */
  heal(): void {
    this.#revoked.clear();
    this.#setRights();
    for (const name of SCALE_SETS) {
      if (this.#isBusy(name)) this.#world.drift(scaleSetIdOf(name), { kind: 'ProvisioningState', state: 'Succeeded' });
    }
  }

  #onIdentity({
    kind,
    identity,
  }: Extract<AzureMove, { readonly kind: 'recreate' | 'create or delete' | 'grant or revoke' }>) {
    const id = identityIdOf(identity);
    if (kind === 'grant or revoke') {
      if (!this.#revoked.delete(identity)) this.#revoked.add(identity);
      this.#setRights();
      return;
    }
    const isThere = this.#hasIdentity(identity);
    this.#world.byOthers((azure) => {
      if (isThere) azure.deleteIdentity(id);
      if (!isThere || kind === 'recreate') azure.createIdentity(id);
    });
  }

  #onScaleSet(
    move: Exclude<AzureMove, { readonly kind: 'recreate' | 'create or delete' | 'grant or revoke' | 'delete ledger' }>,
  ) {
    const world = this.#world;
    const { scaleSet } = move;
    const id = scaleSetIdOf(scaleSet);
    if (!this.#isThere(scaleSet)) {
      if (move.kind === 'remove or create') world.byOthers((azure) => azure.seed(seedOf(scaleSet)));
      return;
    }
    switch (move.kind) {
      case 'remove or create':
        world.drift(id, { kind: 'Remove' });
        return;
      case 'replace':
        world.replaceScaleSet(id);
        return;
      case 'attach':
        if (this.#hasIdentity(move.identity)) {
          world.drift(id, { kind: 'Attach', identities: [identityIdOf(move.identity)] });
        }
        return;
      case 'strip':
        world.drift(id, { kind: 'Strip', identities: [identityIdOf(move.identity)] });
        return;
      case 'system-assigned':
        world.drift(id, { kind: move.on ? 'EnableSystemAssigned' : 'DisableSystemAssigned' });
        return;
      case 'tag':
        world.patchByOthers(id, { tags: { 'aks-managed-poolName': 'user' } });
        return;
      case 'busy':
        if (world.azure.scaleSet(id).operationId === undefined) {
          world.drift(id, { kind: 'ProvisioningState', state: 'Updating' });
        }
    }
  }

  #hasIdentity(name: IdentityName): boolean {
    return this.#world.azure.snapshot().identities.some(({ id }) => lower(id) === lower(identityIdOf(name)));
  }

  #isThere(name: ScaleSetName): boolean {
    return this.#world.azure.snapshot().scaleSets.some(({ id }) => lower(id) === lower(scaleSetIdOf(name)));
  }

  #isBusy(name: ScaleSetName): boolean {
    if (!this.#isThere(name)) return false;
    const { provisioningState, operationId } = this.#world.azure.scaleSet(scaleSetIdOf(name));
    return provisioningState === 'Updating' && operationId === undefined;
  }

  #setRights(): void {
    const granted = IDENTITIES.filter((name) => !this.#revoked.has(name));
    this.#world.azure.setRights(CLIENT, {
      permissions: [
        { scope: '/', actions: ['*'], notActions: [ASSIGN] },
        ...granted.map((name) => ({ scope: identityIdOf(name), actions: [ASSIGN] })),
      ],
    });
  }
}

const seedOf = (name: string) => ({
  subscriptions: [
    {
      id: SUBSCRIPTION,
      tenant: TENANT,
      resourceGroups: [{ name: GROUP, location: LOCATION, scaleSets: [{ name }] }],
    },
  ],
});
