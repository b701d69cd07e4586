import { describe, expect, it } from 'vitest';

import { handleControl } from '../../../dev/simulator/control/routes.ts';
import { armError, identity, read, simulatedAzure, webPath } from './azure.ts';

const attachA = { type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: {} } };
const gone = armError('NotFound', 'The entity was not found in this Azure location.');
const link = 'azure-asyncoperation';
const HOUR = 60 * 60 * 1_000;

describe('the links of an operation that has ended', () => {
  it('answer for a day', () => {
    const azure = simulatedAzure({ settings: { writeReply: 'Accepted' } });
    const { headers } = azure.patchIdentity(attachA);
    const statuses = () => [headers[link]!, headers['location']!].map((url) => azure.get(url).status);

    azure.wait(5_000 + 24 * HOUR - 1);
    expect(statuses()).toEqual([200, 200]);
    azure.wait(1);

    expect(statuses()).toEqual([404, 404]);
    expect(azure.get(headers[link]!).body).toEqual(gone);
  });

  it('answer as long as operationRetentionMs says, counted from its end', () => {
    const azure = simulatedAzure({ settings: { operationRetentionMs: 2_000 } });
    const poll = azure.patchIdentity(attachA).headers[link]!;

    azure.wait(6_999);
    expect(azure.get(poll).body.status).toBe('Succeeded');
    azure.wait(1);

    expect(azure.get(poll).status).toBe(404);
  });

  it('never answer with a result when nothing is kept, but do while it runs', () => {
    const azure = simulatedAzure({ settings: { operationRetentionMs: 0 } });
    const poll = azure.patchIdentity(attachA).headers[link]!;

    azure.wait(4_999);
    expect(azure.get(poll).body.status).toBe('InProgress');
    azure.wait(1);

    expect(azure.get(poll).status).toBe(404);
    expect(azure.get(webPath).body.properties['provisioningState']).toBe('Succeeded');
  });

  it('are forgotten altogether, so that operations do not pile up', () => {
    const azure = simulatedAzure({ settings: { operationRetentionMs: 1_000 } });
    for (let write = 0; write < 5; write += 1) {
      azure.patchIdentity(attachA);
      azure.wait(10_000);
    }

    expect(azure.state.operations.size).toBe(1);
  });
});

describe('expiring operations', () => {
  it('makes the link of one that has ended 404', () => {
    const azure = simulatedAzure();
    const poll = azure.patchIdentity(attachA).headers[link]!;
    azure.wait(5_000);

    azure.control.expireOperations();

    expect(azure.get(poll).body).toEqual(gone);
  });

  it('makes the link of one that runs 404, and lets it go on', () => {
    const azure = simulatedAzure();
    const poll = azure.patchIdentity(attachA).headers[link]!;

    azure.control.expireOperations(webPath);

    expect(azure.get(poll).status).toBe(404);
    expect(azure.get(webPath).body.properties['provisioningState']).toBe('Updating');
    azure.wait(5_000);
    expect(azure.get(webPath).body.properties['provisioningState']).toBe('Succeeded');
  });

  it('may be for one scale set only', () => {
    const azure = simulatedAzure({ scaleSets: [{ name: 'api' }] });
    const apiPath = webPath.replace(/web$/, 'api');
    const [web, api] = [webPath, apiPath].map((path) => azure.patch(path, { identity: attachA }).headers[link]!);

    azure.control.expireOperations(apiPath);

    expect([web, api].map((url) => azure.get(url!).status)).toEqual([200, 404]);
  });

  it('is told over HTTP', () => {
    const azure = simulatedAzure();
    const poll = azure.patchIdentity(attachA).headers[link]!;

    const url = 'http://127.0.0.1/_control/operations/expire';
    expect(handleControl(azure.control, { method: 'POST', url, headers: {}, body: '{}' })?.status).toBe(204);

    expect(azure.get(poll).status).toBe(404);
  });
});

describe('a poll', () => {
  it('may call what runs by another name', () => {
    const azure = simulatedAzure({ settings: { runningStatus: 'Updating' } });
    const poll = azure.patchIdentity(attachA).headers[link]!;

    expect(azure.get(poll).body.status).toBe('Updating');
    azure.wait(5_000);
    expect(azure.get(poll).body.status).toBe('Succeeded');
  });

  it('may be answered with a 500, which says nothing about the operation', () => {
    const azure = simulatedAzure();
    const poll = azure.patchIdentity(attachA).headers[link]!;
    azure.control.addFault({ match: { path: '/operations/' }, effect: { kind: 'status', status: 500 } });

    expect([1, 2].map(() => azure.get(poll).status)).toEqual([500, 200]);
  });

  it('may be answered with what is no JSON', () => {
    const azure = simulatedAzure();
    const poll = azure.patchIdentity(attachA).headers[link]!;
    const headers = { 'content-type': 'text/html' };
    azure.control.addFault({
      match: { path: '/operations/' },
      effect: { kind: 'status', status: 200, text: '<html>{', headers },
    });

    const answer = azure.send('GET', poll);

    expect(answer).toMatchObject({ status: 200, body: '<html>{', headers });
    expect(read(azure.send('GET', poll)).body.status).toBe('InProgress');
  });

  it('may be answered with JSON that has no status', () => {
    const azure = simulatedAzure();
    const poll = azure.patchIdentity(attachA).headers[link]!;
    azure.control.addFault({ match: { path: '/operations/' }, effect: { kind: 'status', status: 200, body: [] } });

    expect(azure.get(poll).body).toEqual([]);
  });
});
