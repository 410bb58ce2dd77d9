import { type DataType, Float64 } from 'apache-arrow';
import { columnOfLanes } from '../columnar/lanes.ts';
import { didYouMean, quote, SchemaError } from '../errors.ts';
import type { SlotAggregation } from './aggregation.ts';
import { eachValue, noFields, notOpen } from './collection.ts';
import { type SavedValues, SortedValues } from './sorted-values.ts';

/** What lies between two values: a straight line, one of them, or their middle. */
export type Interpolation = 'linear' | 'lower' | 'higher' | 'nearest' | 'midpoint';

const interpolations: readonly string[] = [
  'linear',
  'lower',
  'higher',
  'nearest',
  'midpoint',
] satisfies Interpolation[];

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
  const a = at(index);
  if (part === 0) return a;
  switch (interpolation) {
    case 'lower':
      return a;
    case 'higher':
      return at(index + 1);
    case 'nearest':
      return part < 0.5 || (part === 0.5 && index % 2 === 0) ? a : at(index + 1);
    case 'midpoint':
      return between(a, at(index + 1), 0.5);
    case 'linear':
      return between(a, at(index + 1), part);
  }
}

function between(a: number, b: number, part: number): number {
  if (a === b) return a;
  const whole = b - a;
  if (!Number.isFinite(whole)) return a * (1 - part) + b * part;
  return part < 0.5 ? a + whole * part : b - whole * (1 - part);
}
