import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Reply } from '../crds/cluster.ts';
import { type Guarded, openGuarded } from './guarded-cluster.ts';
import type { Person } from './people.ts';
import { componentPolicies, type Denial, denialOf } from './policies.ts';
import { type Stored, storeSubjects } from './subjects.ts';
import { type Row, rows } from './writes.ts';

/** Who may write what, with every right that Kubernetes itself can give: what is left is the rules'. Nothing is stored. */
let guarded: Guarded;
let stored: Stored;
beforeAll(async () => {
  guarded = await openGuarded();
  stored = await storeSubjects(guarded);
});
afterAll(() => guarded.close());

const send = (who: Person, { write }: Row): Promise<Reply> =>
  guarded.send(who, typeof write === 'function' ? write(stored) : write);

const verdict = async (who: Person, row: Row): Promise<Denial | undefined> => denialOf(await send(who, row));

const allowed = rows.flatMap((row) => row.allowed.map((who) => [who, row.what, row] as const));
const refused = rows.flatMap((row) => row.refused.map((who) => [who, row.what, row] as const));

describe('the rules', () => {
  it.each(allowed)('allow that the %s %s', async (who, _, row) => {
    expect(await verdict(who, row)).toBeUndefined();
  });

  it.each(refused)('refuse that the %s %s, and say why', async (who, _, row) => {
    const denial = await verdict(who, row);
    expect(denial?.policy).toBe(row.rule?.policy);
    for (const words of row.says ?? []) expect(denial?.message).toContain(words);
  });

  it('are each of them what refuses something', async () => {
    const all = (await componentPolicies()).flatMap(({ metadata, spec }) =>
      spec.validations.map((_, validation) => ({ policy: metadata.name, validation })),
    );
    expect(all.length).toBeGreaterThan(5);
    for (const rule of all) expect(rows.map((row) => row.rule)).toContainEqual(rule);
  });

  it('refuse nothing for want of an answer: what they cannot evaluate is refused', async () => {
    for (const { spec } of await componentPolicies()) expect(spec.failurePolicy).toBe('Fail');
  });
});
