import { DataType, type Decimal, type Duration, Float64, type Timestamp } from 'apache-arrow';
import { decimalText, isDecimal } from '../columnar/decimal.ts';
import { columnOfLanes } from '../columnar/lanes.ts';
import type { FamilyOf, IsUnknown } from '../columnar/type-families.ts';
import { isFloat, isSmallInt, isWideInt } from '../columnar/types.ts';
import type {
  Accumulator,
  AggregationDefinition,
  Apply,
  Fields,
  SlotAggregation,
  TypeFunction,
} from './aggregation.ts';
import { wordCount, wordTotal, wordTotalOf } from './decimal-total.ts';
import { floatCount, floatTotal, floatTotalOver } from './float-total.ts';
import { integerCount, integerTotal, integerTotalInto, integerTotalOf } from './integer-total.ts';

/** Float64 of numbers and booleans; null where there are too few values. */
export interface FloatType extends TypeFunction {
  readonly output: {
    unknown: Float64;
    number: Float64;
    int64: Float64;
    bool: Float64;
    'time-ms': never;
    time: never;
    string: never;
    null: never;
  }[FamilyOf<this['input']>];
  readonly nullable: true;
}

/** Float64 of numbers, decimals and booleans, the type itself of timestamps and durations; null where there are too few values. */
export interface MeanType extends TypeFunction {
  readonly output: IsUnknown<this['input']> extends true
    ? Float64
    : this['input'] extends Timestamp | Duration
      ? this['input']
      : this['input'] extends Decimal
        ? Float64
        : Apply<FloatType, Extract<this['input'], DataType>>;
  readonly nullable: true;
}

/**
 * Mean of the valid values, as float64; null where there is none. Null and NaN are skipped; infinities
 * follow IEEE 754. The mean of integers and of decimals is the exact sum divided by the count. Timestamps and durations have a
 * mean of their own type, rounded to its unit.
 */
export const mean: AggregationDefinition<MeanType> & { readonly skipna: true } = {
  name: 'mean',
  skipna: true,
  accepts: (type) =>
    isFloat(type) ||
    isSmallInt(type) ||
    isWideInt(type) ||
    DataType.isBool(type) ||
    isDecimal(type) ||
    isTime(type),
  bind(type) {
    if (isTime(type)) return meanTime(type);
    if (isFloat(type)) return meanOf(floatTotal(), floatCount, floatTotalOver);
    if (isDecimal(type)) return meanOf(wordTotal(type), wordCount, decimalTotalOver(type.scale));
    return meanOf(integerTotal(type), integerCount, integerTotalOver);
  },
};

function isTime(type: DataType): boolean {
  return DataType.isTimestamp(type) || DataType.isDuration(type);
}

/** The mean of 64-bit integers to the nearest one, of two the greater. */
function meanTime(type: DataType): SlotAggregation {
  return {
    ...integerTotal(type),
    output: type,
    result(state, slots) {
      const lanes = [new Float64Array(slots.length), new Float64Array(slots.length)] as const;
      const present = new Uint8Array(slots.length);
      for (let i = 0; i < slots.length; i++) {
        const count = BigInt(integerCount(state, slots[i]!));
        if (count === 0n) continue;
        integerTotalInto(lanes, i, state, slots[i]!);
        const total = (BigInt(lanes[0][i]!) << 32n) + BigInt(lanes[1][i]!);
        const rounded = floorOf(2n * total + count, 2n * count);
        lanes[0][i] = Number(rounded >> 32n);
        lanes[1][i] = Number(BigInt.asUintN(32, rounded));
        present[i] = 1;
      }
      return columnOfLanes(type, lanes, present);
    },
  };
}

function floorOf(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

function integerTotalOver(state: Fields, slot: number, divisor: number): number {
  return integerTotalOf(state, slot) / divisor;
}

function decimalTotalOver(scale: number): (state: Fields, slot: number, divisor: number) => number {
  return (state, slot, divisor) => Number(decimalText(wordTotalOf(state, slot), scale)) / divisor;
}

function meanOf(
  total: Accumulator,
  countOf: (state: Fields, slot: number) => number,
  totalOver: (state: Fields, slot: number, divisor: number) => number,
): SlotAggregation {
  const output = new Float64();
  return {
    ...total,
    output,
    result(state, slots) {
      const values = new Float64Array(slots.length);
      const present = new Uint8Array(slots.length);
      for (let i = 0; i < slots.length; i++) {
        const slot = slots[i]!;
        const count = countOf(state, slot);
        if (count === 0) continue;
        values[i] = totalOver(state, slot, count);
        present[i] = 1;
      }
      return columnOfLanes(output, [values], present);
    },
  };
}
