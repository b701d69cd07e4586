import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { askedForBy, readAuditLog } from '../../../dev/deploy/audit-log.ts';

const USER = 'system:serviceaccount:vmss-identity-system:vmss-identity-operator';
const ALLOW = { 'authorization.k8s.io/decision': 'allow' };

interface Line {
  readonly user?: string;
  readonly verb?: string;
  readonly requestURI?: string;
  readonly objectRef?: object;
  readonly annotations?: object;
}

const line = ({ user = USER, verb = 'get', requestURI = '/', ...rest }: Line): string =>
  `${JSON.stringify({ kind: 'Event', verb, requestURI, user: { username: user }, ...rest })}\n`;

it('a request is what was asked for, and whether the authorizer let it', () => {
  const status = { resource: 'things', subresource: 'status', apiGroup: 'example.com', namespace: 'shop', name: 'one' };
  const log = [
    line({ verb: 'patch', objectRef: status, annotations: ALLOW }),
    line({ verb: 'list', objectRef: { resource: 'pods' }, annotations: { 'authorization.k8s.io/decision': 'forbid' } }),
  ].join('');
  expect(askedForBy(USER, log)).toEqual([
    { verb: 'patch', group: 'example.com', resource: 'things/status', namespace: 'shop', name: 'one', isAllowed: true },
    { verb: 'list', group: '', resource: 'pods', isAllowed: false },
  ]);
});

it('what has no kind is told by its path', () => {
  expect(askedForBy(USER, line({ requestURI: '/version?timeout=32s', annotations: ALLOW }))).toEqual([
    { verb: 'get', group: '', resource: '/version', isAllowed: true },
  ]);
});

it('what others ask for is left out, also that of whose name begins alike', () => {
  const log = line({ user: 'admin' }) + line({ user: `${USER}-2` });
  expect(askedForBy(USER, log)).toEqual([]);
});

it('the log is all of its files, up to the last line that is whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'audit-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'audit-2026-03-01T10-00-00.000.log'), 'first\n');
  await writeFile(join(folder, 'audit.log'), 'second\nhalf wri');
  await writeFile(join(folder, 'etcd.log'), 'of another\n');
  expect(await readAuditLog(join(folder, 'audit.log'))).toBe('first\nsecond\n');
});
