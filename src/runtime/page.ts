import type { ServerResponse } from 'node:http';

/** What is answered to a request for it. */
export interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** The methods that are taken, where another one was used. */
  readonly allow?: string;
}

export const text = (status: number, body: string): Page => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body,
});

export const methodNotAllowed = (allow: string): Page => ({
  ...text(405, `method not allowed; use ${allow}\n`),
  allow,
});

export const sendPage = (response: ServerResponse, { status, contentType, body, allow }: Page): void => {
  response.writeHead(status, {
    'content-type': contentType,
    'cache-control': 'no-store',
    ...(allow === undefined ? {} : { allow }),
  });
  response.end(body);
};
