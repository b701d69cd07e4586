/** Reads of identities themselves: each at most once a pass, and found ones are believed for a while by everybody. */
import type { ArmKey, IdentityId } from '../identity/arm-id.ts';
import type { Answered, Found, Look } from './answered.ts';
import type { AzurePort, Failure, Result } from './azure-port.ts';
import type { IdentityRoster } from './inventory/identity-roster.ts';
import { isGone } from './refusals.ts';
import { identityId } from './subject.ts';

/** How long a found identity is taken to be there still, in milliseconds; only the probe before a first attach asks. */
const BELIEVED_MS = 5 * 60_000;
/** Found identities remembered at most. */
const REMEMBERED = 10_000;

export class IdentityCache {
  readonly #found = new Map<ArmKey, Found>();

  get(key: ArmKey, now: number): Look | undefined {
    const found = this.#found.get(key);
    return found !== undefined && now - found.at < BELIEVED_MS ? found.look : undefined;
  }

  note(key: ArmKey, look: Look, now: number): void {
    this.#found.delete(key);
    if (!look.ok) return;
    this.#found.set(key, { look, at: now });
    const oldest = this.#found.size > REMEMBERED ? this.#found.keys().next() : undefined;
    if (oldest?.done === false) this.#found.delete(oldest.value);
  }
}

export interface LookTools {
  readonly azure: Pick<AzurePort, 'getIdentity' | 'mayAssign'>;
  readonly identities: IdentityCache;
  readonly roster: IdentityRoster;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** The reads of one pass, and of those before it that only waited for a turn. */
export class IdentityLooks {
  readonly #scaleSet: ArmKey;
  readonly #tools: LookTools;
  readonly #fresh = new Map<ArmKey, Found>();
  readonly #rights = new Map<ArmKey, Result<boolean>>();
  #queued: Failure | undefined;

  /** @param kept what was answered before the wait that the pass comes from; believed for five minutes */
  constructor(scaleSet: ArmKey, tools: LookTools, kept?: Answered) {
    this.#scaleSet = scaleSet;
    this.#tools = tools;
    const now = tools.now();
    for (const [key, found] of kept?.looks ?? []) if (now - found.at < BELIEVED_MS) this.#fresh.set(key, found);
    for (const [key, rights] of kept?.rights ?? []) if (this.#fresh.has(key)) this.#rights.set(key, rights);
  }

  /** For the pass after a wait: were everything asked anew, one that waits at each question would never hear them all. */
  answered(): Answered {
    const looks = [...this.#fresh].filter(([, { look }]) => look.ok || isGone(look));
    return { looks: new Map(looks), rights: new Map([...this.#rights].filter(([, rights]) => rights.ok)) };
  }

  /** What Azure says in this pass; undefined when the key is not the id of an identity. */
  readonly fresh = async (key: ArmKey): Promise<Look | undefined> => {
    const known = this.#fresh.get(key);
    if (known !== undefined) return known.look;
    const id = identityId(key);
    if (id === undefined) return undefined;
    const { azure, identities, roster, now, signal } = this.#tools;
    const at = now();
    const look = await azure.getIdentity(id, signal);
    this.#fresh.set(key, { look, at });
    this.#note(look);
    identities.note(key, look, now());
    roster.note(key, look, at, this.#scaleSet);
    return look;
  };

  /** What Azure said a short while ago, itself or in a list, if it found the identity; else what it says now. */
  readonly recent = async (key: ArmKey): Promise<Look | undefined> => {
    const { identities, roster, now } = this.#tools;
    const cached = identities.get(key, now());
    if (cached !== undefined) return cached;
    const known = roster.known(key);
    if (known?.state !== 'found' || now() - known.at >= BELIEVED_MS) return this.fresh(key);
    const look: Look = { ok: true, value: known.identity };
    identities.note(key, look, known.at);
    return look;
  };

  /** See {@link AzurePort.mayAssign}. */
  async mayAssign(id: IdentityId, signal: AbortSignal): Promise<Result<boolean>> {
    const known = this.#rights.get(id.key);
    if (known !== undefined) return known;
    const rights = await this.#tools.azure.mayAssign(id, signal);
    this.#rights.set(id.key, rights);
    this.#note(rights);
    return rights;
  }

  /** The question of this pass whose turn comes last; undefined when all were answered. */
  get queued(): Failure | undefined {
    return this.#queued;
  }

  #note(result: Result<unknown>): void {
    if (result.ok || result.failure.kind !== 'queued') return;
    const { failure } = result;
    if ((failure.retryAfterMs ?? 0) >= (this.#queued?.retryAfterMs ?? 0)) this.#queued = failure;
  }
}
