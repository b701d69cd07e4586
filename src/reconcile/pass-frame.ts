/** What is the same for all of one pass over one scale set. */
import type { Decision } from '../identity/plan.ts';
import type { View } from '../identity/view.ts';
import type { Random } from '../runtime/clock.ts';
import type { AzurePort } from './azure-port.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { DetachLimit } from './detach-limit.ts';
import { type IdentityCache, IdentityLooks } from './identity-looks.ts';
import type { IdentityRoster } from './inventory/identity-roster.ts';
import type { ListedScaleSet } from './inventory/subscription-inventory.ts';
import type { ReconcileObserver } from './observer.ts';
import { getReading, type ReadResult } from './read.ts';
import { mayResetAt } from './refusals.ts';
import { fingerprintOf, type Subject } from './subject.ts';
import type { Loss } from './unguarded-writes.ts';

export interface PassTools {
  readonly azure: AzurePort;
  readonly cluster: ClusterPort;
  readonly random: Random;
  readonly identities: IdentityCache;
  /** Hears of what other people's writes took away beside ours. */
  readonly lost: (loss: Loss) => void;
  readonly observer: ReconcileObserver;
  readonly exclusiveDelayMs: number;
  /** Nothing is written to Azure. */
  readonly readOnly: boolean;
  readonly detachLimit: DetachLimit;
  readonly roster: IdentityRoster;
  /** The newest list's word on the scale set. */
  readonly listed: () => ListedScaleSet | undefined;
  /** Whether lists watch over the operations in flight. */
  readonly watched: () => boolean;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What a pass found, and when to look again (epoch milliseconds) if nothing else happens before. */
export interface PassResult {
  readonly view: View;
  readonly lookAgainAt?: number;
  readonly decision?: Decision;
}

export interface PassFrame {
  readonly subject: Subject;
  readonly tools: PassTools;
  readonly looks: IdentityLooks;
  /** Of the bindings as the pass sees them. */
  readonly fingerprint: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Whether a spec change may cut waits of identities short: all of one pass sees the same. */
  readonly mayReset: boolean;
  /** When that was last done, before the pass. */
  readonly resetAt: number;
}

export function beginPass(subject: Subject, tools: PassTools): PassFrame {
  const startedAt = tools.now();
  return {
    subject,
    tools,
    looks: new IdentityLooks(subject.id.key, tools, subject.memory.hold?.answered),
    fingerprint: fingerprintOf(subject.bound),
    startedAt,
    mayReset: mayResetAt(subject) <= startedAt,
    resetAt: subject.memory.resetAt,
  };
}

/** Reads the scale set itself. */
export function readNow({ subject: { id, memory }, tools }: PassFrame): Promise<ReadResult> {
  const { azure, listed, now, signal } = tools;
  return getReading(id, memory, listed(), azure, now, signal);
}
