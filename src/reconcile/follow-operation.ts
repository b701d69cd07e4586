/** The operation in flight, if there is one, at the beginning of a pass. */
import type { Reading } from '../identity/plan.ts';
import { isTerminal } from '../identity/scale-set.ts';
import { noteLanded } from './drift.ts';
import { endInFlight } from './endings.ts';
import { tellOfOperation } from './observer.ts';
import { follow, noteFailedOperation } from './operations.ts';
import { type PassFrame, type PassResult, readNow } from './pass-frame.ts';
import { newsOf } from './read.ts';
import { noteSuccess } from './verify-names.ts';

export type Followed =
  | { readonly state: 'running'; readonly result: PassResult }
  /** The scale set is to be looked at; `reading` is what showed that the operation is over, if that did. */
  | { readonly state: 'none'; readonly reading?: Reading };

export async function followOperation(frame: PassFrame): Promise<Followed> {
  const { subject, tools } = frame;
  const { memory } = subject;
  const { operation } = memory;
  if (operation === undefined) return { state: 'none' };
  const { azure, now, signal, observer } = tools;
  let reading: Reading | undefined;
  const isOver = async (): Promise<boolean> => {
    const read = await readNow(frame);
    if (!read.ok) return read.failure.kind === 'notFound';
    const isAtRest = isTerminal(read.reading.scaleSet.provisioningState);
    if (isAtRest) reading = read.reading;
    return isAtRest;
  };
  const listed = newsOf(memory, tools.listed());
  const progress = await follow(operation, { azure, isOver, listed, watched: tools.watched(), now: now(), signal });
  tellOfOperation(operation, progress, now(), observer);
  if (progress.state === 'running') {
    memory.operation = progress.operation;
    return { state: 'running', result: endInFlight(frame, progress.operation) };
  }
  memory.operation = undefined;
  memory.touchedAt = now();
  switch (progress.state) {
    case 'succeeded':
      noteLanded(memory, operation);
      noteSuccess(memory, operation.keys);
      break;
    case 'over':
      memory.lostTrack = true;
      break;
    case 'failed':
      memory.carried = undefined;
      noteFailedOperation(subject, operation, progress.failure, now());
  }
  return { state: 'none', ...(reading === undefined ? {} : { reading }) };
}
