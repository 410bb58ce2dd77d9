import { describe, expect, test } from 'vitest';
import { formatOfBody } from '../../src/formats/media-type.ts';

const formatOf = (start: string | readonly number[], type: string | null) =>
  formatOfBody(typeof start === 'string' ? new TextEncoder().encode(start) : Uint8Array.from(start), type);
const arrow = [255, 255, 255, 255, 16, 1, 0, 0];

describe('formatOfBody', () => {
  test.each([
    ['arrow', arrow, 'application/json'],
    ['arrow', arrow, null],
    ['arrow', 'ARROW1\0\0', 'text/plain'],
    ['arrow', [16, 1, 0, 0, 16, 0, 0, 0], 'application/octet-stream'],
    ['json', '[{"a":1}]', 'text/plain; charset=utf-8'],
    ['json', '  {"a":[1]}', 'application/json; charset=utf-8'],
    ['json', '{"a":[1]}', 'application/geo+json'],
    ['json', '\ufeff [{"a":1}]', null],
    ['json', '[{"a":"\ufffd?"}]', 'application/json'],
    ['ndjson', '\ufeff{"a":[1]}', null],
    ['ndjson', '{"a":1}\n', null],
    ['ndjson', '{"a":1}\n', 'text/plain'],
    ['ndjson', '[1]\n[2]', 'application/x-ndjson'],
    ['ndjson', '', 'application/jsonl'],
  ] as const)('is %s for %j of type %s', (format, start, type) => {
    expect(formatOf(start, type)).toBe(format);
  });

  test.each([
    ['<html>', 'application/json', 'expected JSON, got an HTML page: "<html>"'],
    [
      '<?xml version="1.0"?>',
      null,
      'expected Arrow, JSON or NDJSON, got an XML document: "<?xml version=\\"1.0\\"?>"',
    ],
    ['Forbidden', null, 'expected Arrow, JSON or NDJSON, got text: "Forbidden"'],
    ['', 'application/json', 'expected JSON, got nothing'],
    ['PAR1\x15\x04', null, 'expected Arrow, JSON or NDJSON, got a Parquet file'],
  ])('refuses %j of type %s', (start, type, message) => {
    expect(() => formatOf(start, type)).toThrow(message);
  });
});
