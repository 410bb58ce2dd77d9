import { Data, DataType, Vector } from 'apache-arrow';
import { columnOf } from './arrow.ts';
import type { Column } from './column.ts';
import { plainStrings } from './plain-strings.ts';
import { take } from './take.ts';

/** A column as plain data, without its type. */
export type SavedColumn = Readonly<Record<string, unknown>>;

/** What of Arrow data is no type. */
interface SavedData {
  readonly length: number;
  readonly offset: number;
  readonly nullCount: number;
  readonly buffers: readonly unknown[];
  readonly children: readonly SavedData[];
  readonly dictionary: readonly SavedData[] | undefined;
  /** The bytes that views point into. */
  readonly pieces: readonly unknown[];
}

/** A column that is no dictionary, as plain data that `structuredClone` takes. The arrays are not copied. */
export function savedColumn(column: Column): SavedColumn {
  const { type: _, data: __, ...rest } = column;
  return column.kind === 'opaque' ? { ...rest, data: savedData(column.data) } : rest;
}

/** The column of that type that `savedColumn` was given. */
export function restoredColumn(saved: SavedColumn, type: DataType): Column {
  if (saved.kind === 'opaque') return columnOf(restoredData(saved.data as SavedData, type));
  return { ...saved, type } as unknown as Column;
}

function savedData(data: Data): SavedData {
  const { length, offset, nullCount, valueOffsets, values, nullBitmap, children, dictionary } = data;
  const { variadicBuffers } = data;
  return {
    length,
    offset,
    nullCount,
    buffers: [valueOffsets, values, nullBitmap],
    children: children.map(savedData),
    dictionary: dictionary?.data.map(savedData),
    pieces: [...(variadicBuffers ?? [])],
  };
}

function restoredData(saved: SavedData, type: DataType): Data {
  const { length, offset, nullCount, buffers, children, dictionary, pieces } = saved;
  const of = children.map((child, k) => restoredData(child, type.children![k]!.type));
  const values = DataType.isDictionary(type) ? type.dictionary : type;
  const vector = dictionary && new Vector(dictionary.map((piece) => restoredData(piece, values)));
  return new Data(type, offset, length, nullCount, buffers as never, of, vector, pieces as never);
}

/** A copy of a column that is no longer than need be, as plain data; strings plain, not in a dictionary. */
export function savedCopy(column: Column): SavedColumn {
  const rows = Int32Array.from({ length: column.length }, (_, i) => i);
  return savedColumn(take(plainStrings(column), rows));
}

/** The column that `savedCopy` was given, of the type that it had. */
export function restoredCopy(saved: SavedColumn, type: DataType): Column {
  const { dictionary } = type as { dictionary?: DataType };
  return restoredColumn(saved, saved.kind === 'dictionary' ? type : (dictionary ?? type));
}
