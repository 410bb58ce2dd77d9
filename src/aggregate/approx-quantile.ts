import { type DataType, Float64 } from 'apache-arrow';
import type { NumberColumn } from '../columnar/column.ts';
import { columnOfLanes } from '../columnar/lanes.ts';
import { structColumn, structType } from '../columnar/nested.ts';
import { isNull } from '../columnar/value.ts';
import { SchemaError } from '../errors.ts';
import type { AggregationDefinition, Apply, SlotAggregation, TypeFunction } from './aggregation.ts';
import type { Estimate } from './approx-distinct.ts';
import { eachValue, noFields, notOpen } from './collection.ts';
import { composite } from './composite.ts';
import { Kll, type SavedKll } from './kll.ts';
import type { FloatType } from './mean.ts';
import { hasSpread } from './moments.ts';
import { checkedQuantile, quantiles } from './quantiles.ts';

export interface ApproxQuantileOptions {
  /** The part of the values that lies below: 0 is the least, 0.5 (default) the median, 1 the greatest. */
  q?: number | undefined;
  /** Size of the sketch: 8 to 65535, default 200. */
  k?: number | undefined;
  /** Start of the random choices, which are the same for the same seed. Default 1. */
  seed?: number | undefined;
}

export interface EstimateType extends TypeFunction {
  readonly output: [Apply<FloatType, Extract<this['input'], DataType>>] extends [never] ? never : Estimate;
  readonly nullable: true;
}

const output = structType({ estimate: new Float64(), error: new Float64() });
const reads = [{ input: 0, as: 'number' }] as const;

/**
 * A quantile of the valid values, estimated by a KLL sketch: `{ estimate, error }`, null where there is none. The
 * estimate is a value that was there; `error` is by how large a part of all values its place may be off, 2.3 / k^0.9
 * (2 % by default) with 99 % of streams. While all values fit the sketch it is 0. About 3 · k doubles per group,
 * however many values come; how they were cut into batches makes no difference.
 *
 * A sketch cannot let go of rows: in a window the quantile is exact (the lower one of two), and each different value
 * in view is held.
 */
export const approxQuantile: AggregationDefinition<EstimateType, ApproxQuantileOptions, 1, false> & {
  readonly argument: 'q';
} = {
  name: 'approxQuantile',
  argument: 'q',
  every: false,
  accepts: hasSpread,
  options({ q = 0.5, k = 200, seed = 1 }) {
    checkedQuantile('approxQuantile', q);
    if (!Number.isInteger(k) || k < 8 || k > 65535) throw badOption('k', 'a whole number from 8 to 65535', k);
    if (!Number.isSafeInteger(seed)) throw badOption('seed', 'a whole number', seed);
    return { q, k, seed };
  },
  bind: (type, { q = 0.5, k = 200, seed = 1 }) => ({
    ...notOpen,
    output,
    plainNumber: true,
    reads,
    inWindows: composite([quantiles(type, q, 'lower')], [type], {
      output,
      plainNumber: true,
      finish([exact], length) {
        const present = Uint8Array.from({ length }, (_, row) => Number(!isNull(exact!, row)));
        return estimates((exact as NumberColumn).values as Float64Array, new Float64Array(length), present);
      },
    }),
    open: () => sketches(q, k, seed),
  }),
};

function badOption(option: string, wanted: string, value: unknown): SchemaError {
  return new SchemaError(
    'bad-option',
    `approxQuantile: option "${option}" must be ${wanted}, not ${String(value)}`,
  );
}

function estimates(
  estimate: Float64Array,
  error: Float64Array,
  present: Uint8Array,
): ReturnType<SlotAggregation['result']> {
  const columns = [estimate, error].map((lane) => columnOfLanes(new Float64(), [lane]));
  return structColumn(output, estimate.length, columns, present);
}

function sketches(q: number, k: number, seed: number): SlotAggregation {
  let slots: (Kll | undefined)[] = [];
  return {
    ...noFields,
    output,
    plainNumber: true,
    reads,
    add(slotOf, lanes, from, to) {
      eachValue(slotOf, lanes, from, to, (slot, value) => {
        slots[slot] ??= new Kll(k, seed);
        slots[slot].add(value);
      });
    },
    drop(slot) {
      slots[slot] = undefined;
    },
    save: () => ({ sketches: slots.map((sketch) => sketch?.save()) }),
    restore(saved) {
      slots = (saved as { sketches: (SavedKll | undefined)[] }).sketches.map((sketch) => {
        if (sketch === undefined) return undefined;
        const restored = new Kll(k, seed);
        restored.restore(sketch);
        return restored;
      });
    },
    result(_state, wanted, collections = wanted) {
      const { length } = collections;
      const [estimate, error] = [new Float64Array(length), new Float64Array(length)];
      const present = new Uint8Array(length);
      for (let i = 0; i < length; i++) {
        const sketch = slots[collections[i]!];
        if (sketch === undefined || sketch.count === 0) continue;
        estimate[i] = sketch.quantile(q);
        error[i] = sketch.isExact ? 0 : 2.3 / k ** 0.9;
        present[i] = 1;
      }
      return estimates(estimate, error, present);
    },
  };
}
