import { describe, expect, it } from 'vitest';

import { origin, simulatedAzure } from './azure.ts';

const path = '/metadata/endpoints';
const audiences = ['https://management.azure.com/', 'https://management.core.windows.net/'];

describe('GET /metadata/endpoints', () => {
  it('tells without a token where the cloud has its parts, all on the host that was asked', () => {
    const reply = simulatedAzure().get(path, { version: '2022-09-01', token: '' });

    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      name: 'SimulatedAzure',
      resourceManager: `${origin}/`,
      authentication: { loginEndpoint: origin, audiences, tenant: 'common', identityProvider: 'AAD' },
      suffixes: {},
    });
  });

  it('is a list of clouds before 2022-09-01', () => {
    const { body } = simulatedAzure().get(path, { version: '2019-05-01', token: '' });

    expect(body).toMatchObject([{ name: 'SimulatedAzure', resourceManager: `${origin}/` }]);
  });

  it('is four members in the first version', () => {
    const { body } = simulatedAzure().get(path, { version: '2015-01-01', token: '' });

    expect(body).toEqual({
      galleryEndpoint: `${origin}/`,
      graphEndpoint: `${origin}/`,
      portalEndpoint: `${origin}/`,
      authentication: { loginEndpoint: `${origin}/`, audiences },
    });
  });

  it('names the audiences that are set', () => {
    const azure = simulatedAzure({ settings: { armAudiences: ['https://management.chinacloudapi.cn'] } });

    expect(azure.get(path, { version: '2022-09-01', token: '' }).body).toMatchObject({
      authentication: { audiences: ['https://management.chinacloudapi.cn/'] },
    });
  });

  it('needs an api-version', () => {
    const reply = simulatedAzure().get(path, { version: '', token: '' });

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe('MissingApiVersionParameter');
  });

  it('takes no other method', () => {
    expect(simulatedAzure().put(path, {}, { token: '' }).status).toBe(405);
  });
});
