/** What can happen in a walk, as data: it is drawn, shrunk, printed, and done. */
import type { IdentityName, ScaleSetName } from './cast.ts';
import type { Flaw } from './invalid-values.ts';

export interface BindingRef {
  readonly namespace: string;
  readonly name: string;
}

export type Spec = Readonly<Record<string, unknown>>;

export type Move =
  /** Creates it, or changes what the spec names of it; its scale set stays. */
  | { readonly kind: 'bind'; readonly binding: BindingRef; readonly spec: Spec }
  /** The same with one thing wrong, which is refused. */
  | { readonly kind: 'bind wrongly'; readonly binding: BindingRef; readonly whole: Spec; readonly flaw: Flaw }
  /** To another scale set, which is refused. */
  | { readonly kind: 'move binding'; readonly binding: BindingRef }
  | { readonly kind: 'unbind'; readonly binding: BindingRef }
  | { readonly kind: 'abandon'; readonly binding: BindingRef }
  | { readonly kind: 'ask for a look'; readonly binding: BindingRef }
  | { readonly kind: 'take off finalizer'; readonly binding: BindingRef }
  | { readonly kind: 'policy'; readonly name: string; readonly spec: Spec }
  | { readonly kind: 'policy wrongly'; readonly name: string; readonly whole: Spec; readonly flaw: Flaw }
  | { readonly kind: 'remove policy'; readonly name: string }
  | { readonly kind: 'attach' | 'strip'; readonly scaleSet: ScaleSetName; readonly identity: IdentityName }
  | { readonly kind: 'system-assigned'; readonly scaleSet: ScaleSetName; readonly on: boolean }
  | { readonly kind: 'create or delete' | 'recreate' | 'grant or revoke'; readonly identity: IdentityName }
  | { readonly kind: 'replace' | 'remove or create' | 'tag' | 'busy'; readonly scaleSet: ScaleSetName }
  | { readonly kind: 'delete ledger'; readonly scaleSet: ScaleSetName }
  | { readonly kind: 'crash' | 'restart' }
  /** So many things happen that wait to. */
  | { readonly kind: 'steps'; readonly count: number }
  | { readonly kind: 'wait'; readonly seconds: number };

export interface Walk {
  /** Of the order in which things happen; undefined: as they come. */
  readonly seed: number | undefined;
  /** How long Azure takes for a write. */
  readonly operationMs: number;
  /** What a scale set shows of an identity that was deleted. */
  readonly deletedIdentity: 'OldIds' | 'NullIds' | 'AbsentIds';
  readonly missingIdentity: 'LinkedAuthorizationFailed' | 'FailedIdentityOperation';
  readonly moves: readonly Move[];
}

export const describeWalk = ({ moves, ...rest }: Walk): string =>
  [JSON.stringify(rest), ...moves.map((move, index) => `${String(index + 1).padStart(3)}. ${describeMove(move)}`)].join(
    '\n',
  );

function describeMove({ kind, ...rest }: Move): string {
  const words = Object.entries(rest).map(([name, value]) => (name === 'whole' ? '' : shorten(name, value)));
  return [kind, ...words].filter((word) => word !== '').join(' ');
}

function shorten(name: string, value: unknown): string {
  const text = JSON.stringify(value)
    .replace(/"(resourceId|namespace|name)":/g, '')
    .replace(/\/subscriptions\/[^"]*\/([^"/]+)(?=")/gi, '…/$1');
  return `${name === 'spec' || name === 'binding' ? '' : `${name} `}${text.slice(0, 300)}`;
}
