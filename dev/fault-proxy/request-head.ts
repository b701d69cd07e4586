import type { IncomingMessage } from 'node:http';

import type { RequestHead, RequestKind } from './fault.ts';

export const headOf = ({ method = 'GET', url = '/' }: IncomingMessage): RequestHead => {
  const { pathname, searchParams } = new URL(url, 'https://proxy');
  const query = Object.fromEntries(searchParams);
  return { kind: kindOf(pathname, query['watch']), method, path: pathname, query };
};

const kindOf = (path: string, watch: string | undefined): RequestKind => {
  if (watch === 'true' || watch === '1') return 'watch';
  return path.startsWith('/apis/coordination.k8s.io/') ? 'lease' : 'call';
};
