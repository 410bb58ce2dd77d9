import { type DataType, Float64 } from 'apache-arrow';
import { columnOfLanes, laneCount } from '../columnar/lanes.ts';
import { didYouMean, quote, SchemaError } from '../errors.ts';
import type { SlotAggregation } from './aggregation.ts';
import { noFields, notOpen } from './collection.ts';
import { between, type Interpolation, interpolations } from './interpolation.ts';
import { OrderedMultisets, type SavedValues } from './ordered-multiset.ts';

export type { Interpolation } from './interpolation.ts';

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
      `${name}: no interpolation ${quote(String(interpolation))}${didYouMean(String(interpolation), interpolations) || ';'} there are ${interpolations.join(', ')}`,
    );
  }
  return { q: checkedQuantile(name, q), interpolation };
}

const asNumber = [{ input: 0, as: 'number' }] as const;

/** The exact quantile of numbers. Holds the values of a slot. */
export function quantiles(type: DataType, q: number, interpolation: Interpolation): SlotAggregation {
  const base = {
    output: new Float64(),
    // The values of narrow types are one lane as they are.
    ...(laneCount(type) === 1 ? {} : { reads: asNumber }),
  };
  return { ...notOpen, ...base, open: () => ({ ...base, ...opened(base.output, q, interpolation) }) };
}

function opened(output: DataType, q: number, interpolation: Interpolation): SlotAggregation {
  const sorted = new OrderedMultisets();
  const numberOf = (slot: number): number | undefined => {
    const n = sorted.count(slot);
    if (n === 0) return undefined;
    const place = (n - 1) * q;
    const index = Math.floor(place);
    const part = place - index;
    const below = sorted.at(slot, index);
    return part === 0 ? below : between(below, sorted.at(slot, index + 1), part, index, interpolation);
  };
  return {
    ...noFields,
    output,
    add(slotOf, lanes, from, to) {
      const lane = lanes[0]!;
      for (let i = from; i < to; i++) {
        const slot = slotOf === undefined ? 0 : slotOf[i]!;
        const value = lane[i]!;
        if (slot >= 0 && !Number.isNaN(value)) sorted.add(slot, value);
      }
    },
    remove(slotOf, lanes, from, to) {
      const lane = lanes[0]!;
      for (let i = from; i < to; i++) {
        const slot = slotOf === undefined ? 0 : slotOf[i]!;
        const value = lane[i]!;
        if (slot >= 0 && !Number.isNaN(value)) sorted.remove(slot, value);
      }
    },
    drop: (slot) => sorted.drop(slot),
    save: () => sorted.save(),
    restore: (saved) => sorted.restore(saved as SavedValues),
    numberOf,
    result(_state, slots, collections = slots) {
      const values = new Float64Array(slots.length);
      const present = new Uint8Array(slots.length);
      for (let i = 0; i < slots.length; i++) {
        const value = numberOf(collections[i]!);
        if (value === undefined) continue;
        present[i] = 1;
        values[i] = value;
      }
      return columnOfLanes(output, [values], present);
    },
  };
}
