import { Dictionary, Int32, Utf8 } from 'apache-arrow';
import { expect, test } from 'vitest';
import { DictionaryBuilder } from '../../src/columnar/dictionary-builder.ts';

const fail = (row: number, reason: string): never => {
  throw new Error(`${row}: ${reason}`);
};

test('dictionaries of later batches begin with those of earlier ones, which stay as they are', () => {
  const builder = new DictionaryBuilder(new Dictionary(new Utf8(), new Int32()));
  const words = Array.from({ length: 1000 }, (_, i) => `wörd ${i}`);
  const vectors = words.map((word, i) => {
    expect([...builder.encode([word, words[i >> 1], null], fail)]).toEqual([i, i >> 1, 0]);
    return builder.vector;
  });
  for (const [i, vector] of vectors.entries()) {
    expect(vector.length).toBe(i + 1);
    expect([vector.get(0), vector.get(i)]).toEqual([words[0], words[i]]);
  }
  expect([...vectors.at(-1)!]).toEqual(words);
});

test('a new string costs itself, not all strings before it: few buffers serve all dictionaries', () => {
  const builder = new DictionaryBuilder(new Dictionary(new Utf8(), new Int32()));
  const buffers = new Set<ArrayBufferLike>();
  for (let i = 0; i < 1000; i++) {
    builder.encode([`word ${i}`], fail);
    buffers.add(builder.vector.data[0]!.values.buffer);
  }
  expect(buffers.size).toBeLessThan(20);
});
