import { describe, expect, it } from 'vitest';

import advisories from '../../../dev/supply-chain/advisories.json' with { type: 'json' };
import { type AuditReport, type Explained, verdictOn } from '../../../dev/supply-chain/audit-verdict.ts';

const TODAY = '2026-12-01';
const advisory = {
  url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
  title: 'Reads too much',
  severity: 'high',
  name: 'parser',
};
const report: AuditReport = { vulnerabilities: { parser: { via: [advisory] }, user: { via: ['parser'] } } };
const explained = (change: Partial<Explained> = {}): readonly Explained[] => [
  { id: 'GHSA-aaaa-bbbb-cccc', package: 'parser', reason: 'is given no input', until: '2026-12-01', ...change },
];

describe('an advisory', () => {
  it('that nobody has explained is found, once for all who use the package', () => {
    expect(verdictOn(report, [], TODAY)).toEqual({
      kind: 'findings',
      findings: ['GHSA-aaaa-bbbb-cccc (high) in parser: Reads too much'],
    });
  });

  it('that is explained is not, to the last day that counts', () => {
    expect(verdictOn(report, explained(), TODAY)).toEqual({ kind: 'clean', explained: 1 });
  });

  it('is found again the day after', () => {
    expect(verdictOn(report, explained({ until: '2026-11-30' }), TODAY)).toMatchObject({
      findings: [expect.stringContaining('it was explained until 2026-11-30')],
    });
  });

  it('is explained for one package, and not for another that has it', () => {
    expect(verdictOn(report, explained({ package: 'other' }), TODAY)).toMatchObject({
      findings: [expect.stringContaining('in parser'), expect.stringContaining('in other is explained')],
    });
  });

  it('that is explained and gone has to be taken out', () => {
    expect(verdictOn({ vulnerabilities: {} }, explained(), TODAY)).toMatchObject({
      findings: [expect.stringContaining('nobody reports it any more')],
    });
  });
});

describe('a registry that takes no such questions', () => {
  it('passes nothing', () => {
    expect(verdictOn({ message: '405 Method Not Allowed' }, [], TODAY)).toEqual({
      kind: 'unasked',
      because: '405 Method Not Allowed',
    });
  });
});

describe('advisories.json', () => {
  it('says of each why, and until when', () => {
    const isWhole = ({ id, reason, until }: Explained): boolean =>
      /^GHSA(?:-\w{4}){3}$/.test(id) && reason.length > 20 && /^\d{4}-\d\d-\d\d$/.test(until);
    expect((advisories as readonly Explained[]).filter((each) => !isWhole(each))).toEqual([]);
  });
});
