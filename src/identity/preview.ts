/**
 * `managementPolicy: Observe`: what would be done if this very binding were `Manage`, and all others stayed as they are.
 * Decided as anything that is done, and cut down to what the binding may know.
 */
import type { PlanStatus } from '../api/types.ts';
import { type ArmKey, armKey } from './arm-id.ts';
import { RELEASED } from './brakes.ts';
import { asManaged, type Declaration } from './declaration.ts';
import { type ExclusiveRules, isExclusiveOn } from './exclusive.ts';
import { isMember, type SystemEntry } from './ledger.ts';
import { identities } from './naming.ts';
import type { Delta } from './patch.ts';
import { decide, type Decision, type Situation } from './plan.ts';
import { hiddenFrom, ownIdentities, planStatus } from './plan-status.ts';
import { NOTHING_SHOWN } from './reattach.ts';
import type { LiveScaleSet } from './scale-set.ts';

/** What is known of a scale set; of Azure's troubles with it only what they say of single identities. */
export interface Outlook extends Pick<
  Situation,
  'scaleSetId' | 'now' | 'declarations' | 'ledger' | 'untouchable' | 'systemUntouchable'
> {
  readonly scaleSet: LiveScaleSet;
  readonly bindings: ExclusiveRules['bindings'];
  /** False where something speaks against attaching the identity. */
  readonly attachable: (identity: ArmKey) => boolean;
}

export interface Preview {
  readonly plan: PlanStatus;
  /** How many identities would be attached and detached, also those that the plan does not name. */
  readonly attaches: number;
  readonly detaches: number;
  /** Of the latter: those that other namespaces declare. */
  readonly hidden: number;
  readonly systemAssigned: Delta['systemAssigned'];
}

/** What would be done for one binding that observes. */
export function previewOf(outlook: Outlook, observing: Declaration): Preview {
  const declaration = asManaged(observing);
  const { scaleSet, ledger } = outlook;
  const own = ownIdentities(declaration, ledger);
  const exclusive = isExclusiveOn(scaleSet)(declaration);
  const decision = decide(situationOf(exclusive ? outlook : limitedTo(own, outlook), declaration));
  const surplus = exclusive ? decision.surplus : [];
  const isMeant = new Set([...own.keys(), ...surplus.map(({ key }) => key)]);
  const { userAssigned } = declaration;
  const delta: Delta = {
    attach: decision.delta.attach.flatMap(({ key }) => {
      const declared = userAssigned.get(key);
      return declared === undefined ? [] : [{ key, resourceId: declared.resourceId }];
    }),
    detach: decision.delta.detach.filter(({ key }) => isMeant.has(key)),
    systemAssigned: systemSlice(decision, declaration, ledger?.systemAssigned),
  };
  const secret = new Set(hiddenFrom(declaration.namespace, surplus).map(({ key }) => key));
  const hidden = delta.detach.filter(({ key }) => secret.has(key));
  return {
    plan: planStatus({ scaleSet, delta, hidden, own }),
    attaches: delta.attach.length,
    detaches: delta.detach.length,
    hidden: hidden.length,
    systemAssigned: delta.systemAssigned,
  };
}

/**
 * The outlook as far as it is about these identities. Each is decided by itself: without this, a crowd that observes a
 * crowded scale set would take the square of the time.
 */
function limitedTo(own: ReadonlyMap<ArmKey, string>, outlook: Outlook): Outlook {
  const { scaleSet, ledger, declarations } = outlook;
  const { identity } = scaleSet;
  const among = <T>(all: ReadonlyMap<ArmKey, T>): ReadonlyMap<ArmKey, T> =>
    new Map(
      [...own.keys()].flatMap((key) => {
        const found = all.get(key);
        return found === undefined ? [] : [[key, found]];
      }),
    );
  return {
    ...outlook,
    scaleSet: { ...scaleSet, identity: { ...identity, userAssigned: among(identity.userAssigned) } },
    declarations: declarations.map((one) => ({ ...one, userAssigned: among(one.userAssigned) })),
    ledger: ledger && { ...ledger, entries: ledger.entries.filter(({ resourceId }) => own.has(armKey(resourceId))) },
  };
}

/** Nothing that passes counts: neither who is at work on the scale set now, nor how and when it was read, nor a wait. */
function situationOf({ attachable, scaleSet, bindings, ...known }: Outlook, declaration: Declaration): Situation {
  return {
    ...known,
    declarations: known.declarations.map((one) => (one.uid === declaration.uid ? declaration : one)),
    reading: { scaleSet, source: 'get', at: known.now },
    writable: true,
    remembered: (key) => ({
      attachable: key === 'systemAssigned' || attachable(key),
      detachable: true,
      refused: false,
      resend: false,
      lostRace: false,
    }),
    // A stale identity is told of with what keeps it from being reattached: this very binding does.
    reattaching: () => NOTHING_SHOWN,
    exclusive: { delayMs: 0, bindings },
    brakes: RELEASED,
  };
}

/** What would become of the system-assigned identity for the sake of this binding, not for another's. */
function systemSlice(
  { delta: { systemAssigned } }: Decision,
  { uid, systemAssigned: declared }: Declaration,
  entry: SystemEntry | undefined,
): Delta['systemAssigned'] {
  const isItsDoing =
    systemAssigned === 'on' ? declared === 'Enabled' : declared === 'Disabled' || isMember(entry?.for, uid);
  return isItsDoing ? systemAssigned : 'asLive';
}

/** What would be done, in words; undefined when it is nothing. */
export function changesIn({ attaches, detaches, hidden, systemAssigned }: Preview): string | undefined {
  const elsewhere = hidden === 0 ? '' : ` (${String(hidden)} of them declared in other namespaces without permission)`;
  const changes = [
    ...(attaches === 0 ? [] : [`${identities(attaches)} would be attached`]),
    ...(detaches === 0 ? [] : [`${identities(detaches)} would be detached${elsewhere}`]),
    ...(systemAssigned === 'on' ? ['the system-assigned identity would be turned on'] : []),
    ...(systemAssigned === 'off' ? ['the system-assigned identity would be turned off'] : []),
  ];
  return changes.length === 0 ? undefined : changes.join(', ');
}
