import type { Lanes } from '../aggregate/aggregation.ts';
import type { Column } from '../columnar/column.ts';
import { laneCount, lanesOf } from '../columnar/lanes.ts';
import type { AggregateSpec } from './aggregate-state.ts';

/** Part of a list of lanes. */
export interface LaneRange {
  readonly from: number;
  readonly to: number;
}

/** The lanes of all input columns in one list, each column once however many aggregations read it. */
export class SharedLanes {
  /** What each aggregation reads. */
  readonly ranges: readonly LaneRange[];
  readonly #inputs: readonly number[];

  constructor({ aggregations, inputTypes }: Pick<AggregateSpec, 'aggregations' | 'inputTypes'>) {
    this.#inputs = [...new Set(aggregations.map(({ input }) => input))].filter((input) => input >= 0);
    const starts = new Map<number, LaneRange>();
    let from = 0;
    for (const input of this.#inputs) {
      const to = from + laneCount(inputTypes[input]!);
      starts.set(input, { from, to });
      from = to;
    }
    this.ranges = aggregations.map(({ input }) => starts.get(input) ?? { from: 0, to: 0 });
  }

  of(columns: readonly Column[]): Lanes {
    const inputs = this.#inputs;
    if (inputs.length === 1) return lanesOf(columns[inputs[0]!]!);
    return inputs.flatMap((input) => lanesOf(columns[input]!));
  }

  /** The lanes of aggregation number `k`. */
  pick(lanes: Lanes, k: number): Lanes {
    const { from, to } = this.ranges[k]!;
    return from === 0 && to === lanes.length ? lanes : lanes.slice(from, to);
  }
}
