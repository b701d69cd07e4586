import { describe, expect, it } from 'vitest';

import { ARRAY_API_VERSION } from '../../../src/config/api-versions.ts';
import { type Answer, fakeAzure, NEVER } from './fake-azure.ts';
import { identityPath, scaleSetBody, scaleSetId } from './samples.ts';

const PATCH = { type: 'UserAssigned', userAssignedIdentities: { [identityPath('one')]: {} } } as const;
const SHOWN: Answer = { body: scaleSetBody({ etag: '"7"' }) };
const KEPT_BACK = { kind: 'rejected', code: 'ReadOnly', hadNoEffect: true };

describe('an operator that only reads', () => {
  it('sends no write, whoever asks for one, and says so in the log', async () => {
    const azure = fakeAzure([SHOWN], { readOnly: true });

    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER)).toMatchObject({
      ok: false,
      failure: KEPT_BACK,
    });
    expect(azure.sent).toEqual([]);
    expect(azure.warnings).toEqual(['a write was not sent: the operator runs with --read-only']);
  });

  it('gives no write a turn, so that none is put on record', () => {
    expect(fakeAzure([SHOWN], { readOnly: true }).port.placeForWrite(scaleSetId(), 1)).toMatchObject(KEPT_BACK);
  });

  it('sends none in the array shape either, though it reads before', async () => {
    const azure = fakeAzure([SHOWN], { readOnly: true, apiVersion: ARRAY_API_VERSION });
    const shown = await azure.port.getScaleSet(scaleSetId(), NEVER);
    const version = shown.ok ? (shown.value.etag ?? '') : '';

    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, version, NEVER)).toMatchObject({ failure: KEPT_BACK });
    expect(azure.sent.map(({ method }) => method)).toEqual(['GET', 'GET']);
  });

  it('reads as ever', async () => {
    const azure = fakeAzure([SHOWN], { readOnly: true });

    expect(await azure.port.getScaleSet(scaleSetId(), NEVER)).toMatchObject({ ok: true });
  });
});
