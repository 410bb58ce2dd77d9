import { DataType, Float64 } from 'apache-arrow';
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

/**
 * Mean of the valid values, as float64; null where there is none. Null and NaN are skipped; infinities
 * follow IEEE 754. The mean of integers is the exact sum divided by the count.
 */
export const mean: AggregationDefinition<FloatType> = {
  name: 'mean',
  accepts: (type) => isFloat(type) || isSmallInt(type) || isWideInt(type) || DataType.isBool(type),
  bind: (type) =>
    isFloat(type)
      ? meanOf(floatTotal(), floatCount, floatTotalOver)
      : meanOf(integerTotal(type), integerCount, integerTotalOver),
};

function integerTotalOver(state: Fields, slot: number, divisor: number): number {
  return integerTotalOf(state, slot) / divisor;
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
