import { Dictionary, Int32 } from 'apache-arrow';
import { SchemaError } from '../errors.ts';
import { getBit, newBitmap, setBit } from './bitmap.ts';
import type { Column, DictionaryColumn, NumberColumn, OpaqueColumn, Utf8Column } from './column.ts';
import { concatOpaque } from './concat-opaque.ts';
import { decoded } from './decoded.ts';
import { nullsOf } from './nulls.ts';
import { logicalTypeName, typeName } from './type-name.ts';
import type { ByteRows } from './views.ts';

/**
 * The rows of columns of one type, at least one, one after the other. Different dictionaries are put behind
 * each other, with 32-bit codes; beside plain values dictionaries are decoded; a column of type null is one of nulls. O(rows),
 * and the bytes of their strings.
 *
 * @throws SchemaError `type-mismatch` for columns of several types.
 */
export function concat(columns: readonly Column[]): Column {
  if (columns.length === 1) return columns[0]!;
  const given = alike(columns);
  return concatAlike(given);
}

/** The columns as columns of one kind. */
function alike(columns: readonly Column[]): readonly Column[] {
  const first = columns.find(({ kind }) => kind !== 'null') ?? columns[0]!;
  if (columns.every(({ kind }) => kind === first.kind)) {
    if (first.kind !== 'opaque' && first.kind !== 'dictionary') return columns;
    if (columns.every(({ type }) => logicalTypeName(type) === logicalTypeName(first.type))) return columns;
  }
  const plain = columns.map((column) => (column.kind === 'dictionary' ? decoded(column) : column));
  const { kind, type } = plain.find((column) => column.kind !== 'null') ?? plain[0]!;
  return plain.map((column) => {
    if (column.kind === 'null' && kind !== 'null') return nullsOf(type, column.length);
    if (column.kind === kind && logicalTypeName(column.type) === logicalTypeName(type)) return column;
    throw new SchemaError(
      'type-mismatch',
      `cannot join columns of type ${typeName(type)} and ${typeName(column.type)}`,
    );
  });
}

function concatAlike(columns: readonly Column[]): Column {
  const first = columns[0]!;
  const length = columns.reduce((sum, column) => sum + column.length, 0);
  const base = { type: first.type, length, offset: 0, validity: concatValidity(columns, length) };
  switch (first.kind) {
    case 'number':
    case 'int64': {
      const { constructor: TypedArray } = first.values as unknown as {
        constructor: new (length: number) => NumberColumn['values'];
      };
      const values = new TypedArray(length);
      let at = 0;
      for (const { values: part, length: size } of columns as NumberColumn[]) {
        values.set(part.subarray(0, size), at);
        at += size;
      }
      return { ...base, kind: first.kind, values } as Column;
    }
    case 'bool': {
      const values = newBitmap(length);
      let at = 0;
      for (const { values: part, offset, length: size } of columns as (typeof first)[]) {
        for (let i = 0; i < size; i++) if (getBit(part, offset + i)) setBit(values, at + i);
        at += size;
      }
      return { ...base, kind: 'bool', values };
    }
    case 'utf8':
      return { ...base, kind: 'utf8', ...concatStrings(columns as Utf8Column[], length) };
    case 'dictionary':
      return { ...base, ...concatCodes(columns as DictionaryColumn[], length) };
    case 'null':
      return { ...base, kind: 'null', validity: undefined };
    case 'opaque':
      return concatOpaque(columns as OpaqueColumn[], base.validity);
  }
}

function concatValidity(columns: readonly Column[], length: number): Uint8Array | undefined {
  if (columns.every(({ validity }) => validity === undefined)) return undefined;
  const bits = newBitmap(length);
  let at = 0;
  for (const { validity, offset, length: size } of columns) {
    for (let i = 0; i < size; i++)
      if (validity === undefined || getBit(validity, offset + i)) setBit(bits, at + i);
    at += size;
  }
  return bits;
}

/** Strings of bytes one behind the other. */
export function concatStrings(
  columns: readonly (ByteRows & { readonly length: number })[],
  length: number,
): ByteRows {
  const size = ({ valueOffsets, length: rows }: (typeof columns)[number]): number =>
    (valueOffsets[rows] ?? 0) - (valueOffsets[0] ?? 0);
  const bytes = new Uint8Array(columns.reduce((sum, column) => sum + size(column), 0));
  const valueOffsets = new Int32Array(length + 1);
  let row = 0;
  let end = 0;
  for (const column of columns) {
    const start = column.valueOffsets[0] ?? 0;
    bytes.set(column.bytes.subarray(start, start + size(column)), end);
    for (let i = 1; i <= column.length; i++) valueOffsets[row + i] = end + column.valueOffsets[i]! - start;
    row += column.length;
    end += size(column);
  }
  return { valueOffsets, bytes };
}

function concatCodes(
  columns: readonly DictionaryColumn[],
  length: number,
): Pick<DictionaryColumn, 'kind' | 'type' | 'codes' | 'dictionary'> {
  const starts = new Map<Column, number>();
  let size = 0;
  for (const { dictionary } of columns) {
    if (starts.has(dictionary)) continue;
    starts.set(dictionary, size);
    size += dictionary.length;
  }
  const codes = new Int32Array(length);
  let at = 0;
  for (const column of columns) {
    const start = starts.get(column.dictionary)!;
    for (let i = 0; i < column.length; i++) codes[at + i] = start + column.codes[i]!;
    at += column.length;
  }
  const { type } = columns[0]!;
  const whole = concat([...starts.keys()]);
  return { kind: 'dictionary', type: new Dictionary(type.dictionary, new Int32()), codes, dictionary: whole };
}
