import { describe, expect, it } from 'vitest';

import { armError, identity, simulatedAzure, webPath } from './azure.ts';

const attachA = { type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: {} } };
const newPath = webPath.replace(/web$/, 'new');
const model = { location: 'westeurope' };
const ifMatch = (etag: string) => ({ headers: { 'if-match': etag } });
const ifNoneMatch = (etag: string) => ({ headers: { 'if-none-match': etag } });
const atOnce = { settings: { operationMs: 0 } };

describe('the etag of a scale set', () => {
  it('is a quoted integer that every accepted write moves on by one', () => {
    const azure = simulatedAzure(atOnce);
    const etags = [
      azure.put(newPath, model),
      azure.patch(newPath, { identity: attachA }),
      azure.patch(newPath, { identity: attachA }),
      azure.patch(newPath, { sku: { capacity: 2 } }),
      azure.put(newPath, model),
    ].map(({ headers }) => headers['etag']);

    expect(etags).toEqual(['"1"', '"2"', '"3"', '"4"', '"5"']);
  });

  it('moves on with a DELETE that takes time', () => {
    const azure = simulatedAzure();
    azure.del(webPath);

    expect(azure.get(webPath).headers['etag']).toBe('"2"');
  });

  it('stands still for reads, for writes that are refused, and when an operation ends', () => {
    const azure = simulatedAzure();
    azure.patchIdentity(attachA);
    azure.get(webPath);
    azure.patchIdentity(attachA);
    azure.patchIdentity({ type: 'nonsense' });
    azure.wait(5_000);

    expect(azure.get(webPath).headers['etag']).toBe('"2"');
  });

  it('is the same in the header and in the body', () => {
    const { headers, body } = simulatedAzure().patchIdentity(attachA);

    expect(body).toHaveProperty('etag', headers['etag']);
  });
});

describe('If-Match', () => {
  it('* lets a PATCH through where there is a resource, and is 404 where there is none', () => {
    const azure = simulatedAzure();

    expect(azure.patch(newPath, {}, ifMatch('*')).status).toBe(404);
    expect(azure.patchIdentity(attachA, ifMatch('*')).status).toBe(200);
  });

  it('of any value is 404 for a PATCH of what is not there', () => {
    expect(simulatedAzure().patch(newPath, {}, ifMatch('"1"')).status).toBe(404);
  });

  it.each(['*', '"1"'])('%s keeps a PUT from creating one', (etag) => {
    const azure = simulatedAzure();

    expect(azure.put(newPath, model, ifMatch(etag)).status).toBe(412);
    expect(azure.get(newPath).status).toBe(404);
  });

  it('that is empty is none', () => {
    expect(simulatedAzure().patchIdentity(attachA, ifMatch('')).status).toBe(200);
  });

  it('has to be quoted as it was given', () => {
    const reply = simulatedAzure().patchIdentity(attachA, ifMatch('1'));

    expect(reply.status).toBe(412);
    expect(reply.body).toEqual(
      armError('PreconditionFailed', 'Etag provided in if-match header 1 does not match etag "1" of resource.'),
    );
  });

  it('guards a DELETE too, but not one of what is not there', () => {
    const azure = simulatedAzure();

    expect(azure.del(webPath, ifMatch('"7"')).status).toBe(412);
    expect(azure.del(newPath, ifMatch('"7"')).status).toBe(204);
    expect(azure.del(webPath, ifMatch('"1"')).status).toBe(202);
  });

  it('is looked at before the conflict with an operation that runs', () => {
    const azure = simulatedAzure();
    azure.patchIdentity(attachA);

    expect(azure.patchIdentity(attachA, ifMatch('"1"')).status).toBe(412);
    expect(azure.patchIdentity(attachA, ifMatch('"2"')).status).toBe(409);
  });
});

describe('If-None-Match', () => {
  it('* lets a PUT create, and never replace', () => {
    const azure = simulatedAzure(atOnce);

    expect(azure.put(newPath, model, ifNoneMatch('*')).status).toBe(201);
    const again = azure.put(newPath, model, ifNoneMatch('*'));

    expect(again.status).toBe(412);
    expect(again.body).toEqual(
      armError('PreconditionFailed', 'Etag provided in if-none-match header * matches etag "1" of resource.'),
    );
  });

  it('stops a write whose etag is that of the resource, and no other', () => {
    const azure = simulatedAzure(atOnce);

    expect(azure.patchIdentity(attachA, ifNoneMatch('"1"')).status).toBe(412);
    expect(azure.patchIdentity(attachA, ifNoneMatch('"7"')).status).toBe(200);
  });
});
