/** Answers in the API server's own form. */
import type { OutgoingHttpHeaders } from 'node:http';

import type { StatusFault } from './fault.ts';

const usualReasons: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

export const statusObject = ({ status, reason, retryAfterSeconds }: Omit<StatusFault, 'type'>): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'injected',
  reason: reason ?? usualReasons[status] ?? '',
  code: status,
  ...(retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }),
});

export const statusHeaders = ({ retryAfterSeconds }: Pick<StatusFault, 'retryAfterSeconds'>): OutgoingHttpHeaders => ({
  'content-type': 'application/json',
  ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
});

/** A line of a watch. */
export const errorEventLine = (status: Omit<StatusFault, 'type'>): string =>
  `${JSON.stringify({ type: 'ERROR', object: statusObject(status) })}\n`;
