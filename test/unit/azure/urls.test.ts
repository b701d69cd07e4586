import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createArmUrls } from '../../../src/azure/urls.ts';
import { parseScaleSetId } from '../../../src/identity/arm-id.ts';
import { identityId, scaleSetId, scaleSetPath, SUBSCRIPTION } from './samples.ts';

const url = createArmUrls('https://management.azure.com/', '2024-11-01');

describe('the URL of a resource', () => {
  it('is made of the parsed id, with the api-version of its provider', () => {
    expect(url({ to: 'scaleSet', id: scaleSetId() })).toBe(
      `https://management.azure.com${scaleSetPath()}?api-version=2024-11-01`,
    );
    expect(url({ to: 'identity', id: identityId('one'), apiVersion: '2026-04-30' })).toMatch(
      /\/userAssignedIdentities\/one\?api-version=2026-04-30$/,
    );
    expect(url({ to: 'permissionsAt', scope: identityId('one') })).toMatch(
      /\/userAssignedIdentities\/one\/providers\/Microsoft\.Authorization\/permissions\?api-version=2022-04-01$/,
    );
    expect(url({ to: 'scaleSetsOf', subscriptionId: SUBSCRIPTION })).toBe(
      `https://management.azure.com/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachineScaleSets?api-version=2024-11-01`,
    );
  });

  it('of a list is that of a subscription, or of one of its resource groups', () => {
    const scope = { subscriptionId: SUBSCRIPTION, resourceGroup: 'shop (test)' };
    expect(url({ to: 'scaleSetsOf', ...scope })).toBe(
      `https://management.azure.com/subscriptions/${SUBSCRIPTION}/resourceGroups/shop%20(test)/providers/Microsoft.Compute/virtualMachineScaleSets?api-version=2024-11-01`,
    );
    expect(url({ to: 'identitiesOf', subscriptionId: SUBSCRIPTION, apiVersion: '2026-04-30' })).toBe(
      `https://management.azure.com/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ManagedIdentity/userAssignedIdentities?api-version=2026-04-30`,
    );
  });

  it('is spelled as ARM spells it, however the id was', () => {
    const parsed = parseScaleSetId(scaleSetPath().toUpperCase());
    if (!parsed.ok) throw new Error(parsed.problem);
    expect(url({ to: 'scaleSet', id: parsed.id })).toContain(
      '/providers/Microsoft.Compute/virtualMachineScaleSets/WEB?',
    );
  });

  it('lies below the path of the endpoint', () => {
    const below = createArmUrls('https://azure.local:8443/arm/', '2024-11-01');
    expect(below({ to: 'scaleSet', id: scaleSetId() })).toMatch(/^https:\/\/azure\.local:8443\/arm\/subscriptions\//);
  });

  it('is not made for a subscription that is no GUID', () => {
    expect(() => url({ to: 'scaleSetsOf', subscriptionId: '../x' })).toThrow(TypeError);
  });

  it('is not made for an endpoint in the clear', () => {
    expect(() => createArmUrls('http://management.azure.com', '2024-11-01')).toThrow(TypeError);
  });
});

describe('a link that a server gave', () => {
  const PATH = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Compute/locations/westeurope/operations/op`;

  it.each([
    `https://management.azure.com${PATH}?p=1&s=a%2Bb%3D&t=638`,
    `https://management.azure.com:443${PATH}?s=x`,
    `HTTPS://MANAGEMENT.AZURE.COM${PATH}`,
  ])('is followed to the endpoint: %s', (link) => {
    expect(new URL(url({ to: 'link', link }) ?? 'about:blank').origin).toBe('https://management.azure.com');
  });

  it('is followed to the endpoint whose name it spells in other letters, under its own name', () => {
    const link = `https://\uff4danagement.azure.com${PATH}`;
    expect(url({ to: 'link', link })).toBe(`https://management.azure.com${PATH}`);
  });

  it('keeps its signature as it is', () => {
    const link = `https://management.azure.com${PATH}?p=a&api-version=2024-11-01&t=638&c=MIIH%2B%2F~_-.&s=A-b_c%3D%3D&h=x`;
    expect(url({ to: 'link', link })).toBe(link);
  });

  it.each([
    ['another host', `https://evil.example${PATH}`],
    ['a host that begins alike', `https://management.azure.com.evil.example${PATH}`],
    ['a host that ends alike', `https://evilmanagement.azure.com${PATH}`],
    ['a host with a dot at its end', `https://management.azure.com.${PATH}`],
    ['another port', `https://management.azure.com:8443${PATH}`],
    ['http', `http://management.azure.com${PATH}`],
    ['http on the port of https', `http://management.azure.com:443${PATH}`],
    ['the host as a user name', `https://management.azure.com@evil.example${PATH}`],
    ['the host as a user name with a port', `https://management.azure.com:443@evil.example${PATH}`],
    ['a user name before the host', `https://user@management.azure.com${PATH}`],
    ['a password before the host', `https://:secret@management.azure.com${PATH}`],
    ['no scheme', `//evil.example${PATH}`],
    ['no host', PATH],
    [
      'a backslash for a host',
      `https://management.azure.com\\@evil.example${PATH}`.replace('management.azure.com\\@', '\\\\'),
    ],
    ['another scheme', 'file:///etc/passwd'],
    ['a script', 'javascript:alert(1)'],
    ['data', 'data:application/json,{}'],
    ['nothing', ''],
    ['too much', `https://management.azure.com/?${'x'.repeat(20_000)}`],
    ['a line break in its query', `https://management.azure.com${PATH}?s=a\r\nhost: evil.example`],
    ['a line break in its host', `https://management\n.azure.com${PATH}`],
    ['a line break at its end', `https://management.azure.com${PATH}\n`],
    ['a tab', `https://management.azure.com\t${PATH}`],
    ['a zero', `https://management.azure.com${PATH}\0`],
    ['a letter that looks alike', `https://management.\u0430zure.com${PATH}`],
    ['a letter that looks alike, in punycode', `https://management.xn--zure-63d.com${PATH}`],
    ['another name for it', `https://management.azure.com%2eevil.example${PATH}`],
  ])('is not followed: %s', (_, link) => {
    expect(url({ to: 'link', link })).toBeUndefined();
  });

  it('never leads to another origin, whatever it is', () => {
    const part = fc.constantFrom(
      'https:',
      'http:',
      '//',
      '/',
      '\\',
      '@',
      ':',
      '443',
      'management.azure.com',
      'evil.example',
      '?',
      '#',
      '\t',
      '.',
      '%40',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const made = url({ to: 'link', link: parts.join('') });
        if (made !== undefined) expect(made).toMatch(/^https:\/\/management\.azure\.com\//);
      }),
      { numRuns: 2000 },
    );
  });
});
