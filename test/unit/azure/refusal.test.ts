import { describe, expect, it } from 'vitest';

import { classifyOperation, classifyReply } from '../../../src/azure/errors.ts';
import type { Failure } from '../../../src/reconcile/azure-port.ts';
import { errorBody, identityPath, OTHER_SUBSCRIPTION, scaleSetPath, SUBSCRIPTION } from './samples.ts';

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';

function refusal(status: number, code: string, message: string, requestIds: readonly string[]): Failure {
  const asked = { scope: scaleSetPath(), requestIds, nowMs: 0 };
  return classifyReply({ status, body: errorBody(code, message), headers: new Map<string, string>() }, asked);
}

function linked(scopes: string, requestIds: readonly string[], action = ASSIGN): Failure {
  const text = `The client 'c' with object id 'o' has permission to perform action 'Microsoft.Compute/virtualMachineScaleSets/write' on scope '${scaleSetPath()}'; however, it does not have permission to perform action '${action}' on the linked scope(s) '${scopes}' or the linked scope(s) are invalid.`;
  return refusal(403, 'LinkedAuthorizationFailed', text, requestIds);
}

function failedIdentity(inner: string, requestIds: readonly string[], status = 'BadRequest'): Failure {
  const text = `Identity operation for resource '${scaleSetPath()}' failed with error 'Failed to perform resource identity operation. Status: '${status}'. Response: '${inner}'.'.`;
  return refusal(400, 'FailedIdentityOperation', text, requestIds);
}

const [one, two, three] = [identityPath('one'), identityPath('two'), identityPath('three')];

describe('a LinkedAuthorizationFailed', () => {
  it('refuses the identities that it lists', () => {
    const failure = linked(`${one},${two}`, [one, two, three]);
    expect(failure).toMatchObject({
      kind: 'identityRefused',
      identityIds: [one, two],
      action: ASSIGN,
      hadNoEffect: true,
    });
  });

  it('lists them in any case, and they are told as the request spells them', () => {
    expect(linked(one.toUpperCase(), [one]).identityIds).toEqual([one]);
  });

  it.each(['rg.with.dots', 'rg-(parens)', 'under_score'])('lists one in the resource group %s', (group) => {
    const id = identityPath('one', group);
    expect(linked(`${id},${two}`, [id, two]).identityIds).toEqual([id, two]);
  });

  it.each([
    ['beside another', `Microsoft.Network/virtualNetworks/subnets/join/action,${ASSIGN}`],
    ['beside another, with a space', `Microsoft.Network/virtualNetworks/subnets/join/action, ${ASSIGN}`],
    ['in another case', ASSIGN.toUpperCase()],
  ])('is about identities where the right to assign is refused %s', (_, actions) => {
    expect(linked(one, [one], actions)).toMatchObject({ kind: 'identityRefused', identityIds: [one] });
  });

  it('is about identities in the newer wording, too', () => {
    const text = `The client has permission to perform action 'Microsoft.Compute/virtualMachineScaleSets/write' on scope '${scaleSetPath()}'; however, it does not have permission to perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action,${ASSIGN}' on the linked scope(s) '/subscriptions/${SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/s,${two}' (respectively) or the linked scope(s) are invalid (respectively).`;
    expect(refusal(403, 'LinkedAuthorizationFailed', text, [one, two])).toMatchObject({
      kind: 'identityRefused',
      identityIds: [two],
      action: ASSIGN,
    });
  });

  it('lists one in a resource group with spaces that is not of the request', () => {
    expect(linked(`${identityPath('one', 'my own group')},${two}`, [two]).identityIds).toEqual([two]);
  });

  it('lists one whose slashes are doubled', () => {
    const doubled = one.replace('/resourceGroups', '//resourcegroups');
    expect(linked(doubled, [one, two]).identityIds).toEqual([one]);
  });

  it.each(["', '", '","', '\\n', ' and '])('tells two ids apart that are listed with %j between them', (between) => {
    const listed = [one, identityPath('two', 'rg(1).x')].join(between);
    expect(linked(listed, [one, identityPath('two', 'rg(1).x')]).identityIds).toHaveLength(2);
  });

  it('makes no id of the end of one quotation and the beginning of another', () => {
    const text = `'/subscriptions/${SUBSCRIPTION}/resourceGroups/a', and '/providers/Microsoft.ManagedIdentity/userAssignedIdentities/x'`;
    expect(linked(text, [one])).toMatchObject({ kind: 'identityRefused', identityIds: [] });
  });

  it('does not take a letter that only folds to one of ours for it', () => {
    const kelvin = identityPath('bank');
    expect(linked(kelvin.replace('bank', 'ban\u212a'), [kelvin]).identityIds).not.toContain(kelvin);
  });

  it('is not confused by a name that another name begins with', () => {
    expect(linked(identityPath('one-more'), [one, two])).toMatchObject({
      kind: 'blockedByForeignIdentity',
      identityIds: [identityPath('one-more')],
    });
  });

  it('refuses every identity of the request that lies in a linked subscription', () => {
    const elsewhere = identityPath('four', 'g', OTHER_SUBSCRIPTION);
    expect(linked(`/subscriptions/${OTHER_SUBSCRIPTION}`, [one, elsewhere])).toMatchObject({
      kind: 'identityRefused',
      identityIds: [elsewhere],
    });
  });

  it('refuses every identity of the request that lies in a linked resource group', () => {
    const other = identityPath('four', 'group-b');
    expect(linked(`/subscriptions/${SUBSCRIPTION}/resourcegroups/IDENTITIES/`, [one, other]).identityIds).toEqual([
      one,
    ]);
  });

  it('refuses the identities in a subscription of another tenant', () => {
    const elsewhere = identityPath('four', 'g', OTHER_SUBSCRIPTION);
    const text = `The client 'c' has permission to perform action 'Microsoft.Compute/virtualMachineScaleSets/write' on scope '${scaleSetPath()}'; however, the current tenant 't' is not authorized to access linked subscription '${OTHER_SUBSCRIPTION}'.`;
    expect(refusal(403, 'LinkedAuthorizationFailed', text, [one, elsewhere])).toMatchObject({
      kind: 'identityRefused',
      identityIds: [elsewhere],
    });
  });

  it('refuses unnamed identities when it cannot be read further', () => {
    expect(linked('?', [one, two])).toMatchObject({ kind: 'identityRefused', identityIds: [] });
  });

  it('is a missing right when it is about something else than an identity', () => {
    const subnet = `/subscriptions/${SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/s`;
    const failure = linked(subnet, [one], 'Microsoft.Network/virtualNetworks/subnets/join/action');
    expect(failure).toMatchObject({
      kind: 'notAuthorised',
      identityIds: [],
      action: 'Microsoft.Network/virtualNetworks/subnets/join/action',
    });
  });

  it('is read the same from an operation that failed', () => {
    const message = `it does not have permission to perform action '${ASSIGN}' on the linked scope(s) '${one}' or the linked scope(s) are invalid.`;
    const asked = { scope: scaleSetPath(), requestIds: [one, two], nowMs: 0 };
    const failure = classifyOperation(
      'Failed',
      { code: 'LinkedAuthorizationFailed', message },
      new Map<string, string>(),
      asked,
    );
    expect(failure).toMatchObject({ kind: 'identityRefused', identityIds: [one], hadNoEffect: false });
  });
});

