/** Everything that keeps one binding from being Ready. One of them becomes the reason it shows. */
import { MAX_CONDITION_MESSAGE_LENGTH } from '../api/conditions.ts';
import type { Reason } from '../api/reasons.ts';
import type { IdentityStatus, VmssIdentityBinding } from '../api/types.ts';
import { armKey, nameOf } from './arm-id.ts';
import { type Declaration, isActive, isExclusiveInForce, isObserving } from './declaration.ts';
import { isAksManaged } from './exclusive.ts';
import { heldBackOf, isSystemHeldBack } from './held-back.ts';
import { few, identities } from './naming.ts';
import { hiddenFrom } from './plan-status.ts';
import { policyFor, type Wanted } from './policy-suggestion.ts';
import { isSetAside, isTooCrowdedForExclusive, lacksRoomForSystemAssigned } from './shortages.ts';
import { isNotDetached, systemNotSwitched, systemNotTakenBack } from './shown-still.ts';
import type { Complaint, View } from './view.ts';

export interface Subject {
  readonly binding: VmssIdentityBinding;
  readonly declaration: Declaration;
  readonly view: View;
  readonly userAssigned: readonly IdentityStatus[];
}

type Check = (subject: Subject) => readonly Complaint[];

/** Checked in any order: the table of reasons decides which one is shown. */
const CHECKS: readonly Check[] = [
  isBeingDeleted,
  isNotServedAtAll,
  isSetAside,
  isExclusiveOnAks,
  isTooCrowdedForExclusive,
  lacksRoomForSystemAssigned,
  lacksPermission,
  losesConflict,
  asksFlexibleForSystemAssigned,
  hasTroubledIdentities,
  waitsForSystemAssigned,
  waitsForExclusive,
  isHeldBack,
];

/** What keeps the binding from being Ready; empty when nothing does. */
export function complaintsOf(subject: Subject): readonly Complaint[] {
  const { declaration, view } = subject;
  if (declaration.suspended && !declaration.deleting) {
    return [{ reason: 'Suspended', message: 'The binding is suspended: nothing is attached or detached for it.' }];
  }
  if (!declaration.grants.scaleSet && !declaration.deleting) return [notPermittedAtAll(subject)];
  const own = CHECKS.flatMap((check) => check(subject));
  return own.length > 0 || isKnown(subject) ? own : [notKnownYet(view)];
}

/** Whether anything says that a binding which is not Ready yet has what it declares: the scale set was read. */
function isKnown({ binding, declaration, view }: Subject): boolean {
  if (isReady(binding)) return true;
  // What goes for an Exclusive one is not its own: none of its identities tells that Azure is still at it.
  if (view.inFlight !== undefined && isExclusiveInForce(declaration)) return false;
  return view.scaleSet !== undefined;
}

/** Ready for the spec it has now. */
export function isReady({ metadata, status }: VmssIdentityBinding): boolean {
  const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  return ready && status.observedGeneration === metadata.generation;
}

function notPermittedAtAll({ binding, declaration }: Subject): Complaint {
  const identities = [...declaration.userAssigned.values()].map(({ resourceId }) => resourceId);
  const what =
    `No policy allows namespace ${binding.metadata.namespace} to bind identities to this scale set, and Azure was ` +
    'not asked.';
  return notPermitted(binding, what, {
    identities,
    systemAssigned: declaration.systemAssigned,
    exclusive: declaration.exclusive,
    adopt: [...declaration.userAssigned.values()].some(({ adopt }) => adopt),
  });
}

function notPermitted(binding: VmssIdentityBinding, what: string, wanted: Wanted): Complaint {
  const lead = `${what} A cluster administrator can allow it:\n`;
  const message = `${lead}${policyFor(binding, wanted, MAX_CONDITION_MESSAGE_LENGTH - lead.length)}`;
  return { reason: 'NotPermitted', message };
}

function notKnownYet({ inFlight }: View): Complaint {
  if (inFlight === undefined) return { reason: 'Assigning', message: 'The scale set has not been looked at yet.' };
  const what = inFlight.reason === 'Assigning' ? 'attaching identities' : 'detaching identities';
  return { reason: inFlight.reason, message: `Azure is ${what}.` };
}

