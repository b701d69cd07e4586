import { describe, expect, it } from 'vitest';

import { authorityCheck } from '../../../src/azure/token-http.ts';

describe('the proof of who the operator is', () => {
  it.each([
    ['https://login.microsoftonline.com', 'https://login.microsoftonline.com/t/oauth2/v2.0/token'],
    ['https://login.microsoftonline.com', 'https://westeurope.login.microsoft.com/t/oauth2/v2.0/token'],
    ['https://login.windows.net', 'https://login.microsoftonline.com/t/oauth2/v2.0/token'],
    ['https://login.chinacloudapi.cn', 'https://login.partner.microsoftonline.cn/t/oauth2/v2.0/token'],
    ['https://login.private.example:8443/adfs', 'https://login.private.example:8443/adfs/oauth2/token'],
  ])('goes from the authority %s to %s', (authority, url) => {
    expect(authorityCheck(authority)(url)).toBe(true);
  });

  it.each([
    ['https://login.microsoftonline.com', 'https://login.microsoftonline.com.evil.example/t'],
    ['https://login.microsoftonline.com', 'https://evillogin.microsoftonline.com/t'],
    ['https://login.microsoftonline.com', 'http://login.microsoftonline.com/t'],
    ['https://login.microsoftonline.com', 'https://login.microsoftonline.com:8443/t'],
    ['https://login.microsoftonline.com', 'https://login.private.example/t'],
    ['https://login.private.example', 'https://login.microsoftonline.com/t'],
    ['https://login.private.example', 'https://login.private.example:8443/t'],
    ['https://login.private.example', 'http://login.private.example/t'],
  ])('does not go from the authority %s to %s', (authority, url) => {
    expect(authorityCheck(authority)(url)).toBe(false);
  });
});
