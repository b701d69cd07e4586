/**
 * The identities that permitted bindings declare: what Azure said of each of them, and which client ids scale sets show
 * for them. A scale set goes on showing the ids of an identity that was deleted, so that a client id which is shown
 * proves nothing by itself.
 */
import { type ArmKey, parseIdentityId } from '../../identity/arm-id.ts';
import type { UserAssignedIdentity } from '../../identity/scale-set.ts';
import type { Look } from '../answered.ts';
import { isPassing } from '../refusals.ts';

/** What Azure said of an identity. A list may lag behind; that it is gone only a GET says. */
export type Known =
  | {
      readonly state: 'found';
      readonly identity: UserAssignedIdentity;
      readonly by: 'list' | 'get';
      readonly at: number;
    }
  | { readonly state: 'gone'; readonly by: 'get'; readonly at: number };

/** How a client id that a scale set shows stands to what is known of the identity. */
export type Standing =
  | 'works'
  /** It is another one's: the identity was created again since. */
  | 'stale'
  /** There is no such identity any more. */
  | 'gone'
  /** Something speaks against it, which is not certain: read the identity itself. */
  | 'doubtful'
  | 'unknown';

export interface RosterOptions {
  readonly now: () => number;
  /** From now on identities of the subscription are asked about. */
  readonly wanted: (subscriptionId: string) => void;
  /** What is known now makes another thing of what the scale set has shown. */
  readonly contradicted: (scaleSet: ArmKey) => void;
}

interface Shown {
  readonly clientId: string | undefined;
  readonly at: number;
}

interface Entry {
  readonly key: ArmKey;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  known: Known | undefined;
  /** Client ids that scale sets showed and that are certainly not the identity's any more, with what was found instead. */
  readonly dead: Map<string, 'stale' | 'gone'>;
  /** By scale set: the client id that it shows, if any, and when it was first seen to; undefined: not seen yet. */
  readonly shown: Map<ArmKey, Shown | undefined>;
}

