import { type DataType, Int64, type List, type Struct, Utf8 } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { listColumn, listType, structColumn, structType } from '../columnar/nested.ts';
import { SchemaError } from '../errors.ts';
import type {
  AggregationDefinition,
  Apply,
  ExactInteger,
  SlotAggregation,
  TypeFunction,
} from './aggregation.ts';
import type { Codes } from './codes.ts';
import { eachValue, noFields, notOpen } from './collection.ts';
import { exactIntegers } from './exact-integer.ts';
import type { SameType } from './extreme.ts';
import { isText, isValue } from './pick.ts';
import { RankedCounts } from './ranked-counts.ts';
import { type SavedSpaceSaving, SpaceSaving } from './space-saving.ts';
import type { SavedCounts } from './value-counts.ts';

export interface TopKOptions {
  /** How many values. Default 10. */
  k?: number | undefined;
  /** How many counters, at least k. More make the counts better. Default: 10 · k, and 100 at least. */
  counters?: number | undefined;
}

/** Values and how often they came. */
export type TopK<D extends DataType> = List<Struct<{ value: D; count: ExactInteger; error: ExactInteger }>>;

export interface TopKType extends TypeFunction {
  readonly output: TopKOf<Apply<SameType, Extract<this['input'], DataType>>>;
  readonly nullable: false;
}

type TopKOf<D> = [D] extends [never] ? never : TopK<Extract<D, DataType>>;

const reads = [{ input: 0, as: 'code' }] as const;

/**
 * The most frequent valid values, by a SpaceSaving sketch: a list of `{ value, count, error }`, the most frequent
 * first, of equal ones the smallest. A count is too high by `error` at most, and never too low; a value that came
 * more often than rows / counters is certainly among the counters. While there are no more different values than
 * counters all is exact. Keeps `counters` values per group.
 *
 * A sketch cannot let go of rows: in a window the counts are exact, and each different value in view is held.
 */
export const topK: AggregationDefinition<TopKType, TopKOptions, 1, false> & { readonly argument: 'k' } = {
  name: 'topK',
  argument: 'k',
  every: false,
  accepts: isValue,
  options({ k = 10, counters = Math.max(100, 10 * k) }) {
    if (!Number.isSafeInteger(k) || k < 1) {
      throw new SchemaError(
        'bad-option',
        `topK: option "k" must be a whole number from 1 on, not ${String(k)}`,
      );
    }
    if (!Number.isSafeInteger(counters) || counters < k) {
      throw new SchemaError(
        'bad-option',
        `topK: option "counters" must be a whole number from k on, not ${String(counters)}`,
      );
    }
    return { k, counters };
  },
  bind(type, { k = 10, counters = 100 }) {
    const value = isText(type) ? new Utf8() : type;
    const output = listType(
      structType({ value, count: new Int64(), error: new Int64() }, ['count', 'error']),
    );
    const shared = { output, plainNumber: true, reads };
    return {
      ...notOpen,
      ...shared,
      inWindows: {
        ...notOpen,
        ...shared,
        open: (context) => ({ ...noFields, ...shared, ...exact(output, k, context.codes(0)) }),
      },
      open: (context) => ({ ...noFields, ...shared, ...sketched(output, k, counters, context.codes(0)) }),
    };
  },
};

type Collecting = Pick<SlotAggregation, 'add' | 'remove' | 'drop' | 'save' | 'restore' | 'mark' | 'result'>;

function exact(output: List, k: number, codes: Codes): Collecting {
  const counts = new RankedCounts(codes);
  return {
    add(slotOf, lanes, from, to) {
      eachValue(slotOf, lanes, from, to, (slot, code) => counts.add(slot, code));
    },
    remove(slotOf, lanes, from, to) {
      eachValue(slotOf, lanes, from, to, (slot, code) => counts.remove(slot, code));
    },
    drop: (slot) => counts.drop(slot),
    save: () => counts.save(),
    restore: (saved) => counts.restore(saved as SavedCounts),
    mark(_state, _slots, mark) {
      for (const code of counts.codes()) mark(0, code);
    },
    result: (_state, slots, collections = slots) =>
      lists(
        output,
        codes,
        Array.from(collections, (slot) => counts.top(slot, k).map((value) => ({ ...value, error: 0 }))),
      ),
  };
}

function sketched(output: List, k: number, size: number, codes: Codes): Collecting {
  let slots: (SpaceSaving | undefined)[] = [];
  return {
    add(slotOf, lanes, from, to) {
      eachValue(slotOf, lanes, from, to, (slot, code) => {
        slots[slot] ??= new SpaceSaving(size);
        slots[slot].add(code);
      });
    },
    drop(slot) {
      slots[slot] = undefined;
    },
    save: () => ({ sketches: slots.map((sketch) => sketch?.save()) }),
    restore(saved) {
      slots = (saved as { sketches: (SavedSpaceSaving | undefined)[] }).sketches.map((sketch) => {
        if (sketch === undefined) return undefined;
        const restored = new SpaceSaving(size);
        restored.restore(sketch);
        return restored;
      });
    },
    mark(_state, _slots, mark) {
      for (const sketch of slots) for (const { code } of sketch?.counters() ?? []) mark(0, code);
    },
    result: (_state, wanted, collections = wanted) =>
      lists(
        output,
        codes,
        Array.from(collections, (slot) =>
          (slots[slot]?.counters() ?? [])
            .sort((a, b) => b.count - a.count || codes.compare(a.code, b.code))
            .slice(0, k),
        ),
      ),
  };
}

function lists(
  output: List,
  codes: Codes,
  rows: readonly (readonly { code: number; count: number; error: number }[])[],
): Column {
  const items = rows.flat();
  const offsets = new Int32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) offsets[i + 1] = offsets[i]! + row.length;
  const integers = (values: number[]): Column =>
    exactIntegers(
      Float64Array.from(values),
      Int32Array.from(values, (_, i) => i),
    );
  const structs = structColumn(output.valueType, items.length, [
    codes.columnOf(Float64Array.from(items, ({ code }) => code)),
    integers(items.map(({ count }) => count)),
    integers(items.map(({ error }) => error)),
  ]);
  return listColumn(output, offsets, structs);
}
