import { type DataType, Float64, type Struct } from 'apache-arrow';
import { canBeKey } from '../columnar/keys/keys.ts';
import { columnOfLanes, doubleLane } from '../columnar/lanes.ts';
import { structColumn, structType } from '../columnar/nested.ts';
import { SchemaError } from '../errors.ts';
import type { AggregationDefinition, SlotAggregation, TypeFunction } from './aggregation.ts';
import { eachValue, noFields, notOpen } from './collection.ts';
import { composite } from './composite.ts';
import { estimateOf, registersFor } from './hyper-log-log.ts';
import { distinctCounts } from './nunique.ts';

export interface ApproxDistinctOptions {
  /** 2^precision registers of one byte per group: 4 to 16, default 12. */
  precision?: number | undefined;
}

/** An estimate and how far off it may be. */
export type Estimate = Struct<{ estimate: Float64; error: Float64 }>;

export interface DistinctType extends TypeFunction {
  readonly output: Estimate;
  readonly nullable: false;
}

const output = structType({ estimate: new Float64(), error: new Float64() });

/**
 * Number of different valid values, estimated by a HyperLogLog sketch: `{ estimate, error }`. `error` is one standard
 * deviation, estimate · 1.04 / √registers (1.6 % by default), so about two thirds of estimates are no further off.
 * 2^precision bytes per group, whatever the number of values.
 *
 * A sketch cannot let go of rows: in a window the count is exact, `error` is 0, and each different value in view is
 * held.
 */
export const approxDistinct: AggregationDefinition<DistinctType, ApproxDistinctOptions, 1, false> = {
  name: 'approxDistinct',
  every: false,
  accepts: (type: DataType) => canBeKey(type),
  options({ precision = 12 }) {
    if (Number.isInteger(precision) && precision >= 4 && precision <= 16) return { precision };
    throw new SchemaError(
      'bad-option',
      `approxDistinct: option "precision" must be a whole number from 4 to 16, not ${String(precision)}`,
    );
  },
  bind: (type, { precision = 12 }) => ({
    ...notOpen,
    output,
    plainNumber: true,
    reads,
    inWindows: composite([distinctCounts], [type], {
      output,
      plainNumber: true,
      finish: ([counts], length) => estimates(doubleLane(counts!), new Float64Array(length)),
    }),
    open: () => sketches(precision),
  }),
};

const reads = [{ input: 0, as: 'hash' }] as const;

function estimates(estimate: Float64Array, error: Float64Array): ReturnType<SlotAggregation['result']> {
  const columns = [estimate, error].map((lane) => columnOfLanes(new Float64(), [lane]));
  return structColumn(output, estimate.length, columns);
}

function sketches(precision: number): SlotAggregation {
  let slots: (Uint8Array | undefined)[] = [];
  const size = 2 ** precision;
  return {
    ...noFields,
    output,
    plainNumber: true,
    reads,
    add(slotOf, lanes, from, to) {
      eachValue(slotOf, lanes, from, to, (slot, hash) => {
        slots[slot] ??= new Uint8Array(size);
        registersFor(slots[slot], precision, hash);
      });
    },
    drop(slot) {
      slots[slot] = undefined;
    },
    save: () => ({ registers: slots.map((registers) => registers?.slice()) }),
    restore(saved) {
      slots = (saved as { registers: (Uint8Array | undefined)[] }).registers.map((registers) =>
        registers?.slice(),
      );
    },
    result(_state, wanted, collections = wanted) {
      const estimate = Float64Array.from(collections, (slot) => {
        const registers = slots[slot];
        return registers === undefined ? 0 : estimateOf(registers, precision);
      });
      return estimates(
        estimate,
        estimate.map((value) => (value * 1.04) / Math.sqrt(size)),
      );
    },
  };
}
