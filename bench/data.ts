import type { RecordBatch, Schema } from 'apache-arrow';
import { recordBatchOf } from '../src/columnar/arrow.ts';
import type { Column, Utf8Column } from '../src/columnar/column.ts';
import { constantColumn } from '../src/columnar/constant.ts';
import { dictionary, float64, int32, schema, timestamp, utf8 } from '../src/index.ts';

/** Rows per batch. */
export const batchRows = 10_000;
export const batchCount = 100;
export const keyCount = 1000;
export const rowCount: number = batchRows * batchCount;

/** A batch as plain arrays, for the loops by hand. */
export interface Plain {
  readonly t: BigInt64Array;
  readonly name: Int32Array;
  readonly x: Float64Array;
  readonly y: Int32Array;
}

/** The 32-bit finaliser of MurmurHash3 over a row number and the number of a column. */
function hash(row: number, column: number): number {
  let a = (row + Math.imul(column, 0x9e3779b9)) | 0;
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b);
  a = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return (a ^ (a >>> 16)) >>> 0;
}

const nameType = dictionary();
export const columns = { t: timestamp('ms'), name: nameType, x: float64, y: int32 };
export const batchSchema: Schema<typeof columns> = schema(columns);

function keyNames(): Utf8Column {
  const names = Array.from({ length: keyCount }, (_, k) => `sym-${String(k).padStart(4, '0')}`);
  const one = constantColumn(names.join(''), 1) as Utf8Column;
  const valueOffsets = Int32Array.from({ length: keyCount + 1 }, (_, k) => k * names[0]!.length);
  return { ...one, type: utf8, length: keyCount, valueOffsets };
}

/** Row `i` is a pure function of `i`: half a millisecond apart, 1,000 names, x in 0…100, y in 0…999. */
export const plain: readonly Plain[] = Array.from({ length: batchCount }, (_, b) => {
  const start = b * batchRows;
  const rows = { length: batchRows };
  return {
    t: BigInt64Array.from(rows, (_, i) => 1_700_000_000_000n + BigInt((start + i) >> 1)),
    name: Int32Array.from(rows, (_, i) => hash(start + i, 1) % keyCount),
    x: Float64Array.from(rows, (_, i) => hash(start + i, 2) * (100 / 2 ** 32)),
    y: Int32Array.from(rows, (_, i) => hash(start + i, 3) % 1000),
  };
});

const names = keyNames();

export const batches: readonly RecordBatch[] = withOneDictionary(
  plain.map(({ t, name, x, y }) => {
    const base = { length: batchRows, validity: undefined, offset: 0 };
    const made: Column[] = [
      { ...base, kind: 'int64', type: columns.t, values: t },
      { ...base, kind: 'dictionary', type: nameType, codes: name, dictionary: names },
      { ...base, kind: 'number', type: columns.x, values: x },
      { ...base, kind: 'number', type: columns.y, values: y },
    ];
    return recordBatchOf(batchSchema, batchRows, made);
  }),
);

/** As a reader of one stream gives them: all batches point at the same dictionary. */
function withOneDictionary(made: RecordBatch[]): RecordBatch[] {
  const dictionaryVector = made[0]!.data.children[1]!.dictionary!;
  for (const batch of made) batch.data.children[1]!.dictionary = dictionaryVector;
  return made;
}
