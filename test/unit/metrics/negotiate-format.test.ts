import { expect, it } from 'vitest'
import { negotiateFormat } from '../../../src/metrics/negotiate-format.js'

it.each([
  [null, 'prometheus'],
  ['*/*', 'prometheus'],
  ['text/plain', 'prometheus'],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
  ['application/openmetrics-text; version="1.0.0"', 'openmetrics'],
  ['application/openmetrics-text; version=9.0.0, text/plain;q=0.1', 'prometheus'],
  ['application/openmetrics-text;q=0.2,text/plain;q=0.9', 'prometheus'],
  ['application/openmetrics-text;q=0', 'prometheus'],
  ['Application/OpenMetrics-Text;version=1.0.0;q=0.5,text/plain;q=0.5', 'openmetrics'],
  // What Prometheus 2 and 3 send.
  [
    'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    'openmetrics',
  ],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    'openmetrics',
  ],
])('%s gets %s', (accept, format) => {
  expect(negotiateFormat(accept)).toBe(format)
})