/** While Azure keeps it from being done, why that is so is what a person has to know. */
function isBeingDeleted(subject: Subject): readonly Complaint[] {
  const { declaration, view, userAssigned } = subject;
  if (!declaration.deleting || view.stop !== undefined || isHeldBack(subject).length > 0) return [];
  const system = systemNotTakenBack(declaration, view);
  if (system.length > 0 || userAssigned.some(isNotDetached)) return system;
  return [{ reason: 'Detaching', message: 'The binding is being deleted: what was attached for it is taken back.' }];
}

/** What stops the whole scale set counts for a binding only while something of it is not as declared. */
function isNotServedAtAll({ view, userAssigned, declaration }: Subject): readonly Complaint[] {
  if (view.stop === undefined) return [];
  const live = view.scaleSet?.identity.userAssigned;
  const isSettled =
    live !== undefined &&
    !declaration.deleting &&
    !(view.ledger?.exclusive !== undefined && isExclusiveInForce(declaration)) &&
    userAssigned.every(({ state, resourceId }) => {
      // Who only observes waits for nothing: it is enough to know that an identity is not there.
      const isKnown = isObserving(declaration) && !live.has(armKey(resourceId));
      return isKnown || state === 'Assigned' || state === 'NotPermitted';
    });
  return isSettled ? [] : [view.stop];
}

function isExclusiveOnAks({ declaration, view }: Subject): readonly Complaint[] {
  if (!declaration.exclusive || view.scaleSet === undefined || !isAksManaged(view.scaleSet)) return [];
  const message =
    'AKS manages this scale set, and its nodes may need identities that no binding declares: mode: Exclusive acts as ' +
    'Additive here. Set mode: Additive.';
  return [{ reason: 'ExclusiveOnManagedScaleSet', message }];
}

function lacksPermission({ binding, declaration }: Subject): readonly Complaint[] {
  if (declaration.deleting) return [];
  const { grants, systemAssigned, exclusive } = declaration;
  const declared = [...declaration.userAssigned];
  const denied = declared.filter(([key]) => !grants.identity(key)).map(([, { resourceId }]) => resourceId);
  const kept = declared
    .filter(([key, { adopt }]) => adopt && grants.identity(key) && !grants.adopt(key))
    .map(([, { resourceId }]) => resourceId);
  const system =
    (systemAssigned === 'Enabled' && !grants.enableSystemAssigned) ||
    (systemAssigned === 'Disabled' && !grants.disableSystemAssigned);
  const mode = exclusive && !grants.exclusive;
  const what = [
    ...few(denied, (resourceId) => `identity ${nameOf(resourceId)}`),
    ...few(kept, (resourceId) => `adopt: true for identity ${nameOf(resourceId)}`),
    ...(system ? [`systemAssigned: ${systemAssigned}`] : []),
    ...(mode ? ['mode: Exclusive'] : []),
  ];
  if (what.length === 0) return [];
  const message =
    `No policy allows namespace ${binding.metadata.namespace} this on this scale set: ${what.join(', ')}. ` +
    `The rest is ${declaration.observe ? 'observed' : 'served'}.`;
  return [
    notPermitted(binding, message, {
      identities: [...denied, ...kept],
      systemAssigned: system ? systemAssigned : 'Unmanaged',
      exclusive: mode,
      adopt: kept.length > 0,
    }),
  ];
}

function losesConflict({ declaration, view }: Subject): readonly Complaint[] {
  if (!view.system.conflicts.has(declaration.uid)) return [];
  const message =
    'Another binding of this scale set declares systemAssigned: Enabled, which beats Disabled; it stays as it is.';
  return [{ reason: 'Conflict', message }];
}

function asksFlexibleForSystemAssigned(subject: Subject): readonly Complaint[] {
  if (subject.declaration.systemAssigned !== 'Enabled' || !isFlexible(subject)) return [];
  const message =
    'A scale set of Flexible orchestration takes user-assigned identities only: set systemAssigned: Unmanaged.';
  return [{ reason: 'UnsupportedOrchestrationMode', message }];
}

