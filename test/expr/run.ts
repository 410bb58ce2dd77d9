import { type DataType, makeData, Utf8View, Vector, vectorFromArray } from 'apache-arrow';
import { expect } from 'vitest';
import { columnOf } from '../../src/columnar/arrow.ts';
import type { Column } from '../../src/columnar/column.ts';
import { bind } from '../../src/expr/bind.ts';
import type { ExprTree } from '../../src/expr/tree.ts';
import { valuesOf } from '../support/columns.ts';

export type Vectors = Readonly<Record<string, Vector>>;

/** An expression of whatever type. */
export interface Tree {
  readonly tree: ExprTree;
}

/** The values of an expression over vectors of one chunk. */
export function run(expr: Tree, vectors: Vectors): unknown[] {
  return valuesOf(columnFor(expr, vectors));
}

/** The same as a column. */
export function columnFor(expr: Tree, vectors: Vectors): Column {
  const columns = new Map<string, Column>(
    Object.entries(vectors).map(([name, vector]) => [name, columnOf(vector.data[0]!)]),
  );
  const length = Object.values(vectors)[0]!.length;
  const types = new Map([...columns].map(([name, { type }]) => [name, type]));
  const bound = bind(expr.tree, types);
  const column = bound.evaluate({ length, column: (name) => columns.get(name)! });
  expect(column.length).toBe(length);
  expect(String(column.type)).toBe(String(bound.type));
  return column;
}

export const vector = (type: DataType, values: readonly unknown[]): Vector =>
  vectorFromArray([...values], type);

/** The same values whole, and as slices whose bits do not begin with a byte. */
export function forms(type: DataType, values: readonly unknown[], before: unknown): Vector[] {
  const sliced = [3, 8].map((offset) =>
    vector(type, [...Array(offset).fill(before), ...values, before]).slice(offset, offset + values.length),
  );
  return [vector(type, values), ...sliced];
}

/** 64-bit values as they lie in memory. */
export function raw(type: DataType, values: readonly (bigint | null)[], offset = 0): Vector {
  const all = [...Array<bigint>(offset).fill(7n), ...values];
  const data = BigInt64Array.from(all, (value) => value ?? 0n);
  const nullBitmap = new Uint8Array(((all.length + 63) >> 6) << 3);
  for (const [i, value] of all.entries()) if (value !== null) nullBitmap[i >> 3]! |= 1 << (i & 7);
  const nullCount = all.filter((value) => value === null).length;
  const whole = new Vector([makeData({ type, length: all.length, nullCount, data, nullBitmap } as never)]);
  return offset === 0 ? whole : whole.slice(offset);
}

/** The raw 64-bit integers of a column; `null` for null. */
export function rawOf(column: Column): (bigint | null)[] {
  if (column.kind !== 'int64') throw new Error(`no 64-bit column: ${column.kind}`);
  const { values, validity, offset } = column;
  return Array.from({ length: column.length }, (_, i) =>
    validity === undefined || (validity[(offset + i) >> 3]! >> ((offset + i) & 7)) & 1
      ? BigInt(values[i]!)
      : null,
  );
}

/** Strings of up to twelve bytes lie in their view, longer ones in a buffer. */
export function viewsOf(texts: readonly (string | null)[]): Vector {
  const views = new Uint8Array(16 * texts.length);
  const cells = new DataView(views.buffer);
  const validity = new Uint8Array(((texts.length + 63) >> 6) << 3);
  const long: number[] = [];
  for (const [i, text] of texts.entries()) {
    if (text === null) continue;
    validity[i >> 3]! |= 1 << (i & 7);
    const bytes = new TextEncoder().encode(text);
    cells.setInt32(16 * i, bytes.length, true);
    if (bytes.length <= 12) views.set(bytes, 16 * i + 4);
    else {
      views.set(bytes.subarray(0, 4), 16 * i + 4);
      cells.setInt32(16 * i + 12, long.length, true);
      long.push(...bytes);
    }
  }
  const nullCount = texts.filter((text) => text === null).length;
  const buffers = { views, nullBitmap: validity, variadicBuffers: [Uint8Array.from(long)] };
  return new Vector([
    makeData({ type: new Utf8View(), length: texts.length, nullCount, ...buffers } as never),
  ]);
}
