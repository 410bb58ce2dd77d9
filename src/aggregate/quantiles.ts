import { type DataType, Float64 } from 'apache-arrow';
import { columnOfLanes } from '../columnar/lanes.ts';
import { didYouMean, quote, SchemaError } from '../errors.ts';
import type { SlotAggregation } from './aggregation.ts';
import { eachValue, noFields, notOpen } from './collection.ts';
import { between, type Interpolation, interpolations } from './interpolation.ts';
import { type SavedValues, SortedValues } from './sorted-values.ts';

export interface QuantileOptions {
  /** The part of the values that lies below: 0 is the least, 0.5 (default) the median, 1 the greatest. */
  q?: number | undefined;
  /** Default `'linear'`; `'nearest'` takes the even one of two that are as near. */
  interpolation?: Interpolation | undefined;
}

/** @throws SchemaError `bad-option` unless `q` is from 0 to 1. */
export function checkedQuantile(name: string, q: number): number {
  if (typeof q === 'number' && q >= 0 && q <= 1) return q;
  throw new SchemaError('bad-option', `${name}: option "q" must be a number from 0 to 1, not ${String(q)}`);
}

export function quantileOptions(
  name: string,
  { q = 0.5, interpolation = 'linear' }: QuantileOptions,
): QuantileOptions {
  if (!interpolations.includes(interpolation)) {
    throw new SchemaError(
      'bad-option',
      `${name}: no interpolation ${quote(String(interpolation))}${didYouMean(String(interpolation), [...interpolations]) || ';'} there are ${interpolations.join(', ')}`,
    );
  }
  return { q: checkedQuantile(name, q), interpolation };
}

/** The exact quantile of numbers. Holds every different value of a slot. */
export function quantiles(q: number, interpolation: Interpolation): SlotAggregation {
  const output: DataType = new Float64();
  return {
    ...notOpen,
    output,
    reads: [{ input: 0, as: 'number' }],
    open: () => opened(output, q, interpolation),
  };
}

function opened(output: DataType, q: number, interpolation: Interpolation): SlotAggregation {
  const sorted = new SortedValues();
  return {
    ...noFields,
    output,
    add(slotOf, lanes, from, to) {
      eachValue(slotOf, lanes, from, to, (slot, value) => sorted.add(slot, value));
    },
    remove(slotOf, lanes, from, to) {
      eachValue(slotOf, lanes, from, to, (slot, value) => sorted.remove(slot, value));
    },
    drop: (slot) => sorted.drop(slot),
    save: () => sorted.save(),
    restore: (saved) => sorted.restore(saved as SavedValues),
    result(_state, slots, collections = slots) {
      const values = new Float64Array(slots.length);
      const present = new Uint8Array(slots.length);
      for (let i = 0; i < slots.length; i++) {
        const slot = collections[i]!;
        const n = sorted.count(slot);
        if (n === 0) continue;
        present[i] = 1;
        values[i] = valueAt((index) => sorted.at(slot, index), (n - 1) * q, interpolation);
      }
      return columnOfLanes(output, [values], present);
    },
  };
}

/** The value at a place that may lie between two. */
function valueAt(at: (index: number) => number, place: number, interpolation: Interpolation): number {
  const index = Math.floor(place);
  const part = place - index;
  const below = at(index);
  return part === 0 ? below : between(below, at(index + 1), part, index, interpolation);
}
