import { Data, DataType, Dictionary, Int32 } from 'apache-arrow';
import { SchemaError } from '../errors.ts';
import { columnOf, dataOf } from './arrow.ts';
import { getBit, newBitmap, setBit } from './bitmap.ts';
import type {
  Column,
  DictionaryColumn,
  NumberArray,
  NumberColumn,
  OpaqueColumn,
  Utf8Column,
} from './column.ts';
import { typeName } from './type-name.ts';

/**
 * The rows of columns of one type and kind, at least one, one after the other. Different dictionaries are put behind
 * each other, with 32-bit codes. O(rows), and the bytes of their strings.
 *
 * @throws SchemaError `type-mismatch` for unions and the other rare types that have no rows of one width.
 */
export function concat(columns: readonly Column[]): Column {
  const first = columns[0]!;
  if (columns.length === 1) return first;
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
      return concatOpaque(columns as OpaqueColumn[], length);
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

function concatStrings(
  columns: readonly Pick<Utf8Column, 'length' | 'valueOffsets' | 'bytes'>[],
  length: number,
): Pick<Utf8Column, 'valueOffsets' | 'bytes'> {
  const size = ({ valueOffsets, length: rows }: Pick<Utf8Column, 'length' | 'valueOffsets'>): number =>
    valueOffsets[rows]! - valueOffsets[0]!;
  const bytes = new Uint8Array(columns.reduce((sum, column) => sum + size(column), 0));
  const valueOffsets = new Int32Array(length + 1);
  let row = 0;
  let end = 0;
  for (const column of columns) {
    const start = column.valueOffsets[0]!;
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

/** Columns that are only carried along: their buffers and, by the same rules, their children. */
function concatOpaque(columns: readonly OpaqueColumn[], length: number): Column {
  const { type } = columns[0]!;
  const pieces = columns.map(({ data }) => data);
  const nullable = pieces.some(({ nullBitmap, nullCount }) => nullCount > 0 && nullBitmap?.length > 0);
  const bits = nullable ? newBitmap(length) : undefined;
  let nulls = 0;
  for (let k = 0, at = 0; bits !== undefined && k < pieces.length; k++) {
    const { nullBitmap, offset, length: size } = pieces[k]!;
    for (let i = 0; i < size; i++, at++) {
      if (!(nullBitmap?.length > 0) || getBit(nullBitmap, offset + i)) setBit(bits, at);
      else nulls++;
    }
  }
  const of = (offsets: Int32Array | undefined, values: unknown, children: readonly Data[] = []): Column =>
    columnOf(new Data(type, 0, length, nulls, [offsets, values, bits] as never, [...children]));
  const child = (k: number, cut: (piece: Data, child: Data) => Data): Data =>
    dataOf(concat(pieces.map((piece) => columnOf(cut(piece, piece.children[k]!)))));
  if (DataType.isStruct(type)) {
    return of(
      undefined,
      undefined,
      type.children.map((_, k) =>
        child(k, (piece, part) =>
          part.length === piece.length ? part : part.slice(piece.offset, piece.length),
        ),
      ),
    );
  }
  if (DataType.isBinary(type)) {
    const strings = pieces.map(({ length: size, valueOffsets, values }) => ({
      length: size,
      valueOffsets: valueOffsets as Int32Array,
      bytes: values as Uint8Array,
    }));
    const { valueOffsets, bytes } = concatStrings(strings, length);
    return of(valueOffsets, bytes);
  }
  if (DataType.isList(type) || DataType.isMap(type)) {
    const valueOffsets = new Int32Array(length + 1);
    let row = 0;
    for (const { length: size, valueOffsets: offsets } of pieces) {
      for (let i = 0; i < size; i++, row++) {
        valueOffsets[row + 1] = valueOffsets[row]! + (offsets[i + 1]! as number) - (offsets[i]! as number);
      }
    }
    const items = child(0, ({ length: size, valueOffsets: offsets }, part) => {
      const start = offsets[0]! as number;
      return part.slice(start, (offsets[size]! as number) - start);
    });
    return of(valueOffsets, undefined, [items]);
  }
  if (DataType.isFixedSizeList(type)) {
    const { listSize } = type;
    return of(undefined, undefined, [
      child(0, ({ length: size }, part) =>
        part.length === size * listSize ? part : part.slice(0, size * listSize),
      ),
    ]);
  }
  if (
    DataType.isFixedSizeBinary(type) ||
    DataType.isDecimal(type) ||
    DataType.isFloat(type) ||
    DataType.isInterval(type)
  ) {
    const first = pieces[0]!;
    const { stride } = first;
    const { constructor: TypedArray } = first.values as unknown as {
      constructor: new (length: number) => NumberArray;
    };
    const values = new TypedArray(length * stride);
    let at = 0;
    for (const { values: part, length: size } of pieces) {
      values.set((part as NumberArray).subarray(0, size * stride), at);
      at += size * stride;
    }
    return of(undefined, values);
  }
  throw new SchemaError('type-mismatch', `cannot join columns of type ${typeName(type)}`);
}
