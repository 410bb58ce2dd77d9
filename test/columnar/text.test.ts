import { expect, test } from 'vitest';
import { textOf } from '../../src/columnar/text.ts';
import { StreamingDataFrame, schema, toRows, utf8 } from '../../src/index.ts';

test('a byte order mark at the start of a string is kept', () => {
  const df = new StreamingDataFrame({ schema: schema({ name: utf8 }) });
  const sizes = df.groupby('name').size();
  df.emit([{ name: '\ufeffa' }, { name: 'a' }]);
  expect(toRows(sizes.current!)).toEqual([
    { name: 'a', size: 1 },
    { name: '\ufeffa', size: 1 },
  ]);
});

test('strings in shared memory are read', () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(4));
  bytes.set([120, 195, 188, 121]);
  expect(textOf(bytes, 1, 3)).toBe('ü');
});
