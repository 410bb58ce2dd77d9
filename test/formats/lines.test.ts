import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineDecoder, type LineOptions } from '../../src/formats/lines.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function read(pieces: readonly (Uint8Array | string)[], options?: LineOptions): string[] {
  const decoder = new LineDecoder(options);
  return [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end()];
}

describe('LineDecoder', () => {
  test('ends lines at LF and CRLF, and gives the last one without', () => {
    expect(read(['a\nb\r\n\nc\rd\n\r\ne'])).toEqual(['a', 'b', '', 'c\rd', '', 'e']);
    expect(read(['a\n'])).toEqual(['a']);
    expect(read([''])).toEqual([]);
    expect(read(['\n'])).toEqual(['']);
  });

  test('takes any delimiter, and then leaves CR alone', () => {
    expect(read(['a\r|', '|b|', '\n||', 'c|'], { delimiter: '||' })).toEqual(['a\r', 'b|\n', 'c|']);
    expect(read(['aXX', 'Xb'], { delimiter: 'XX' })).toEqual(['a', 'Xb']);
  });

  test('reads other encodings, and leaves out a byte order mark', () => {
    expect(read([Uint8Array.of(0xe4, 0x0a, 0x80)], { encoding: 'windows-1252' })).toEqual(['ä', '€']);
    expect(
      read([Uint8Array.of(0xff, 0xfe, 0x61), Uint8Array.of(0, 0x0a, 0, 0x62, 0)], { encoding: 'utf-16le' }),
    ).toEqual(['a', 'b']);
    expect(read([Uint8Array.of(0xef, 0xbb), Uint8Array.of(0xbf, 0x61, 0xff)])).toEqual(['a\ufffd']);
  });

  test('refuses a line that is too long, and says which', () => {
    const decoder = new LineDecoder({ maxLineLength: 3 });
    expect(decoder.push('abc\nabc')).toEqual(['abc']);
    expect(() => decoder.push('dé')).toThrow('line 2 is longer than 3 characters (maxLineLength)');
    expect(() => read(['abcd\n'], { maxLineLength: 3 })).toThrow('line 1 is longer');
  });

  test('refuses what is no delimiter and no encoding', () => {
    expect(() => new LineDecoder({ delimiter: '' })).toThrow(
      "delimiter must be a text of at least one character, got ''",
    );
    expect(() => new LineDecoder({ encoding: 'klingon' })).toThrow('unknown encoding "klingon"');
  });

  test('gives the same lines wherever the bytes are cut', () => {
    const part = fc.constantFrom('a', 'ä', '𝄞', '\n', '\r\n', '\r', ';', ';;', '');
    const texts = fc.array(part, { maxLength: 40 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        texts,
        fc.constantFrom('\n', ';', ';;', 'ä;'),
        fc.array(fc.nat(60)),
        (text, delimiter, places) => {
          const whole = bytes(text);
          const at = [
            0,
            ...places.filter((place) => place < whole.length).sort((a, b) => a - b),
            whole.length,
          ];
          const pieces = at.slice(1).map((stop, i) => whole.subarray(at[i], stop));
          const expected = text.split(delimiter === '\n' ? /\r?\n/ : delimiter);
          if (expected.at(-1) === '') expected.pop();
          else if (delimiter === '\n') expected.push(expected.pop()!.replace(/\r$/, ''));
          expect(read(pieces, { delimiter })).toEqual(expected);
        },
      ),
    );
  });
});
