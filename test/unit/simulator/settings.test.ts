import { describe, expect, it } from 'vitest';

import { handleControl } from '../../../dev/simulator/control/routes.ts';
import { checkSettings } from '../../../dev/simulator/seed-check.ts';
import { defaultSettings } from '../../../dev/simulator/settings.ts';
import { armError, identity, simulatedAzure } from './azure.ts';

function controlled(azure = simulatedAzure()) {
  return (method: string, path: string, body: unknown) =>
    handleControl(azure.control, {
      method,
      url: `http://127.0.0.1/_control/${path}`,
      headers: {},
      body: JSON.stringify(body),
    });
}

describe('settings', () => {
  it('are right as they are by default', () => {
    expect(checkSettings(defaultSettings)).toEqual([]);
  });

  it.each([
    ['writeReply', ['AsyncOperation', 'Accepted', 'AcceptedLocation', 'Bare']],
    ['retryAfterForm', ['Seconds', 'HttpDate']],
    ['concurrentWrites', ['Conflict', 'Preempt']],
    ['preemptedStatus', ['Canceled', 'Failed']],
    ['nullInPut', ['Accepted', 'Refused']],
    ['deletedIdentity', ['OldIds', 'NullIds', 'AbsentIds']],
    ['deadIdentityBlocksWrites', ['Never', 'FailedIdentityOperation', 'LinkedAuthorizationFailed']],
    ['noneIdentity', ['Absent', 'TypeNone']],
    ['idCasing', ['AsSent', 'Lower', 'LowerResourcegroups', 'UpperGroups']],
    ['bodySize', ['Small', 'Real']],
  ])('have for %s the values %j, and no other', (name, values) => {
    const ask = controlled();

    for (const value of values) {
      expect(ask('POST', 'settings', { [name]: value })).toMatchObject({ status: 200, body: { [name]: value } });
    }
    expect(ask('POST', 'settings', { [name]: 'Else' })).toMatchObject({
      status: 400,
      body: { error: `${name}: must be ${values.join(' or ')}, not "Else"` },
    });
  });

  it.each(['writeRetryAfterSeconds', 'pollRetryAfterSeconds'])('have for %s a number of seconds, or null', (name) => {
    const ask = controlled();

    for (const value of [0, 17, null]) {
      expect(ask('POST', 'settings', { [name]: value })).toMatchObject({ status: 200, body: { [name]: value } });
    }
    expect(ask('POST', 'settings', { [name]: 'soon' })?.status).toBe(400);
  });

  it('may be told in a seed', () => {
    const azure = simulatedAzure({ settings: { writeReply: 'Bare', listLagMs: 7, operationRetentionMs: 8 } });

    expect(azure.control.settings()).toMatchObject({ writeReply: 'Bare', listLagMs: 7, operationRetentionMs: 8 });
  });
});

describe('the control API over HTTP', () => {
  it('plans what the location of a failed operation answers', () => {
    const azure = simulatedAzure({ settings: { writeReply: 'AcceptedLocation' } });
    const outcome = { kind: 'Fail', code: 'TooManyRequests', message: 'Later.', httpStatus: 429, status: 'Failed' };
    controlled(azure)('POST', 'operations/plan', { outcome });
    const { location } = azure.patchIdentity({ type: 'SystemAssigned' }).headers;

    azure.wait(5_000);

    expect(azure.get(location!)).toMatchObject({ status: 429, body: armError('TooManyRequests', 'Later.') });
  });

  it('injects answers that are no JSON', () => {
    const azure = simulatedAzure();
    controlled(azure)('POST', 'faults', { effect: { kind: 'status', status: 200, text: '<html>' } });

    expect(azure.send('GET', identity('a'))).toMatchObject({ status: 200, body: '<html>' });
  });
});