describe('a FailedIdentityOperation', () => {
  const gone = (id: string): string => `{"error":{"code":"BadRequest","message":"Resource '${id}' was not found."}}`;

  it('refuses the identity of the request that its inner error names', () => {
    expect(failedIdentity(gone(one), [one, two])).toMatchObject({ kind: 'identityRefused', identityIds: [one] });
  });

  it('names it even where the inner error is escaped', () => {
    const escaped = gone(identityPath('one', 'rg.(1)'))
      .replaceAll('/', '\\/')
      .replaceAll("'", '\\u0027')
      .replaceAll('"', '\\"');
    const id = identityPath('one', 'rg.(1)');
    expect(failedIdentity(escaped, [id]).identityIds).toEqual([id]);
  });

  it('is blocked by an identity that is not in the request', () => {
    expect(failedIdentity(gone(three), [one])).toMatchObject({
      kind: 'blockedByForeignIdentity',
      identityIds: [three],
    });
  });

  it('drops its own first when it names both', () => {
    const both = `${gone(three)}${gone(two)}`;
    expect(failedIdentity(both, [one, two])).toMatchObject({ kind: 'identityRefused', identityIds: [two] });
  });

  it('names an identity by type, name and group alone', () => {
    const inner =
      "The Resource 'Microsoft.ManagedIdentity/userAssignedIdentities/one' under resource group 'Identities' was not found.";
    expect(failedIdentity(inner, [one, two])).toMatchObject({ kind: 'identityRefused', identityIds: [one] });
    expect(failedIdentity(inner, [two])).toMatchObject({ kind: 'blockedByForeignIdentity', identityIds: [] });
  });

  it('is a throttle when its text says so, whatever else it names', () => {
    const inner = `Request for '${one}' is temporarily throttled. Retry after 20 seconds.`;
    expect(failedIdentity(inner, [one], 'TooManyRequests')).toMatchObject({ kind: 'throttled', retryAfterMs: 20_000 });
  });

  it('is a fault of Azure when the identity service had one', () => {
    expect(failedIdentity('', [one], 'InternalServerError').kind).toBe('transient');
  });

  it('refuses unnamed identities when it names none', () => {
    expect(failedIdentity('The tenant is not valid.', [one])).toMatchObject({
      kind: 'identityRefused',
      identityIds: [],
    });
  });

  it('rejects a request that carries no identities', () => {
    expect(failedIdentity('No.', []).kind).toBe('rejected');
  });

  it('rejects a request with more than 150 identities', () => {
    const text = "User Assigned Identities Number '151' Assign exceed limit '150' in one request.";
    expect(refusal(400, 'FailedIdentityOperation', text, [one]).kind).toBe('rejected');
  });
});

describe('the message of a refusal', () => {
  it('holds no id of an identity, for it reaches the status of other namespaces', () => {
    const messages = [linked(`${one},${two}`, [one, two]), failedIdentity(`'${three}' was not found`, [one])].map(
      ({ message }) => message,
    );
    expect(messages.join(' ')).not.toMatch(/userAssignedIdentities\/(one|two|three)/);
  });

  it('tells how many identities and which right', () => {
    expect(linked(`${one},${two}`, [one, two]).message).toMatch(/2 identities.*assign\/action/);
  });
});
