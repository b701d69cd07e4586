import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import {
  apiserverArguments,
  auditPolicy,
  controllerManagerArguments,
  etcdArguments,
} from '../../../dev/control-plane/components.ts';

describe('the apiserver', () => {
  it('listens on the loopback address alone, on the port it is given', () => {
    expect(apiserverArguments(23_456, undefined)).toEqual(
      expect.arrayContaining(['--bind-address=127.0.0.1', '--secure-port=23456']),
    );
  });

  it('lets nobody in without a credential or beyond its roles', () => {
    expect(apiserverArguments(1, undefined)).toEqual(
      expect.arrayContaining(['--anonymous-auth=false', '--authorization-mode=RBAC']),
    );
  });

  it('speaks to etcd where etcd listens', () => {
    const etcd = etcdArguments().find((argument) => argument.startsWith('--listen-client-urls='));
    expect(apiserverArguments(1, undefined)).toContain(etcd?.replace('--listen-client-urls', '--etcd-servers'));
  });

  it.each([
    ['everyone', true],
    ['service-accounts', true],
    [undefined, false],
  ] as const)('writes an audit log of %s: %s', (audited, expected) => {
    const written = apiserverArguments(1, audited).some((argument) => argument.startsWith('--audit-log-path='));
    expect(written).toBe(expected);
  });

  it('has in its audit log whose requests it is told to', () => {
    const [everyone, accounts] = [auditPolicy('everyone'), auditPolicy('service-accounts')];
    expect(parse(everyone)).toMatchObject({ rules: [{ level: 'Metadata' }] });
    expect(parse(accounts)).toMatchObject({ rules: [{ level: 'Metadata', userGroups: ['system:serviceaccounts'] }] });
    expect(everyone).not.toContain('userGroups');
  });
});

describe('etcd', () => {
  it('opens no network port', () => {
    const urls = etcdArguments().filter((argument) => argument.includes('-urls='));
    expect(urls.filter((argument) => !argument.includes('=unix://'))).toEqual([]);
  });
});

describe('the controller manager', () => {
  it('opens no network port', () => {
    expect(controllerManagerArguments()).toContain('--secure-port=0');
  });
});