export class IdentityRoster {
  readonly #options: RosterOptions;
  readonly #entries = new Map<ArmKey, Entry>();
  readonly #byScaleSet = new Map<ArmKey, readonly Entry[]>();
  readonly #bySubscription = new Map<string, Set<Entry>>();

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  /** The identities that permitted bindings of the scale set declare, and no others. */
  need(scaleSet: ArmKey, identities: Iterable<ArmKey>): void {
    const before = this.#byScaleSet.get(scaleSet) ?? [];
    const after = [...new Set(identities)].flatMap((key) => this.#entries.get(key) ?? this.#create(key) ?? []);
    const kept = new Set(after);
    for (const entry of before) if (!kept.has(entry)) this.#release(entry, scaleSet);
    for (const entry of after) {
      if (!entry.shown.has(scaleSet)) entry.shown.set(scaleSet, undefined);
    }
    if (after.length === 0) this.#byScaleSet.delete(scaleSet);
    else this.#byScaleSet.set(scaleSet, after);
    for (const subscriptionId of new Set(after.map((entry) => entry.subscriptionId))) {
      this.#options.wanted(subscriptionId);
    }
  }

  isWanted(key: ArmKey): boolean {
    return this.#entries.has(key);
  }

  /** The wanted identities of a subscription. */
  wantedIn(subscriptionId: string): readonly ArmKey[] {
    return [...(this.#bySubscription.get(subscriptionId) ?? [])].map(({ key }) => key);
  }

  /** The resource groups of those, in lower case. */
  groupsIn(subscriptionId: string): Iterable<string> {
    return [...(this.#bySubscription.get(subscriptionId) ?? [])].map(({ resourceGroup }) => resourceGroup);
  }

  known(key: ArmKey): Known | undefined {
    return this.#entries.get(key)?.known;
  }

  /**
   * Takes down an entry of a list.
   * @returns whether it is believed: a list that lags behind shows what a GET has found to be gone
   */
  noteListed(identity: UserAssignedIdentity, at: number): boolean {
    const entry = this.#entries.get(identity.key);
    if (entry === undefined) return true;
    if (entry.known?.state === 'gone' || entry.dead.has(identity.clientId)) return false;
    if (entry.known === undefined || entry.known.at <= at) {
      this.#learn(entry, { state: 'found', identity, by: 'list', at });
    }
    return true;
  }

  /**
   * Takes down what a GET said. Where the identity may not be read nothing is known, so that nobody asks again and again.
   * @param at when it was sent
   * @param by the scale set whose pass has asked, and hears of it anyway
   */
  note(key: ArmKey, look: Look, at: number, by?: ArmKey): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    if (look.ok) this.#learn(entry, { state: 'found', identity: look.value, by: 'get', at }, by);
    else if (look.failure.kind === 'notFound') this.#learn(entry, { state: 'gone', by: 'get', at }, by);
    else if (!isPassing(look)) entry.known = undefined;
  }

  /** How the client id that the scale set was just seen to show stands. */
  standing(scaleSet: ArmKey, key: ArmKey, clientId: string): Standing {
    const entry = this.#entries.get(key);
    if (entry === undefined) return 'unknown';
    bury(entry, { clientId, at: this.#see(entry, scaleSet, clientId) });
    return standingOf(entry, clientId);
  }

  /**
   * What Azure said of the identity after the scale set was first seen to have it without a client id; undefined when it
   * has not been asked since.
   */
  knownWithout(scaleSet: ArmKey, key: ArmKey): Known | undefined {
    const entry = this.#entries.get(key);
    const since = entry && this.#see(entry, scaleSet, undefined);
    return since !== undefined && entry?.known !== undefined && entry.known.at > since ? entry.known : undefined;
  }

  /** @returns since when the scale set shows that */
  #see(entry: Entry, scaleSet: ArmKey, clientId: string | undefined): number {
    const before = entry.shown.get(scaleSet);
    const shown = before !== undefined && before.clientId === clientId ? before : { clientId, at: this.#options.now() };
    entry.shown.set(scaleSet, shown);
    return shown.at;
  }

  #learn(entry: Entry, known: Known, by?: ArmKey): void {
    const shown = [...entry.shown].flatMap(([scaleSet, one]) =>
      one?.clientId === undefined
        ? []
        : [{ scaleSet, clientId: one.clientId, at: one.at, before: standingOf(entry, one.clientId) }],
    );
    entry.known = known;
    if (known.state === 'found') entry.dead.delete(known.identity.clientId);
    for (const one of shown) bury(entry, one);
    for (const { scaleSet, clientId, before } of shown) {
      if (scaleSet !== by && isNews(before, standingOf(entry, clientId))) this.#options.contradicted(scaleSet);
    }
  }

  #create(key: ArmKey): Entry | undefined {
    const parsed = parseIdentityId(key);
    if (!parsed.ok) return undefined;
    const { subscriptionId, resourceGroup } = parsed.id;
    const entry: Entry = { key, subscriptionId, resourceGroup, known: undefined, dead: new Map(), shown: new Map() };
    this.#entries.set(key, entry);
    const others = this.#bySubscription.get(subscriptionId) ?? new Set<Entry>();
    this.#bySubscription.set(subscriptionId, others.add(entry));
    return entry;
  }

  #release(entry: Entry, scaleSet: ArmKey): void {
    entry.shown.delete(scaleSet);
    if (entry.shown.size > 0) return;
    this.#entries.delete(entry.key);
    const others = this.#bySubscription.get(entry.subscriptionId);
    others?.delete(entry);
    if (others?.size === 0) this.#bySubscription.delete(entry.subscriptionId);
  }
}

function standingOf({ known, dead }: Entry, clientId: string): Standing {
  const found = dead.get(clientId);
  if (found !== undefined) return known === undefined ? found : known.state === 'gone' ? 'gone' : 'stale';
  if (known === undefined) return 'unknown';
  return contradicts(known, clientId) ? 'doubtful' : 'works';
}

/** A pass would say something else than the last one said. */
function isNews(before: Standing, after: Standing): boolean {
  const wasFine = before === 'works' || before === 'unknown' || before === 'doubtful';
  const isFine = after === 'works' || after === 'unknown';
  return wasFine ? !isFine : before !== after;
}

/** A client id that was shown before the identity was read, and was not the one then, is not going to be it again. */
function bury({ known, dead }: Entry, shown: { readonly clientId: string; readonly at: number }): void {
  if (known?.by !== 'get' || known.at < shown.at || !contradicts(known, shown.clientId)) return;
  dead.set(shown.clientId, known.state === 'gone' ? 'gone' : 'stale');
}

function contradicts(known: Known, clientId: string): boolean {
  return known.state === 'gone' || known.identity.clientId !== clientId;
}
