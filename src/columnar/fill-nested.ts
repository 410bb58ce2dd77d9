import { Data, DataType, type Dictionary, type Field, Vector } from 'apache-arrow';
import { codesAsWide, columnOf, dataOf } from './arrow.ts';
import { countBits } from './bitmap.ts';
import { type BuildColumn, validityOf } from './build.ts';
import { hasLargeOffsets } from './byte-rows.ts';
import type { Column } from './column.ts';
import { type Reject, show, type Values } from './fill.ts';
import { typeName } from './type-name.ts';

/** Builders of the columns inside. */
type BuilderOf = (field: Field) => BuildColumn;

/**
 * The builder of lists out of arrays and other iterables, structs out of objects, maps out of maps, objects and pairs, intervals
 * out of arrays of their parts, and dictionaries of anything. `undefined` for any other type.
 */
export function nestedBuilder(type: DataType, builderOf: BuilderOf): BuildColumn | undefined {
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type)) {
    const entries = DataType.isMap(type) ? entriesIn : itemsIn;
    return listBuilder(type, entries, builderOf(type.children[0] as Field));
  }
  if (DataType.isFixedSizeList(type)) {
    return fixedListBuilder(type, type.listSize, builderOf(type.children[0] as Field));
  }
  if (DataType.isStruct(type)) {
    return structBuilder(
      type,
      (type.children as Field[]).map((field) => [field.name, builderOf(field)] as const),
    );
  }
  if (DataType.isInterval(type)) return intervalBuilder(type);
  if (DataType.isDictionary(type)) {
    return dictionaryBuilder(
      type,
      builderOf({ name: '', type: type.dictionary as DataType, nullable: true } as Field),
    );
  }
  return undefined;
}

function make(
  type: DataType,
  length: number,
  validity: Uint8Array | undefined,
  [offsets, values]: readonly unknown[],
  children: Data[] = [],
  dictionary?: Vector,
): Column {
  const nulls = validity === undefined ? 0 : length - countBits(validity, 0, length);
  return columnOf(
    new Data(type, 0, length, nulls, [offsets, values, validity] as never, children, dictionary),
  );
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

/** The items of all lists one after the other, and the row of each. */
function listBuilder(
  type: DataType,
  itemsOf: (value: unknown) => unknown[] | undefined,
  build: BuildColumn,
): BuildColumn {
  return (values, length, validity, reject) => {
    const items: unknown[] = [];
    const rowOf: number[] = [];
    const offsets = new Int32Array(length + 1);
    for (let i = 0; i < length; i++) {
      const own = isMissing(values[i]) ? [] : itemsOf(values[i]);
      if (own === undefined) reject(i, `expected ${typeName(type)}, got ${show(values[i])}`);
      for (const item of own ?? []) {
        items.push(item);
        rowOf.push(i);
      }
      offsets[i + 1] = items.length;
    }
    const child = childOf(items, build, (item, reason) => reject(rowOf[item]!, reason));
    return make(
      type,
      length,
      validity,
      [hasLargeOffsets(type) ? BigInt64Array.from(offsets, BigInt) : offsets, undefined],
      [child],
    );
  };
}

function fixedListBuilder(type: DataType, size: number, build: BuildColumn): BuildColumn {
  return (values, length, validity, reject) => {
    const items: unknown[] = new Array(size * length).fill(undefined);
    for (let i = 0; i < length; i++) {
      if (isMissing(values[i])) continue;
      const own = itemsIn(values[i]);
      if (own?.length !== size) reject(i, `expected ${size} items, got ${own?.length ?? show(values[i])}`);
      for (let k = 0; k < size; k++) items[size * i + k] = own?.[k];
    }
    const child = childOf(items, build, (item, reason) => reject(Math.floor(item / size), reason));
    return make(type, length, validity, [undefined, undefined], [child]);
  };
}

function structBuilder(type: DataType, fields: readonly (readonly [string, BuildColumn])[]): BuildColumn {
  return (values, length, validity, reject) => {
    for (let i = 0; i < length; i++) {
      const value = values[i];
      if (isMissing(value) || (typeof value === 'object' && !Array.isArray(value))) continue;
      reject(i, `expected ${typeName(type)}, got ${show(value)}`);
    }
    const children = fields.map(([name, build]) => {
      const own = Array.from(
        { length },
        (_, i) => (values[i] as Record<string, unknown> | null | undefined)?.[name],
      );
      return childOf(own, build, (row, reason) => reject(row, `${name}: ${reason}`));
    });
    return make(type, length, validity, [undefined, undefined], children);
  };
}

function intervalBuilder(type: DataType): BuildColumn {
  const { stride } = new Data(type, 0, 0);
  return (values, length, validity, reject) => {
    const parts = new Int32Array(stride * length);
    for (let i = 0; i < length; i++) {
      const own = isMissing(values[i]) ? [] : itemsIn(values[i]);
      // Years and months come as two, and are kept as months.
      const whole = stride === 1 && own?.length === 2 ? [Number(own[0]) * 12 + Number(own[1])] : own;
      if (!isMissing(values[i]) && whole?.length !== stride) {
        reject(i, `expected ${typeName(type)}, got ${show(values[i])}`);
      } else parts.set((whole ?? []) as number[], stride * i);
    }
    return make(type, length, validity, [undefined, parts]);
  };
}

/** Numbers, strings and the like have one code each time they come; an object has one each time. */
function dictionaryBuilder(type: Dictionary, build: BuildColumn): BuildColumn {
  const { bitWidth, isSigned, ArrayType } = type.indices as unknown as {
    readonly bitWidth: number;
    readonly isSigned: boolean;
    readonly ArrayType: new (length: number) => Int32Array;
  };
  const limit = 2 ** Math.min(31, isSigned ? bitWidth - 1 : bitWidth);
  return (values, length, validity, reject) => {
    const codes = bitWidth === 64 ? new Int32Array(length) : new ArrayType(length);
    const known = new Map<unknown, number>();
    const distinct: unknown[] = [];
    const firstRow: number[] = [];
    for (let i = 0; i < length; i++) {
      const value = values[i];
      if (isMissing(value)) continue;
      let code = known.get(value);
      if (code === undefined) {
        if (distinct.length >= limit) {
          reject(i, `more than ${limit} distinct values, ${show(value)} has no code left`);
          continue;
        }
        code = distinct.push(value) - 1;
        firstRow.push(i);
        known.set(value, code);
      }
      codes[i] = code;
    }
    const dictionary = childOf(distinct, build, (k, reason) => {
      for (let i = firstRow[k]!; i < length; i++) if (known.get(values[i]) === k) reject(i, reason);
    });
    return make(type, length, validity, [undefined, codesAsWide(type, codes)], [], new Vector([dictionary]));
  };
}

function childOf(values: Values, build: BuildColumn, reject: Reject): Data {
  return dataOf(build(values, values.length, validityOf(values, values.length), reject));
}

function itemsIn(value: unknown): unknown[] | undefined {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) return undefined;
  return [...(value as Iterable<unknown>)];
}

/** The entries of a map as objects of key and value. */
function entriesIn(value: unknown): unknown[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const pairs = itemsIn(value) ?? Object.entries(value);
  return pairs.map((pair) => (Array.isArray(pair) ? { key: pair[0], value: pair[1] } : pair));
}
