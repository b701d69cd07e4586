import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../../../dev/demo/wait.ts';
import { type Guarded, openGuarded } from './guarded-cluster.ts';
import type { Person } from './people.ts';
import { BINDINGS, componentPolicies, denialOf, LEDGERS, POLICIES, type Policy, STATUS } from './policies.ts';
import { type Stored, storeSubjects } from './subjects.ts';
import { rowOf } from './writes.ts';

/** Each rule with a part of it broken, one after another: something that the table of writes tells must then be otherwise. */
let guarded: Guarded;
let stored: Stored;
let policies: readonly Policy[];
beforeAll(async () => {
  guarded = await openGuarded();
  stored = await storeSubjects(guarded);
  policies = await componentPolicies();
});
afterAll(() => guarded.close());

interface Mutant {
  readonly what: string;
  readonly policy: string;
  /** What stands in the rule, and what takes its place. */
  readonly change: readonly [from: string, to: string];
  readonly who: Person;
  readonly does: string;
}

const OTHERS = "!params.?subjects.orValue([]).exists(subject, subject.kind == 'ServiceAccount'";
const CHECK = "check('abandon')";

const mutants: readonly Mutant[] = [
  ...(
    [
      [STATUS, 'writes a status'],
      [BINDINGS, 'takes all finalizers off'],
      [LEDGERS, 'creates a ledger'],
    ] as const
  ).flatMap(([policy, does]): readonly Mutant[] => [
    {
      what: 'the operator is as anybody',
      policy,
      change: [OTHERS, OTHERS.replace('!', 'true || !')],
      who: 'operator',
      does,
    },
    {
      what: 'any account is the operator',
      policy,
      change: [OTHERS, OTHERS.replace('!', 'false && !')],
      who: 'tenant',
      does,
    },
    {
      what: 'an account of the same name in another namespace is awaited',
      policy,
      change: ["subject.namespace + ':'", "'default:'"],
      who: 'operator',
      does,
    },
  ]),
  {
    what: 'anybody writes a status',
    policy: STATUS,
    change: ['false', 'true'],
    who: 'tenant',
    does: 'writes a status',
  },
  {
    what: 'the finalizer is anybody’s',
    policy: BINDINGS,
    change: ['!variables.wasFinalized || variables.isFinalized || variables.mayAbandon', 'true'],
    who: 'tenant',
    does: 'takes all finalizers off',
  },
  {
    what: 'a binding that has no finalizer must have it',
    policy: BINDINGS,
    change: ['!variables.wasFinalized ||', ''],
    who: 'tenant',
    does: 'replaces a binding that has no finalizer',
  },
  {
    what: 'no change keeps the finalizer',
    policy: BINDINGS,
    change: ['variables.isFinalized || variables.mayAbandon', 'variables.mayAbandon'],
    who: 'tenant',
    does: 'changes the spec',
  },
  {
    what: 'nobody takes the finalizer off',
    policy: BINDINGS,
    change: ['variables.isFinalized || variables.mayAbandon', 'variables.isFinalized'],
    who: 'administrator',
    does: 'takes all finalizers off',
  },
  {
    what: 'another right is asked for',
    policy: BINDINGS,
    change: [CHECK, "check('update')"],
    who: 'tenant',
    does: 'abandons',
  },
  {
    what: 'the annotation is anybody’s',
    policy: BINDINGS,
    change: ['!variables.isAbandoned || variables.wasAbandoned || variables.mayAbandon', 'true'],
    who: 'tenant',
    does: 'abandons',
  },
  {
    what: 'an abandoned binding is not to be touched',
    policy: BINDINGS,
    change: ['variables.wasAbandoned || variables.mayAbandon', 'variables.mayAbandon'],
    who: 'tenant',
    does: 'changes the spec of an abandoned binding',
  },
  {
    what: 'nobody abandons',
    policy: BINDINGS,
    change: ['variables.wasAbandoned || variables.mayAbandon', 'variables.wasAbandoned'],
    who: 'abandoner',
    does: 'abandons',
  },
  {
    what: 'any value abandons',
    policy: BINDINGS,
    change: [
      "object.metadata.?annotations[?'vmss-identity.dev/abandon'].orValue('') == 'true'",
      "'vmss-identity.dev/abandon' in object.metadata.?annotations.orValue({})",
    ],
    who: 'tenant',
    does: 'says that nothing is abandoned',
  },
  {
    what: 'a ledger is anybody’s',
    policy: LEDGERS,
    change: ["authorizer.requestResource.check('abandon').allowed()", 'true'],
    who: 'tenant',
    does: 'creates a ledger',
  },
  {
    what: 'nobody restores a ledger',
    policy: LEDGERS,
    change: ["authorizer.requestResource.check('abandon').allowed()", 'false'],
    who: 'restorer',
    does: 'creates a ledger',
  },
  {
    what: 'another version of a ledger is another record',
    policy: LEDGERS,
    change: ["request.operation == 'UPDATE' && object.spec == oldObject.spec", 'false'],
    who: 'tenant',
    does: 'writes a ledger anew as it is',
  },
  {
    what: 'any change leaves the record as it was',
    policy: LEDGERS,
    change: ["request.operation == 'UPDATE' && object.spec == oldObject.spec", "request.operation == 'UPDATE'"],
    who: 'tenant',
    does: 'changes a ledger',
  },
  {
    what: 'any scale set will do',
    policy: LEDGERS,
    change: ['microsoft[.]compute/virtualmachinescalesets', '.*'],
    who: 'restorer',
    does: 'creates a ledger of what is no scale set',
  },
  {
    what: 'any identity will do',
    policy: LEDGERS,
    change: ['microsoft[.]managedidentity/userassignedidentities', '.*'],
    who: 'restorer',
    does: 'creates a ledger of what is no identity',
  },
];

