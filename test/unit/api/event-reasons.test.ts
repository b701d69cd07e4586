import { describe, expect, it } from 'vitest';

import { isCurrent } from '../../../dev/generate/events-docs.ts';
import { CHANGES, EVENTS } from '../../../src/api/event-reasons.ts';
import { isReason, REASONS_IN_ORDER } from '../../../src/api/reasons.ts';

describe('the reasons of events', () => {
  it('are words that Kubernetes takes, and none that a condition has', () => {
    for (const reason of Object.keys(EVENTS)) {
      expect(reason).toMatch(/^[A-Z][A-Za-z]{1,127}$/);
      expect(isReason(reason)).toBe(false);
    }
  });

  it('say in one line each what happened and what to do', () => {
    for (const { meaning, remedy } of Object.values(EVENTS)) {
      expect(meaning).toMatch(/^[A-Z][^\n]+\.$|^[A-Z][^\n]+\.md\.$/);
      expect(remedy).toMatch(/^[A-Z][^\n]+\.$/);
    }
  });
});

describe('a change of Ready', () => {
  it('is told for every reason of a condition', () => {
    expect(CHANGES.map(({ reason }) => reason)).toEqual(REASONS_IN_ORDER);
  });

  it.each([
    ['Assigned', 'Normal'],
    ['InSync', 'Normal'],
    ['Assigning', 'Normal'],
    ['Detaching', 'Normal'],
    ['IdentityMissing', 'Warning'],
    ['NotPermitted', 'Warning'],
    ['Suspended', 'AsItWas'],
  ])('to %s is a %s event', (reason, type) => {
    expect(CHANGES.find((each) => each.reason === reason)?.type).toBe(type);
  });
});

describe('docs/events.md', () => {
  it('is what `npm run generate` writes', async () => {
    expect(await isCurrent()).toBe(true);
  });
});
