import { Binary, Data, DataType, IntervalUnit } from 'apache-arrow';
import { SchemaError } from '../../errors.ts';
import { columnOf } from '../arrow.ts';
import { countBits } from '../bitmap.ts';
import { isBytes } from '../byte-rows.ts';
import type { Column, OpaqueColumn, Utf8Column } from '../column.ts';
import { byteRows } from '../compare-bytes.ts';
import { isString } from '../types.ts';
import { Utf8Keys } from './utf8-keys.ts';

/** Types whose keys are the bytes of their values. */
export function hasBytesKeys(type: DataType): boolean {
  return (
    isBytes(type) || DataType.isFixedSizeBinary(type) || DataType.isDecimal(type) || DataType.isInterval(type)
  );
}

/**
 * Keys that are bytes, decimals or intervals, as strings of bytes that sort as they do: numbers have their highest byte
 * first and their sign turned over. Bytes of any form come out as binary.
 */
export class BytesKeys extends Utf8Keys {
  constructor(type: DataType, position: number, dropna: boolean) {
    super(position, dropna, isBytes(type) ? new Binary() : type, 'opaque');
  }

  protected override assignValues(column: Column, length: number, ids: Int32Array): void {
    super.assignValues(sortableBytes(column), length, ids);
  }

  protected override idAt(column: Column, row: number): number {
    return super.idAt(sortableBytes(column), row);
  }

  protected override columnOfIds(ids: Int32Array, present: Uint8Array | undefined): Column {
    return valuesOfSortable(super.columnOfIds(ids, present) as Utf8Column, this.types[0]!);
  }
}

/** What `sortableBytes` made of a dictionary, which is asked for value by value. */
const known = new WeakMap<Column, Utf8Column>();

/** A column of keys as plain data: the bytes that are compared. Columns of other kinds are given back as they are. */
export function sortableBytes(column: Column): Utf8Column {
  if (column.kind === 'utf8') {
    if (isString(column.type)) {
      throw new SchemaError('schema-mismatch', `group key is of type ${column.type}, not bytes`);
    }
    return column;
  }
  let sortable = known.get(column);
  if (sortable === undefined) {
    sortable = newSortable(column as OpaqueColumn);
    known.set(column, sortable);
  }
  return sortable;
}

function newSortable(column: OpaqueColumn): Utf8Column {
  const { type, length, validity, offset, data } = column;
  const base = { kind: 'utf8' as const, type, length, validity, offset };
  const words = wordsOf(type);
  if (words === undefined) return { ...base, ...byteRows(column) };
  const from = new Uint32Array(data.values.buffer, data.values.byteOffset, length * words.length);
  const bytes = new Uint8Array(4 * from.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < length; i++) {
    for (const [k, { at, signed }] of words.entries()) {
      const word = from[i * words.length + at]!;
      view.setUint32(4 * (i * words.length + k), signed ? word ^ 0x80000000 : word);
    }
  }
  const valueOffsets = Int32Array.from({ length: length + 1 }, (_, i) => 4 * words.length * i);
  return { ...base, valueOffsets, bytes };
}

/** The other way round: values out of the bytes that were compared. */
function valuesOfSortable(column: Utf8Column, type: DataType): Column {
  const { length, validity, valueOffsets, bytes } = column;
  const nulls = validity === undefined ? 0 : length - countBits(validity, 0, length);
  const of = (offsets: unknown, values: unknown): Column =>
    columnOf(new Data(type, 0, length, nulls, [offsets, values, validity] as never));
  if (isBytes(type)) return of(valueOffsets, bytes);
  // A null has no bytes, but takes up room in a column of one width.
  if (DataType.isFixedSizeBinary(type)) {
    const values = new Uint8Array(type.byteWidth * length);
    for (let i = 0; i < length; i++) {
      values.set(bytes.subarray(valueOffsets[i]!, valueOffsets[i + 1]!), i * type.byteWidth);
    }
    return of(undefined, values);
  }
  const words = wordsOf(type)!;
  const into = new Uint32Array(words.length * length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < length; i++) {
    if (valueOffsets[i] === valueOffsets[i + 1]) continue;
    for (const [k, { at, signed }] of words.entries()) {
      const word = view.getUint32(valueOffsets[i]! + 4 * k);
      into[i * words.length + at] = signed ? word ^ 0x80000000 : word;
    }
  }
  return of(undefined, DataType.isDecimal(type) ? into : new Int32Array(into.buffer));
}

interface Word {
  /** Which of the words of a value. */
  readonly at: number;
  readonly signed: boolean;
}

/** The words of a value in the order in which they are compared. */
function wordsOf(type: DataType): readonly Word[] | undefined {
  if (DataType.isDecimal(type)) {
    const count = type.bitWidth / 32;
    return Array.from({ length: count }, (_, k) => ({ at: count - 1 - k, signed: k === 0 }));
  }
  if (!DataType.isInterval(type)) return undefined;
  const parts = [{ at: 0, signed: true }];
  if (type.unit === IntervalUnit.DAY_TIME) parts.push({ at: 1, signed: true });
  // Months, days, and the two words of nanoseconds.
  if (type.unit === IntervalUnit.MONTH_DAY_NANO) {
    parts.push({ at: 1, signed: true }, { at: 3, signed: true }, { at: 2, signed: false });
  }
  return parts;
}