async function isRefused(who: Person, does: string): Promise<boolean> {
  const { write } = rowOf(does);
  return denialOf(await guarded.send(who, typeof write === 'function' ? write(stored) : write)) !== undefined;
}

/** Puts a rule in place of the one of its name, whatever stood there. */
async function put(policy: object): Promise<void> {
  const args = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '--filename', '-'];
  await guarded.kubectl(args, JSON.stringify(policy));
}

/** Of every text in an object. */
function withTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each) => withTexts(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withTexts(each, change)]));
}

function mutated(policy: Policy, [from, to]: Mutant['change']): object {
  const squeezed = (text: string): string => text.replaceAll(/\s+/g, ' ');
  const change = (text: string): string => (squeezed(text).includes(from) ? squeezed(text).replace(from, to) : text);
  const { validations, matchConditions, ...rest } = policy.spec;
  const changed = withTexts({ validations, matchConditions, ...rest }, change);
  return { ...policy, spec: changed };
}

/** One mutant of a rule at a time; of several rules at once. */
const turns = new Map<string, Promise<void>>();
function inTurn(policy: string, act: () => Promise<void>): Promise<void> {
  const before = turns.get(policy) ?? Promise.resolve();
  const turn = before.catch(() => undefined).then(act);
  turns.set(policy, turn);
  return turn;
}

async function isFound({ policy: name, change, who, does }: Mutant): Promise<void> {
  const policy = policies.find(({ metadata }) => metadata.name === name)!;
  const isRight = rowOf(does).refused.includes(who);
  const broken = mutated(policy, change);
  expect(broken).not.toEqual(policy);
  await put(broken);
  await eventually(`the ${who} to meet the broken rule`, async () => (await isRefused(who, does)) !== isRight);
  await put(policy);
  await eventually(`the ${who} to meet the rule again`, async () => (await isRefused(who, does)) === isRight);
}

/** The first of each rule, then the second of each, and so on. */
const interleaved = POLICIES.flatMap((policy) => [...mutants.filter((mutant) => mutant.policy === policy).entries()])
  .toSorted(([one], [other]) => one - other)
  .map(([, mutant]) => [`${mutant.policy}: ${mutant.what}`, mutant] as const);

describe.concurrent('a rule that is broken is found', () => {
  it.each(interleaved)('%s', (_, mutant) => inTurn(mutant.policy, () => isFound(mutant)));
});
