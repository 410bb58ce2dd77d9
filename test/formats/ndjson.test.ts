import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NdjsonDecoder, type NdjsonLines, type NdjsonOptions } from '../../src/formats/ndjson.ts';

const encode = (text: string) => new TextEncoder().encode(text);

const decode = (pieces: readonly Uint8Array[], options?: NdjsonOptions) => {
  const decoder = new NdjsonDecoder(options);
  const all: NdjsonLines = { values: [], lines: [], rejected: [] };
  for (const result of [...pieces.map((piece) => decoder.push(piece)), decoder.end()]) {
    all.values.push(...result.values);
    all.lines.push(...result.lines);
    all.rejected.push(...result.rejected);
  }
  return all;
};

const cut = (bytes: Uint8Array, at: readonly number[]) => {
  const edges = [0, ...[...at].sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
};

const text = '{"a":1}\r\n\n{"a":"grün 日本語 🎉"}\n{bad}\n   \n[1,2]\n"x"\nnull\n{"a":2}';
const expected = {
  values: [{ a: 1 }, { a: 'grün 日本語 🎉' }, [1, 2], 'x', null, { a: 2 }],
  lines: [0, 2, 5, 6, 7, 8],
  rejected: [{ line: 3, reason: 'not JSON: "{bad}"', tooLong: false }],
};

describe('an NDJSON decoder', () => {
  test('gives a value per line, passing over blank lines, and rejects bad lines by number', () => {
    expect(decode([encode(text)])).toEqual(expected);
  });

  test('does not care where the bytes are cut, inside characters too', () => {
    const bytes = encode(text);
    const anywhere = fc.array(fc.integer({ min: 0, max: bytes.length }));
    fc.assert(fc.property(anywhere, (at) => void expect(decode(cut(bytes, at))).toEqual(expected)));
    expect(decode(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  test('gives lines as soon as they are whole', () => {
    const decoder = new NdjsonDecoder();
    expect(decoder.push(encode('1\n2')).values).toEqual([1]);
    expect(decoder.push(encode('3\n')).values).toEqual([23]);
    expect(decoder.end().values).toEqual([]);
  });

  test('rejects a line that is too long, however it comes, and reads on', () => {
    const bytes = encode(`1\n"${'x'.repeat(50)}"\n2\n`);
    const long = [{ line: 1, reason: 'line is longer than 20 bytes (maxLineBytes)', tooLong: true }];
    for (const pieces of [[bytes], cut(bytes, [10]), cut(bytes, [10, 20, 30, 40, 45]), cut(bytes, [54])]) {
      expect(decode(pieces, { maxLineBytes: 20 })).toEqual({ values: [1, 2], lines: [0, 2], rejected: long });
    }
  });

  test('rejects a line that is not UTF-8 and keeps its neighbours', () => {
    const bytes = Uint8Array.of(...encode('1\n"'), 0xff, ...encode('"\n2\n3'));
    const result = decode([bytes]);
    expect(result.values).toEqual([1, 2, 3]);
    expect(result.lines).toEqual([0, 2, 3]);
    expect(result.rejected.map(({ line }) => line)).toEqual([1]);
    expect(result.rejected[0]!.reason).toMatch(/^not UTF-8/);
  });

  test('passes over a byte order mark at the start', () => {
    expect(decode([encode('\ufeff{"a":1}\n2')]).values).toEqual([{ a: 1 }, 2]);
  });

  test('reads nothing out of nothing', () => {
    expect(decode([]).values).toEqual([]);
    expect(decode([encode('\n\n')]).values).toEqual([]);
  });
});
