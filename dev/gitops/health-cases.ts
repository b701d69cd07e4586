/** A binding for every reason that it can show, as the operator writes it, with what Argo CD has to say of it. */
import { conditionsFor, PERMISSION_GRACE_MS } from '../../src/api/conditions.ts';
import { type Reason, REASONS_IN_ORDER, rowOf } from '../../src/api/reasons.ts';
import { API_VERSION, type Condition } from '../../src/api/types.ts';

export interface Health {
  readonly status: 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended';
  readonly message: string;
}

export interface BindingObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string; readonly generation: number };
  readonly spec: object;
  readonly status: { readonly observedGeneration: number; readonly conditions?: readonly Condition[] };
}

export interface HealthCase {
  /** Of its file. */
  readonly name: string;
  readonly object: BindingObject;
  readonly expected: Health;
}

const SUBSCRIPTION = '/subscriptions/6f6a8c1e-2b7d-4c53-9a10-0d6f5e3b7a21';
const CREATED = '2026-03-01T10:00:00.000Z';
const GENERATION = 2;
const UNSEEN: Health = { status: 'Progressing', message: 'The operator has not looked at this generation yet' };

const afterMs = (ms: number): string => new Date(Date.parse(CREATED) + ms).toISOString();

const bindingWith = (status: BindingObject['status'], spec: object = {}): BindingObject => ({
  apiVersion: API_VERSION,
  kind: 'VmssIdentityBinding',
  metadata: { name: 'web', namespace: 'shop', generation: GENERATION },
  spec: {
    scaleSet: {
      resourceId: `${SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/web`,
    },
    userAssigned: [
      {
        resourceId: `${SUBSCRIPTION}/resourceGroups/identities/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop-web`,
      },
    ],
    ...spec,
  },
  status,
});

interface Moment {
  readonly afterMs?: number;
  readonly previous?: readonly Condition[];
}

const conditionsOf = (reason: Reason, { afterMs: ms = 1000, previous = [] }: Moment = {}): readonly Condition[] =>
  conditionsFor({
    reason,
    message: rowOf(reason).meaning,
    observedGeneration: GENERATION,
    previous,
    nowIso: afterMs(ms),
    creationTimestamp: CREATED,
  });

const seen = (conditions: readonly Condition[]): BindingObject['status'] => ({
  observedGeneration: GENERATION,
  conditions,
});

const told = (status: Health['status'], reason: Reason): Health => ({
  status,
  message: `${reason}: ${rowOf(reason).meaning}`,
});

function statusOf(reason: Reason): Health['status'] {
  const { ready, companion } = rowOf(reason);
  if (ready === 'AsItWas') return 'Suspended';
  if (ready === 'True') return 'Healthy';
  return companion === 'Stalled' ? 'Degraded' : 'Progressing';
}

const ofReason = (reason: Reason): HealthCase => ({
  name: reason,
  object: bindingWith(seen(conditionsOf(reason)), reason === 'Suspended' ? { suspend: true } : {}),
  expected: told(statusOf(reason), reason),
});

/** All of them: one for each reason, and what more there is between and before. */
export function healthCases(): readonly HealthCase[] {
  const assigned = conditionsOf('Assigned');
  const stalled = conditionsOf('NotPermitted', {
    afterMs: PERMISSION_GRACE_MS,
    previous: conditionsOf('NotPermitted'),
  });
  return [
    ...REASONS_IN_ORDER.map(ofReason),
    {
      name: 'NotPermitted-for-longer',
      object: bindingWith(
        seen(conditionsOf('NotPermitted', { afterMs: PERMISSION_GRACE_MS + 1000, previous: stalled })),
      ),
      expected: told('Degraded', 'NotPermitted'),
    },
    {
      name: 'Suspended-when-ready',
      object: bindingWith(seen(conditionsOf('Suspended', { previous: assigned })), { suspend: true }),
      expected: told('Suspended', 'Suspended'),
    },
    // As the API server makes it: the default of the status.
    { name: 'created', object: bindingWith({ observedGeneration: -1 }), expected: UNSEEN },
    {
      name: 'changed-when-ready',
      object: bindingWith({ observedGeneration: GENERATION - 1, conditions: assigned }),
      expected: UNSEEN,
    },
    {
      name: 'suspended-a-moment-ago',
      object: bindingWith({ observedGeneration: GENERATION - 1, conditions: assigned }, { suspend: true }),
      expected: UNSEEN,
    },
  ];
}