function hasTroubledIdentities({ userAssigned, view, declaration }: Subject): readonly Complaint[] {
  const isLive = (id: string): boolean => view.scaleSet?.identity.userAssigned.has(armKey(id)) === true;
  return userAssigned.flatMap(({ state, reason, message, resourceId }): Complaint[] => {
    const name = nameOf(resourceId);
    const told = { reason: (reason ?? 'IdentityRefused') as Reason, message: `Identity ${name}: ${message ?? state}` };
    // Told of all together.
    if (reason !== undefined && reason === view.heldBack?.reason) return [];
    switch (state) {
      case 'Assigned':
        return [];
      case 'NotPermitted':
        // What no policy allows is said with the policy that would; what is left, no policy can allow.
        return declaration.grants.identity(armKey(resourceId))
          ? [{ reason: 'NotPermitted', message: `Identity ${name}: ${message ?? state}.` }]
          : [];
      case 'Pending':
        if (view.stop !== undefined) return [];
        if (reason === 'Contested' || isReattaching(reason)) return isActive(declaration) ? [told] : [];
        // Who only observes waits for what is there already and not known to work, as long as Azure is at work.
        return isActive(declaration) || isLive(resourceId)
          ? [{ reason: 'Assigning', message: message ?? `Identity ${name} is being attached.` }]
          : [];
      case 'Detaching':
        if (view.stop !== undefined) return [];
        return [reason === undefined ? { reason: 'Detaching', message: `Identity ${name} is being detached.` } : told];
      default:
        return [told];
    }
  });
}

/** Which half of it is under way; of what is merely attached, no reason tells. */
function isReattaching(reason: string | undefined): reason is 'Assigning' | 'Detaching' {
  return reason === 'Assigning' || reason === 'Detaching';
}

function waitsForSystemAssigned(subject: Subject): readonly Complaint[] {
  const { binding, declaration, view } = subject;
  const { systemAssigned, grants } = declaration;
  if (!isActive(declaration) || isSystemHeldBack(declaration, view)) return [];
  // While an operation runs Azure shows what it leads to: only the operation tells that it is not so yet.
  const running = isReady(binding) ? undefined : view.inFlight?.systemAssigned;
  const isOn = view.scaleSet === undefined ? undefined : view.scaleSet.identity.systemAssigned !== undefined;
  if (systemAssigned === 'Enabled' && grants.enableSystemAssigned && !isFlexible(subject)) {
    if (isOn !== false && running !== 'on') return [];
    return [
      view.stop ??
        view.systemContested ??
        systemNotSwitched(view) ?? {
          reason: 'Assigning',
          message: 'The system-assigned identity is being turned on.',
        },
    ];
  }
  const turnsOff =
    systemAssigned === 'Disabled' && grants.disableSystemAssigned && (isOn === true || running === 'off');
  if (!turnsOff || view.system.conflicts.has(declaration.uid)) return [];
  return [
    view.stop ??
      systemNotSwitched(view) ?? {
        reason: 'Detaching',
        message: 'The system-assigned identity is being turned off.',
      },
  ];
}

/** Said as a time, not as what is left of it: a status that ticks would be written for ever. */
function waitsForExclusive({ declaration, view }: Subject): readonly Complaint[] {
  const { exclusive } = view;
  if (exclusive?.goesAt === undefined || !isExclusiveInForce(declaration)) return [];
  const hidden = hiddenFrom(declaration.namespace, exclusive.surplus).length;
  const which = hidden === 0 ? '' : `, ${String(hidden)} of them declared in other namespaces without permission`;
  const message =
    `From ${new Date(exclusive.goesAt).toISOString()} on, ${identities(exclusive.surplus.length)} ` +
    `that no binding declares${which} will be detached: declare what must stay. status.plan lists them.`;
  return [{ reason: 'ExclusiveWaiting', message }];
}

/** What was decided on for it, and the operator keeps itself from. */
function isHeldBack({ declaration, view, userAssigned }: Subject): readonly Complaint[] {
  return heldBackOf(declaration, view, userAssigned);
}

function isFlexible({ binding, view }: Subject): boolean {
  return (view.scaleSet ?? binding.status.scaleSet)?.orchestrationMode === 'Flexible';
}
