/**
 * What a pass does in the array shape (api-version 2017-12-01): the same as in the other, test by test, but for what is
 * listed here with its reason. Reads that guard a write are left out of the journals.
 */
import { beforeEach, describe, expect, it, type RunnerTestCase, type RunnerTestSuite } from 'vitest';

import { ARRAY_API_VERSION } from '../../../src/config/api-versions.ts';
import { shape } from './shape.ts';

const UNGUARDED = 'no PATCH goes under an etag, or is answered 412';
const MADE_UP = 'the version is made up from the identities: the same ones are the same version';
const NO_CLIENT_IDS = 'the scale set shows no client ids';
const LOOKS = 'identities themselves are looked at, and need to be readable';
const NO_REQUEST = 'the request would name all that there is, and is not shown';
const WHOLE_LIST = 'a write names all that stay, and nothing that goes';

/** By the names of describe and test, for each the reason. What is so instead, unguarded-writes.test.ts says. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'attaching an identity > goes by the etag of the read that it was planned from': UNGUARDED,
  'more identities than one request may carry > are sent in several, one after another': WHOLE_LIST,
  'a scale set that someone else changes between our read and our write > is read and planned again at once': UNGUARDED,
  'a scale set that someone else changes between our read and our write > is written to under the etag of the second read':
    UNGUARDED,
  'a scale set that someone else changes between our read and our write > is planned again twice at once, and then after 15 seconds':
    UNGUARDED,
  'a scale set that someone else changes between our read and our write > says ScaleSetBusy while it waits': UNGUARDED,
  'a scale set that someone else changes between our read and our write > is shown on a binding that is Ready only at the third time in a row':
    UNGUARDED,
  'a scale set that someone else changes between our read and our write > has what it was overtaken by counted anew when it has come to rest':
    UNGUARDED,
  'an identity that someone else attached first > is theirs: the entry is taken back': UNGUARDED,
  'an identity that someone else attached first > stays when the binding is deleted': UNGUARDED,
  'a 412 for a detach > has the detach planned again from what is there now': UNGUARDED,
  'a binding that is deleted with an identity that stays > is released from one that Azure cannot detach because it is gone, with an event':
    WHOLE_LIST,
  'adopt > makes what others attached ours by a ledger write alone': LOOKS,
  'an operation that fails > has its identity sent again after five minutes, then ten': WHOLE_LIST,
  'an operation that fails > is forgotten as soon as the client id shows': NO_CLIENT_IDS,
  'an operation that fails > is tried again after five seconds when another operation pre-empted it': WHOLE_LIST,
  'an operation that fails > is tried again when Azure says so where it throttled, and no sooner for a change of the spec':
    WHOLE_LIST,
  'an operation that fails > still waits for its next step when the write that was to mend it is refused': WHOLE_LIST,
  'an operation that fails > is remembered by the ledger while other writes go well': WHOLE_LIST,
  'an operation of which nobody saw the end > has failed also when another write came before anybody looked':
    WHOLE_LIST,
  'an operation of which nobody saw the end > says nothing of identities that are not ours': NO_CLIENT_IDS,
  'an identity without a client id on a scale set at rest > is Missing when it is gone itself': NO_CLIENT_IDS,
  'an identity without a client id on a scale set at rest > is Stale when it was created again under the same name':
    NO_CLIENT_IDS,
  'an identity without a client id on a scale set at rest > is Failed when nothing can be found out about it':
    NO_CLIENT_IDS,
  'a wait of the scale set > ends for a rejected change when the scale set is another than it was': MADE_UP,
  'the rights of the operator > to read identities are not needed to attach one': LOOKS,
  'a scale set that was created again under the same name > voids what was remembered of operations on the other one':
    NO_CLIENT_IDS,
  'a read that shows no identity at all > is believed when a list says the same of the same version': MADE_UP,
  'a read that shows no identity at all > is doubted again when the version moves on': MADE_UP,
  'a list entry > feeds a plan that only attaches, under its etag': UNGUARDED,
  'a list entry > that is outdated costs a 412 and does no harm': UNGUARDED,
  'a list entry > is not enough to confirm what we have attached ourselves': LOOKS,
  'an identity that the operator may not assign > costs no write while its permissions do not allow it': LOOKS,
  'an identity that the operator may not assign > is written again as soon as its permissions allow it': LOOKS,
  'a refusal that names nobody > does not blame the one identity that is attached for one that is detached in the same request':
    WHOLE_LIST,
  'a new process > remembers that an operation failed, and waits for its next attempt': WHOLE_LIST,
  'a binding that observes > says what would be done, and how': NO_REQUEST,
  'a binding that observes > does what its plan said when it is switched to Manage': NO_REQUEST,
  'a binding that observes > costs at rest what any binding does, and has its status written once': LOOKS,
  'a pass where nothing differs > writes no ledger for what others attached': LOOKS,
  'systemAssigned: Enabled > is not served on a Flexible scale set; the rest of the binding is':
    'the scale set does not show its orchestration mode',
  'a write of which nobody knows whether it arrived > is sent again after a read that does not show its effect':
    MADE_UP,
};

const names = ({ name, suite }: RunnerTestCase | RunnerTestSuite): readonly string[] => [
  ...(suite === undefined ? [] : names(suite)),
  name,
];
const fullName = (task: RunnerTestCase): string => names(task).join(' > ');

beforeEach(({ task, skip }) => {
  const why = DIFFERENT[fullName(task)];
  if (why !== undefined) skip(why);
});

shape.apiVersion = ARRAY_API_VERSION;
await import('./attach.test.ts');
await import('./changed-underneath.test.ts');
await import('./convergence.property.test.ts');
await import('./default-identity.test.ts');
await import('./crash-points.test.ts');
await import('./deletion.test.ts');
await import('./detach.test.ts');
await import('./edited-ledger.test.ts');
await import('./exclusive.test.ts');
await import('./failed-operations.test.ts');
await import('./failures.test.ts');
await import('./found-ledger.test.ts');
await import('./isolation.test.ts');
await import('./observe.test.ts');
await import('./operations.test.ts');
await import('./ownership.test.ts');
await import('./reading.test.ts');
await import('./refusal-backoff.test.ts');
await import('./refused-identities.test.ts');
await import('./restart.test.ts');
await import('./restored-ledger.test.ts');
await import('./scale-set-gone.test.ts');
await import('./steady-state.test.ts');
await import('./system-assigned.test.ts');
await import('./unknown-outcome.test.ts');

describe('the list of what is different in the array shape', () => {
  it('names tests that there are', ({ task }) => {
    const all = (suite: RunnerTestSuite): readonly string[] =>
      suite.tasks.flatMap((each) => (each.type === 'suite' ? all(each) : [fullName(each)]));
    const known = new Set(all(task.file));
    expect(Object.keys(DIFFERENT).filter((name) => !known.has(name))).toEqual([]);
  });
});
