import { DataType, type Decimal, type Duration, type Float, Float64 } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { decimalColumn, decimalType, isDecimal } from '../columnar/decimal.ts';
import { columnOfLanes } from '../columnar/lanes.ts';
import type { FamilyOf } from '../columnar/type-families.ts';
import { typeName } from '../columnar/type-name.ts';
import { isFloat, isSmallInt, isUnsigned, isWideInt } from '../columnar/types.ts';
import { didYouMean, quote, SchemaError } from '../errors.ts';
import type {
  AggregationDefinition,
  ExactInteger,
  Fields,
  SlotAggregation,
  TypeFunction,
} from './aggregation.ts';
import { wordCount, wordTotal, wordTotalOf } from './decimal-total.ts';
import { exactInteger } from './exact-integer.ts';
import { floatCount, floatTotal, floatTotalOver } from './float-total.ts';
import { integerCount, integerTotal, integerTotalInto } from './integer-total.ts';
import { wholeNumber } from './options.ts';

export interface SumOptions {
  /** Fewer valid values than this give null. Default 0: nothing sums to 0. */
  minCount?: number | undefined;
  /**
   * What becomes of a sum of 64-bit integers that does not fit 64 bits: an error (default); all such sums as decimals of 38
   * digits, which JavaScript sees as strings; or the 64 lowest bits, as processors have it.
   */
  overflow?: SumOverflow | undefined;
}

/** What becomes of a sum that does not fit 64 bits. */
export type SumOverflow = 'error' | 'decimal' | 'wrap';

const overflows: readonly SumOverflow[] = ['error', 'decimal', 'wrap'];

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
  time: D extends Duration ? D : D extends Decimal ? Decimal : never;
  string: never;
  null: never;
}[FamilyOf<D>];

/**
 * Sum of the valid values; null and NaN are skipped, nothing sums to 0.
 *
 * Floats are summed with an error of about 2⁻¹⁰⁶ of the largest partial sum, whatever their order; an infinity gives an
 * infinity, two of different sign NaN. Integers and durations are summed exactly, and where the sum does
 * not fit (2⁵³ - 1 for integers of at most 32 bits and booleans, else 64 bits) `overflow` is thrown, unless the option of
 * that name says otherwise. Decimals are summed exactly, of up to 19 digits into 38 and of more into 76; a sum of more is
 * an `overflow`.
 */
export const sum: AggregationDefinition<SumType, SumOptions> & { readonly skipna: true } = {
  name: 'sum',
  skipna: true,
  accepts: (type) =>
    isFloat(type) ||
    isSmallInt(type) ||
    isWideInt(type) ||
    DataType.isBool(type) ||
    DataType.isDuration(type) ||
    isDecimal(type),
  options({ minCount = 0, overflow = 'error' }) {
    if (!overflows.includes(overflow)) {
      throw new SchemaError(
        'bad-option',
        `sum: option "overflow" must be one of ${overflows.join(', ')}, not ${quote(String(overflow))}${didYouMean(String(overflow), overflows)}`,
      );
    }
    return { minCount: wholeNumber('sum', 'minCount', minCount), overflow };
  },
  bind(type, { minCount = 0, overflow = 'error' }) {
    if (isFloat(type)) return floatSum(minCount);
    if (isDecimal(type))
      return decimalSum(type, decimalType(type.precision <= 19 ? 38 : 76, type.scale), minCount);
    if (isWideInt(type) && overflow === 'decimal') return decimalSum(type, decimalType(38, 0), minCount);
    return integerSum(type, minCount, isWideInt(type) && overflow === 'wrap');
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

/** Sum of decimals, or of 64-bit integers, which may become larger than these. */
function decimalSum(type: DataType, output: Decimal, minCount: number): SlotAggregation {
  return {
    ...wordTotal(type),
    output,
    largestTotal: 10 ** output.precision,
    result(state, slots) {
      const present = enough(state, slots, minCount, wordCount);
      const totals = Array.from(slots, (slot) => wordTotalOf(state, slot));
      return decimalColumn(
        output,
        totals,
        (row) => present?.[row] !== 0,
        (_, __, total) => {
          throw new SchemaError('overflow', `sum: ${total} does not fit ${typeName(output)}`);
        },
      );
    },
  };
}

function integerSum(type: DataType, minCount: number, wraps: boolean): SlotAggregation {
  const plainNumber = !isWideInt(type) && !DataType.isDuration(type);
  const output = plainNumber ? exactInteger : type;
  return {
    ...integerTotal(type),
    output,
    plainNumber,
    ...(wraps ? {} : { largestTotal: plainNumber ? 2 ** 53 : 2 ** 63 }),
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
        if ((fits && safe) || present?.[i] === 0) continue;
        if (!wraps) throw tooLarge(output, plainNumber, high[i]!, low[i]!);
        high[i] = Number(BigInt.asIntN(32, BigInt(high[i]!)));
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

function tooLarge(output: DataType, plainNumber: boolean, high: number, low: number): SchemaError {
  const total = (BigInt(high) << 32n) + BigInt(low);
  const limit = plainNumber ? 'the exact integers of a number, ±(2^53 - 1)' : `${output}`;
  return new SchemaError('overflow', `sum: ${total} does not fit ${limit}`);
}
