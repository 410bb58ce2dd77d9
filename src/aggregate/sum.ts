import { DataType, type Duration, type Float, Float64 } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { columnOfLanes } from '../columnar/lanes.ts';
import type { FamilyOf } from '../columnar/type-families.ts';
import { isFloat, isSmallInt, isUnsigned, isWideInt } from '../columnar/types.ts';
import { SchemaError } from '../errors.ts';
import type {
  AggregationDefinition,
  ExactInteger,
  Fields,
  SlotAggregation,
  TypeFunction,
} from './aggregation.ts';
import { exactInteger } from './exact-integer.ts';
import { floatCount, floatTotal, floatTotalOver } from './float-total.ts';
import { integerCount, integerTotal, integerTotalInto } from './integer-total.ts';
import { wholeNumber } from './options.ts';

export interface SumOptions {
  /** Fewer valid values than this give null. Default 0: nothing sums to 0. */
  minCount?: number | undefined;
}

/** Type of a sum: floats give float64, 64-bit integers and durations their own type, the rest exact integers. */
export interface SumType extends TypeFunction {
  readonly output: Summed<this['input']>;
  readonly nullable: false;
}

type Summed<D> = {
  unknown: DataType;
  number: D extends Float ? Float64 : ExactInteger;
  int64: D;
  bool: ExactInteger;
  'time-ms': D extends Duration ? D : never;
  time: D extends Duration ? D : never;
  string: never;
  null: never;
}[FamilyOf<D>];

/**
 * Sum of the valid values; null and NaN are skipped, nothing sums to 0.
 *
 * Floats are summed with an error of about 2⁻¹⁰⁶ of the largest partial sum, whatever their order; an infinity gives an
 * infinity, two of different sign NaN. Integers and durations are summed exactly, and where the sum does
 * not fit (2⁵³ - 1 for integers of at most 32 bits and booleans, else 64 bits) `overflow` is thrown.
 */
export const sum: AggregationDefinition<SumType, SumOptions> & { readonly skipna: true } = {
  name: 'sum',
  skipna: true,
  accepts: (type) =>
    isFloat(type) ||
    isSmallInt(type) ||
    isWideInt(type) ||
    DataType.isBool(type) ||
    DataType.isDuration(type),
  options: ({ minCount = 0 }) => ({ minCount: wholeNumber('sum', 'minCount', minCount) }),
  bind(type, { minCount = 0 }) {
    return isFloat(type) ? floatSum(minCount) : integerSum(type, minCount);
  },
};

function floatSum(minCount: number): SlotAggregation {
  return {
    ...floatTotal(),
    output: new Float64(),
    result(state, slots) {
      const values = new Float64Array(slots.length);
      for (let i = 0; i < slots.length; i++) values[i] = floatTotalOver(state, slots[i]!, 1);
      return columnOfLanes(this.output, [values], enough(state, slots, minCount, floatCount));
    },
  };
}

function integerSum(type: DataType, minCount: number): SlotAggregation {
  const plainNumber = !isWideInt(type) && !DataType.isDuration(type);
  const output = plainNumber ? exactInteger : type;
  return {
    ...integerTotal(type),
    output,
    plainNumber,
    largestTotal: plainNumber ? 2 ** 53 : 2 ** 63,
    result(state, slots): Column {
      const high = new Float64Array(slots.length);
      const low = new Float64Array(slots.length);
      const lanes = [high, low];
      const present = enough(state, slots, minCount, integerCount);
      const limit = plainNumber ? 2 ** 21 : isUnsigned(type) ? 2 ** 32 : 2 ** 31;
      const least = isUnsigned(type) && !plainNumber ? 0 : -limit;
      for (let i = 0; i < slots.length; i++) {
        integerTotalInto(lanes, i, state, slots[i]!);
        const fits = high[i]! < limit && high[i]! >= least;
        const safe = !plainNumber || Number.isSafeInteger(high[i]! * 2 ** 32 + low[i]!);
        if (!(fits && safe) && present?.[i] !== 0) throw overflow(output, plainNumber, high[i]!, low[i]!);
      }
      return columnOfLanes(output, lanes, present);
    },
  };
}

/** Flags of the slots that saw at least `minCount` values; `undefined` where that is no question. */
function enough(
  state: Fields,
  slots: Int32Array,
  minCount: number,
  countOf: (state: Fields, slot: number) => number,
): Uint8Array | undefined {
  if (minCount === 0) return undefined;
  return Uint8Array.from(slots, (slot) => Number(countOf(state, slot) >= minCount));
}

function overflow(output: DataType, plainNumber: boolean, high: number, low: number): SchemaError {
  const total = (BigInt(high) << 32n) + BigInt(low);
  const limit = plainNumber ? 'the exact integers of a number, ±(2^53 - 1)' : `${output}`;
  return new SchemaError('overflow', `sum: ${total} does not fit ${limit}`);
}
