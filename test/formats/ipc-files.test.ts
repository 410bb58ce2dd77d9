import { type RecordBatch, tableFromIPC } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { Batch } from '../../src/columnar/batch.ts';
import { SourceError } from '../../src/errors.ts';
import { readIpc } from '../../src/formats/ipc.ts';
import { goldenFiles, malformedFiles, missing } from './arrow-testing.ts';

if (missing !== undefined) test('golden and malformed files', (context) => context.skip(missing));

const collect = async (bytes: Uint8Array) => {
  const batches: RecordBatch[] = [];
  let error: unknown;
  try {
    for await (const batch of readIpc(bytes)) batches.push(batch);
  } catch (thrown) {
    error = thrown;
  }
  return { batches, error };
};

/** Every value of a batch, as text. */
const valuesOf = (batch: RecordBatch) =>
  JSON.stringify(
    batch.schema.fields.map((_, i) => Array.from(batch.getChildAt(i)!)),
    (_, value) => (typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : value),
  );

/** What the reader refuses: it says so, and gives nothing wrong. */
const refused = (path: string, bigEndian: boolean) => {
  if (bigEndian) return /big-endian/;
  if (path.includes('compression')) return /compressed/;
  if (/list_view|listview|run_end|large_list_view/.test(path))
    return /column ".*" is (run-end encoded|a (large )?list view), which is not supported/;
  return undefined;
};

describe.skipIf(missing !== undefined)('golden files', () => {
  test.each(goldenFiles().map((file) => [file.path, file] as const))('%s', async (path, file) => {
    const { batches, error } = await collect(file.bytes());
    const reason = refused(path, file.bigEndian);
    if (reason !== undefined && error !== undefined) {
      expect(error).toBeInstanceOf(SourceError);
      expect((error as SourceError).message).toMatch(reason);
      return;
    }
    expect(error).toBeUndefined();
    expect(batches.length).toBe(file.batches);
    // A batch of a schema without fields cannot say how many rows it has.
    if ((batches[0]?.schema.fields.length ?? 0) > 0) {
      expect(batches.reduce((rows, batch) => rows + batch.numRows, 0)).toBe(file.rows);
    }
    for (const batch of batches)
      for (let i = 0; i < batch.schema.fields.length; i++) Batch.of(batch).column(i);
    // apache-arrow reads unions of version 4 wrongly.
    if (path.includes('0.17.1')) return;
    const expected = tableFromIPC(file.bytes()).batches.filter((batch) => batch.numRows > 0);
    expect(batches.filter((batch) => batch.numRows > 0).map(valuesOf)).toEqual(expected.map(valuesOf));
  });
});

describe.skipIf(missing !== undefined)('malformed files', () => {
  test.each(malformedFiles().map((file) => [file.path, file] as const))('%s', async (_, file) => {
    const { batches, error } = await collect(file.bytes());
    if (error !== undefined) expect(error).toBeInstanceOf(SourceError);
    // Whatever was accepted can be read.
    for (const batch of batches) {
      for (let i = 0; i < batch.schema.fields.length; i++) {
        const vector = batch.getChildAt(i)!;
        for (let row = 0; row < Math.min(vector.length, 1000); row++) vector.get(row);
      }
    }
    if (error === undefined) console.warn(`accepted ${batches.length} batches of ${file.path}`);
  });
});
