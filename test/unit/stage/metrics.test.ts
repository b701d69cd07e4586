import { describe, expect, it } from 'vitest';

import { metricsFrom } from '../../../dev/stage/metrics.ts';

const text = `# HELP rest_client_requests_total Requests.
# TYPE rest_client_requests_total counter
rest_client_requests_total{code="200",method="GET",host="127.0.0.1:1"} 3
rest_client_requests_total{code="201",method="POST",host="127.0.0.1:1"} 4
rest_client_requests_total{code="200",method="PATCH",host="127.0.0.1:1"} 5
process_start_time_seconds 1.5e9
`;

describe('a look at /metrics', () => {
  it('adds up every series of a name', () => {
    expect(metricsFrom(text).sum('rest_client_requests_total')).toBe(12);
  });

  it('takes only series that have the labels, in whatever order', () => {
    expect(metricsFrom(text).sum('rest_client_requests_total', { method: 'POST', code: '201' })).toBe(4);
  });

  it('is 0 for what is not there', () => {
    expect(metricsFrom(text).sum('rest_client')).toBe(0);
  });

  it('reads a series without labels', () => {
    expect(metricsFrom(text).sum('process_start_time_seconds')).toBe(1.5e9);
  });
});
