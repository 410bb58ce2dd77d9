import { Data, DataType, Field, FixedSizeList, List, Struct } from 'apache-arrow';
import { columnOf, dataOf } from './arrow.ts';
import { packBits } from './bitmap.ts';
import type { Column, OpaqueColumn } from './column.ts';
import { isNull, valueAt } from './value.ts';

/** The type of a struct of nullable fields; the int64 ones among `plain` are plain numbers for the user. */
export function structType(
  fields: Readonly<Record<string, DataType>>,
  plain: readonly string[] = [],
): Struct {
  return new Struct(
    Object.entries(fields).map(
      ([name, type]) => new Field(name, type, true, plain.includes(name) ? plainNumber() : undefined),
    ),
  );
}

/** The type of lists of any length. */
export function listType(item: DataType): List {
  return new List(new Field('item', item, true));
}

/** The type of lists of `length` int64 items, which are plain numbers for the user. */
export function countListType(item: DataType, length: number): FixedSizeList {
  return new FixedSizeList(length, new Field('item', item, true, plainNumber()));
}

/** A column of structs, null where `present` is 0. */
export function structColumn(
  type: DataType,
  length: number,
  children: readonly Column[],
  present?: Uint8Array,
): Column {
  return nested(type, length, children, present);
}

/** A column of lists; row `i` has the items `offsets[i] … offsets[i + 1]`. */
export function listColumn(type: DataType, offsets: Int32Array, items: Column): Column {
  return nested(type, offsets.length - 1, [items], undefined, offsets);
}

/** A column of lists of equal length. */
export function fixedListColumn(type: DataType, length: number, items: Column): Column {
  return nested(type, length, [items]);
}

function nested(
  type: DataType,
  length: number,
  children: readonly Column[],
  present?: Uint8Array,
  offsets?: Int32Array,
): Column {
  const validity = packBits(present);
  const nulls = present === undefined ? 0 : present.reduce((sum, flag) => sum + Number(flag === 0), 0);
  const buffers = [offsets, undefined, validity] as never;
  return columnOf(new Data(type, 0, length, nulls, buffers, children.map(dataOf)));
}

/**
 * Metadata key of a field whose int64 values JavaScript is to see as plain numbers, and structs and lists as plain
 * objects and arrays.
 */
export const plainNumberKey = 'millrace:number';

export function plainNumber(): Map<string, string> {
  return new Map([[plainNumberKey, 'true']]);
}

/** Whether the metadata of a field asks for plain values. */
export function isPlain(field: Field): boolean {
  return field.metadata.get(plainNumberKey) === 'true';
}

/**
 * One value of a field as the user sees it: what `valueAt` says, but where the field asks for it a number for an
 * int64, an object for a struct and an array for a list.
 */
export function fieldValue(field: Field, column: Column, row: number): unknown {
  if (!isPlain(field) && column.kind !== 'opaque') return valueAt(column, row);
  return column.kind === 'opaque' ? nestedAt(field, column, row) : asNumber(valueAt(column, row));
}

function asNumber(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

function nestedAt(field: Field, column: OpaqueColumn, row: number): unknown {
  const { type, data } = column;
  if (!isPlain(field) || isNull(column, row)) return valueAt(column, row);
  const child = (k: number, at: number): unknown =>
    fieldValue(asParent(field, type.children[k]!), columnOf(data.children[k]!), at);
  if (DataType.isStruct(type)) {
    return Object.fromEntries(type.children.map(({ name }, k) => [name, child(k, row)]));
  }
  const range = (from: number, to: number): unknown[] =>
    Array.from({ length: to - from }, (_, i) => child(0, from + i));
  if (DataType.isFixedSizeList(type)) return range(row * type.listSize, (row + 1) * type.listSize);
  if (DataType.isList(type)) return range(data.valueOffsets[row]!, data.valueOffsets[row + 1]!);
  return valueAt(column, row);
}

/** A nested field is plain where the one around it is. */
function asParent(parent: Field, field: Field): Field {
  const isNested = DataType.isStruct(field.type) || DataType.isList(field.type);
  return isNested ? new Field(field.name, field.type, field.nullable, parent.metadata) : field;
}
