import { describe, expect, it } from 'vitest';

import { azureNeeds } from '../../../src/check/azure-needs.ts';
import {
  ASSIGN_IDENTITY,
  READ_IDENTITY,
  READ_SCALE_SET,
  WRITE_SCALE_SET,
} from '../../../src/identity/azure-actions.ts';
import { allowing, bound, identity, scaleSet } from './samples.ts';

const [web, api] = [scaleSet('web'), scaleSet('api')];
const [one, two] = [identity('one'), identity('two')];

/** What is needed, by the names of the resources. */
const needed = (...given: Parameters<typeof azureNeeds>): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(azureNeeds(...given).needs.map(({ id, actions }) => [id.name, actions]));

describe('what bindings need in Azure', () => {
  it('is to read and write the scale set, and to read and assign the identities', () => {
    expect(needed([bound(web, [one])], [allowing()])).toEqual({
      web: [READ_SCALE_SET, WRITE_SCALE_SET],
      one: [READ_IDENTITY, ASSIGN_IDENTITY],
    });
  });

  it('names each resource once, whoever binds it, in whatever case', () => {
    const shouted = { ...web, resourceId: web.resourceId.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions') };
    const { needs } = azureNeeds([bound(web, [one]), bound(shouted, [one, two])], [allowing()]);
    expect(needs.map(({ id }) => id.name)).toEqual(['web', 'one', 'two']);
  });

  it('is to read, where it is only observed', () => {
    const observing = { managementPolicy: 'Observe' } as const;
    expect(needed([bound(web, [one], observing)], [allowing()])).toEqual({
      web: [READ_SCALE_SET],
      one: [READ_IDENTITY],
    });
  });

  it('is to write, where one observes and another does not', () => {
    const observing = { managementPolicy: 'Observe' } as const;
    expect(needed([bound(web, [], observing), bound(web, [])], [allowing()])).toEqual({
      web: [READ_SCALE_SET, WRITE_SCALE_SET],
    });
  });

  it('is nothing for a scale set that no policy allows the namespace, which is counted', () => {
    const bindings = [bound(web, [one]), bound(api, [two], { namespace: 'other' })];
    expect(needed(bindings, [allowing()])).toEqual({
      web: [READ_SCALE_SET, WRITE_SCALE_SET],
      one: [READ_IDENTITY, ASSIGN_IDENTITY],
    });
    expect(azureNeeds(bindings, [allowing()]).notPermitted).toBe(1);
  });

  it('is nothing for an identity that no policy allows', () => {
    const policy = allowing({ userAssigned: [one.resourceId] });
    expect(Object.keys(needed([bound(web, [one, two])], [policy]))).toEqual(['web', 'one']);
  });
});
