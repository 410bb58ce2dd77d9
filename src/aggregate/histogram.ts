import { type DataType, type FixedSizeList, Int64 } from 'apache-arrow';
import { countListType, fixedListColumn } from '../columnar/nested.ts';
import { SchemaError } from '../errors.ts';
import type { AggregationDefinition, Apply, ExactInteger, Fields, TypeFunction } from './aggregation.ts';
import { exactIntegers } from './exact-integer.ts';
import type { FloatType } from './mean.ts';
import { hasSpread } from './moments.ts';

export interface HistogramOptions {
  /** Number of bins of equal width over `range`. */
  bins?: number | undefined;
  range?: readonly [number, number] | undefined;
  /** The bounds of the bins, ascending, one more than there are bins; in place of `bins` and `range`. */
  edges?: readonly number[] | undefined;
}

export interface HistogramType extends TypeFunction {
  readonly output: [Apply<FloatType, Extract<this['input'], DataType>>] extends [never]
    ? never
    : FixedSizeList<ExactInteger>;
  readonly nullable: false;
}

/**
 * How many valid values lie in each bin, as a list. A bin has its lower bound and not its upper one, but the last has
 * both; what lies outside all bins is not counted.
 */
export const histogram: AggregationDefinition<HistogramType, HistogramOptions, 1, false> = {
  name: 'histogram',
  every: false,
  accepts: hasSpread,
  options({ bins, range, edges }) {
    // Without any, the names of the options are wanted.
    if (bins === undefined && range === undefined && edges === undefined) return { bins, range, edges };
    return { bins: undefined, range: undefined, edges: checkedEdges(bins, range, edges) };
  },
  bind(_type, { edges }) {
    if (edges === undefined) throw badBins('needs edges, or bins and range');
    const bounds = Float64Array.from(edges);
    const bins = bounds.length - 1;
    const output = countListType(new Int64(), bins);
    const take = (state: Fields, slot: number, x: number): void => {
      const bin = binOf(bounds, x);
      if (bin >= 0) state[bin]![slot]! += 1;
    };
    return {
      output,
      plainNumber: true,
      reads: [{ input: 0, as: 'number' }],
      initial: new Array<number>(bins).fill(0),
      onNewAll(state, lanes, from, to) {
        for (let i = from; i < to; i++) take(state, 0, lanes[0]![i]!);
      },
      onNew(state, lanes, slotOf, from, to) {
        for (let i = from; i < to; i++) if (slotOf[i]! >= 0) take(state, slotOf[i]!, lanes[0]![i]!);
      },
      onNewRow(state, slot, lanes, row) {
        take(state, slot, lanes[0]![row]!);
      },
      merge(into, slot, from, fromSlot) {
        for (let bin = 0; bin < bins; bin++) into[bin]![slot]! += from[bin]![fromSlot]!;
      },
      result(state, slots) {
        const counts = new Float64Array(slots.length * bins);
        for (let i = 0; i < counts.length; i++) counts[i] = state[i % bins]![slots[Math.floor(i / bins)]!]!;
        return fixedListColumn(
          output,
          slots.length,
          exactIntegers(
            counts,
            Int32Array.from(counts, (_, i) => i),
          ),
        );
      },
    };
  },
};

/** The number of the bin of `x`, -1 for none. */
function binOf(bounds: Float64Array, x: number): number {
  const last = bounds.length - 1;
  if (!(x >= bounds[0]! && x <= bounds[last]!)) return -1;
  let from = 0;
  let to = last;
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if (x < bounds[middle]!) to = middle;
    else from = middle;
  }
  return from;
}

function checkedEdges(
  bins: number | undefined,
  range: readonly [number, number] | undefined,
  edges: readonly number[] | undefined,
): readonly number[] {
  if (edges !== undefined) {
    if (bins !== undefined || range !== undefined) throw badBins('takes edges, or bins and range, not both');
    const ascending =
      Array.isArray(edges) &&
      edges.length >= 2 &&
      edges.every(
        (edge, i) => typeof edge === 'number' && (i === 0 ? !Number.isNaN(edge) : edge > edges[i - 1]!),
      );
    if (!ascending)
      throw badBins(`option "edges" must be two or more ascending numbers, not ${String(edges)}`);
    return edges;
  }
  if (!Number.isSafeInteger(bins) || bins! < 1)
    throw badBins(`option "bins" must be a whole number from 1 on, not ${String(bins)}`);
  const isRange =
    Array.isArray(range) && range.length === 2 && range[0] < range[1] && Number.isFinite(range[1] - range[0]);
  if (!isRange) throw badBins(`option "range" must be two ascending numbers, not ${String(range)}`);
  const [low, high] = range as readonly [number, number];
  return Array.from({ length: bins! + 1 }, (_, i) => (i === bins ? high : low + ((high - low) * i) / bins!));
}

function badBins(problem: string): SchemaError {
  return new SchemaError(
    'bad-option',
    `histogram ${problem}`.replace('histogram option', 'histogram: option'),
  );
}
