import { describe, expect, test } from 'vitest';
import { fromBlob } from '../../src/sources/from-blob.ts';
import { settle } from '../../src/testing/virtual-clock.ts';
import { arrivals, collect, reaches } from './collect.ts';

const text = Array.from({ length: 5000 }, (_, i) => `line ${i} – ä\r\n`).join('');

describe('fromBlob', () => {
  test('gives lines, the last one without an end too, in order and one at a time', async () => {
    const source = fromBlob(new Blob([`${text}last`]));
    const lines: string[] = [];
    let busy = 0;
    source.sink(async (line) => {
      expect(++busy).toBe(1);
      lines.push(line);
      if (lines.length % 1000 === 0) await settle();
      busy--;
    });
    await source.done;
    expect(lines).toHaveLength(5001);
    expect([lines[0], lines[4999], lines[5000]]).toEqual(['line 0 – ä', 'line 4999 – ä', 'last']);
  });

  test('gives bytes', async () => {
    const source = fromBlob(new Blob([text]), { as: 'bytes' });
    const { values } = collect(source);
    await source.done;
    expect(Buffer.concat(values).toString()).toBe(text);
  });

  test('takes encoding and delimiter', async () => {
    const source = fromBlob(new Blob([Uint8Array.of(0xe4, 0x3b, 0xf6)]), {
      encoding: 'latin1',
      delimiter: ';',
    });
    const { values } = collect(source);
    await source.done;
    expect(values).toEqual(['ä', 'ö']);
  });

  test('begins anew for who listens later', async () => {
    const source = fromBlob(new Blob(['a\nb\nc']));
    await arrivals(source, 2);
    await reaches(source, 'idle');
    const { values } = collect(source);
    await source.done;
    expect(values).toEqual(['a', 'b', 'c']);
  });

  test('acknowledges lines', async () => {
    const acks: number[] = [];
    const source = fromBlob(new Blob(['a\nb\nc']), { ack: (count) => acks.push(count), onError: () => {} });
    source.sink((line) => {
      if (line === 'c') throw new Error('no');
    });
    await source.done;
    expect(acks).toEqual([1, 2]);
  });

  test('refuses bad options at once', () => {
    expect(() => fromBlob(new Blob([]), { encoding: 'klingon' })).toThrow('unknown encoding "klingon"');
    expect(() => fromBlob(new Blob([]), { as: 'rows' as 'lines' })).toThrow(
      "as must be 'lines' or 'bytes', got rows",
    );
  });

  test('fails where a line is too long, after those before', async () => {
    const source = fromBlob(new Blob(['a\nbcd\n']), { maxLineLength: 2 });
    const { values, errors } = collect(source);
    await source.done;
    expect(values).toEqual(['a']);
    expect(errors.map((e) => [e.code, e.message])).toEqual([
      ['limit-exceeded', 'line 2 is longer than 2 characters (maxLineLength)'],
    ]);
  });
});
