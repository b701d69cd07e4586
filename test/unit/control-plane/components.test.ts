import { describe, expect, it } from 'vitest';

import {
  apiserverArguments,
  controllerManagerArguments,
  etcdArguments,
} from '../../../dev/control-plane/components.ts';

describe('the apiserver', () => {
  it('listens on the loopback address alone, on the port it is given', () => {
    expect(apiserverArguments(23_456, false)).toEqual(
      expect.arrayContaining(['--bind-address=127.0.0.1', '--secure-port=23456']),
    );
  });

  it('lets nobody in without a credential or beyond its roles', () => {
    expect(apiserverArguments(1, false)).toEqual(
      expect.arrayContaining(['--anonymous-auth=false', '--authorization-mode=RBAC']),
    );
  });

  it('speaks to etcd where etcd listens', () => {
    const etcd = etcdArguments().find((argument) => argument.startsWith('--listen-client-urls='));
    expect(apiserverArguments(1, false)).toContain(etcd?.replace('--listen-client-urls', '--etcd-servers'));
  });

  it.each([true, false])('writes an audit log: %s', (auditLog) => {
    const written = apiserverArguments(1, auditLog).some((argument) => argument.startsWith('--audit-log-path='));
    expect(written).toBe(auditLog);
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
