import { DataType, type Decimal, Float64 } from 'apache-arrow';
import { decimalText, isDecimal } from '../columnar/decimal.ts';
import { columnOfLanes } from '../columnar/lanes.ts';
import type { FamilyOf } from '../columnar/type-families.ts';
import { isFloat, isSmallInt, isWideInt } from '../columnar/types.ts';
import type {
  Accumulator,
  AggregationDefinition,
  Fields,
  SlotAggregation,
  TypeFunction,
} from './aggregation.ts';
import { wordCount, wordTotal, wordTotalOf } from './decimal-total.ts';
import { floatCount, floatTotal, floatTotalOver } from './float-total.ts';
import { integerCount, integerTotal, integerTotalOf } from './integer-total.ts';

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

type MeanOf<D> = D extends Decimal ? Float64 : (FloatType & { readonly input: D })['output'];

/** The same, and of decimals too. */
export interface MeanType extends TypeFunction {
  readonly output: MeanOf<this['input']>;
  readonly nullable: true;
}

/**
 * Mean of the valid values, as float64; null where there is none. Null and NaN are skipped; infinities
 * follow IEEE 754. The mean of integers and of decimals is the exact sum divided by the count.
 */
export const mean: AggregationDefinition<MeanType> = {
  name: 'mean',
  accepts: (type) =>
    isFloat(type) || isSmallInt(type) || isWideInt(type) || DataType.isBool(type) || isDecimal(type),
  bind(type) {
    if (isFloat(type)) return meanOf(floatTotal(), floatCount, floatTotalOver);
    if (isDecimal(type)) return meanOf(wordTotal(type), wordCount, decimalTotalOver(type.scale));
    return meanOf(integerTotal(type), integerCount, integerTotalOver);
  },
};

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
