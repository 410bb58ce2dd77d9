import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FrameOptions } from '../../src/node/frame-options.ts';
import { Framing } from '../../src/node/framing.ts';

/** The parts of `bytes` cut at `cuts`; where one is too long, its number. */
function partsOf(
  bytes: Uint8Array,
  cuts: readonly number[],
  options: FrameOptions = {},
): (string | number)[] {
  const framing = new Framing(options, 1000);
  const framer = framing.framer();
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1))), bytes.length].sort((a, b) => a - b);
  const parts: (string | number)[] = [];
  let start = 0;
  for (const end of ends) {
    for (const part of framer.push(bytes.slice(start, end))) {
      parts.push(part.bytes === undefined ? part.index : framing.textOf(part));
    }
    start = end;
  }
  for (const part of framer.end()) parts.push(part.bytes === undefined ? part.index : framing.textOf(part));
  return parts;
}

const lineTexts = fc.array(fc.stringMatching(/^[a|é漢😀]{0,12}$/u), { maxLength: 20 });
const anyCuts = fc.array(fc.nat(), { maxLength: 30 });

describe('framing', () => {
  test.each([
    ['\n', 'utf-8'],
    ['||', 'utf-8'],
    ['é', 'utf-8'],
    ['\n', 'utf-16le'],
    ['||', 'utf-16le'],
  ] as const)('does not depend on where the bytes are cut: %j in %s', (delimiter, encoding) => {
    fc.assert(
      fc.property(lineTexts, anyCuts, (lines, cuts) => {
        const text = lines.join(delimiter);
        const bytes = Buffer.from(text, encoding === 'utf-8' ? 'utf8' : 'utf16le');
        const parts = text.split(delimiter);
        const whole = parts.map((part, i) => (i < parts.length - 1 ? part + delimiter : part));
        const expected = whole.filter((part) => part !== '');
        expect(partsOf(bytes, cuts, { delimiter, encoding })).toEqual(expected);
      }),
    );
  });

  test('passes over a part that is too long, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 }), anyCuts, (lengths, cuts) => {
        const bytes = Buffer.from(lengths.map((length) => `${'a'.repeat(length)}||`).join(''));
        const expected = lengths.map((length, i) => (length > 5 ? i : 'a'.repeat(length)));
        const options = { delimiter: '||', maxLine: 5, keepDelimiter: false };
        expect(partsOf(bytes, cuts, options)).toEqual(expected);
      }),
    );
  });

  test('does not take the halves of two characters of UTF-16 for a delimiter', () => {
    const text = '\u0a00\u000a\u0a00\u010a\u000a';
    expect(partsOf(Buffer.from(text, 'utf16le'), [], { encoding: 'utf-16le' })).toEqual([
      '\u0a00\n',
      '\u0a00\u010a\n',
    ]);
  });

  test('leaves out a byte order mark at the start, and only there', () => {
    expect(partsOf(Buffer.from('\uFEFFa\n\uFEFFb\n'), [])).toEqual(['a\n', '\uFEFFb\n']);
  });

  test('knows where each part begins and where reading goes on', () => {
    const framing = new Framing({ maxLine: 3 }, 1000);
    const framer = framing.framer(100);
    const places = (text: string) =>
      [...framer.push(Buffer.from(text))].map(({ start, end, index }) => [index, start, end]);
    expect(places('ab\nc')).toEqual([[0, 100, 103]]);
    expect(places('d\nlong')).toEqual([
      [1, 103, 106],
      [2, 106, 106],
    ]);
    expect(places('er\ne\n')).toEqual([[3, 113, 115]]);
  });

  test.each([
    [{ delimiter: '' }, 'delimiter must not be empty'],
    [{ maxLine: 0 }, 'maxLine must be a number of bytes from 1, got 0'],
    [{ encoding: 'ebcdic' }, 'unknown encoding "ebcdic"; known: utf-8, utf-16le, latin1'],
  ])('refuses %j', (options, message) => {
    expect(() => new Framing(options as FrameOptions, 1000)).toThrow(message);
  });
});
