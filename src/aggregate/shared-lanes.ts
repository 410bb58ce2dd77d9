import type { DataType } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { hashLane } from '../columnar/hash-lane.ts';
import { doubleLane, laneCount, lanesOf } from '../columnar/lanes.ts';
import { missingLane } from '../columnar/missing-lane.ts';
import type { BoundAggregation, Lanes, Mark, ReadAs, SlotAggregation } from './aggregation.ts';
import { Codes } from './codes.ts';
import type { SavedGroups } from './group-index.ts';

/** What is read of which columns. */
export interface LanesSpec {
  readonly aggregations: readonly BoundAggregation[];
  /** Type of each input column. */
  readonly inputTypes: readonly DataType[];
  /** Whether rows leave, if there is one. */
  readonly window?: unknown;
}

/** One way of reading an input column, for however many aggregations. */
interface Reading {
  /** -1 where no column is read. */
  readonly input: number;
  readonly as: ReadAs;
  /** Number of a bool column; rows where it is not true are as if they were missing. -1 for none. */
  readonly where: number;
  /** Its first lane. */
  readonly at: number;
  readonly count: number;
}

/** The codes and the count of a `SharedLanes` as plain data. */
export interface SavedLanes {
  readonly arrived: number;
  readonly codes: readonly (readonly [number, SavedGroups])[];
}

/**
 * The lanes of all input columns in one list, each column once in each way it is read, however many aggregations do;
 * with the codes of the columns that are read as codes, and the number of rows so far, both of one state.
 */
export class SharedLanes {
  readonly #aggregations: readonly SlotAggregation[];
  readonly #bound: readonly BoundAggregation[];
  readonly #types: readonly DataType[];
  readonly #readings: readonly Reading[];
  /** Numbers of the lanes of each aggregation; `undefined` where it reads all, in order. */
  readonly #picks: readonly (readonly number[] | undefined)[];
  #codes: Map<number, Codes> = new Map();
  #arrived: number = 0;

  constructor({ aggregations, inputTypes, window }: LanesSpec) {
    this.#bound = aggregations;
    this.#types = inputTypes;
    this.#aggregations = aggregations.map(({ bound }) =>
      window === undefined ? bound : (bound.inWindows ?? bound),
    );
    const readings = new Map<string, Reading>();
    let lanes = 0;
    const picks = aggregations.map(({ inputs, where = -1 }, k) => {
      const reads = this.#aggregations[k]!.reads ?? inputs.slice(0, 1).map(() => firstValue);
      return reads.flatMap(({ input, as }) => {
        const from = as === 'arrival' ? -1 : inputs[input]!;
        const masked = as === 'arrival' ? -1 : where;
        const key = `${from} ${as} ${masked}`;
        let reading = readings.get(key);
        if (reading === undefined) {
          const count = as === 'value' ? laneCount(inputTypes[from]!) : 1;
          reading = { input: from, as, where: masked, at: lanes, count };
          lanes += count;
          readings.set(key, reading);
        }
        const { at, count } = reading;
        return Array.from({ length: count }, (_, i) => at + i);
      });
    });
    this.#readings = [...readings.values()];
    this.#picks = picks.map((pick) =>
      pick.length === lanes && pick.every((lane, i) => lane === i) ? undefined : pick,
    );
  }

  /** The aggregations of a new state, without codes, before any row. */
  open(): SlotAggregation[] {
    this.#codes = new Map();
    this.#arrived = 0;
    for (const { input, as } of this.#readings) {
      if (as === 'code' && !this.#codes.has(input)) this.#codes.set(input, new Codes(this.#types[input]!));
    }
    return this.#aggregations.map((aggregation, k) => {
      const { inputs } = this.#bound[k]!;
      return aggregation.open?.({ codes: (input) => this.#codes.get(inputs[input]!)! }) ?? aggregation;
    });
  }

  of(columns: readonly Column[], length: number): Lanes {
    const first = this.#arrived;
    this.#arrived += length;
    const only = this.#readings[0];
    if (this.#readings.length === 1 && only!.as === 'value' && only!.where < 0)
      return lanesOf(columns[only!.input]!);
    const coded = new Map<number, Float64Array>();
    return this.#readings.flatMap((reading): Lanes => {
      const { input, as, where } = reading;
      if (as === 'arrival') return [Float64Array.from({ length }, (_, i) => first + i)];
      const column = columns[input]!;
      let lanes: Lanes;
      if (as === 'code') {
        const codes = coded.get(input) ?? this.#codes.get(input)!.of(column);
        coded.set(input, codes);
        lanes = [codes];
      } else lanes = read(column, as);
      return where < 0
        ? lanes
        : onlyWhere(lanes, lanesOf(columns[where]!)[0]!, as === 'missing' ? 0 : Number.NaN);
    });
  }

  /** How many lanes there are. */
  get laneCount(): number {
    return this.#readings.reduce((sum, { count }) => sum + count, 0);
  }

  /** The numbers of the lanes of aggregation number `k`. */
  lanesOf(k: number): readonly number[] {
    return this.#picks[k] ?? Array.from({ length: this.laneCount }, (_, lane) => lane);
  }

  /** The lanes of aggregation number `k`. */
  pick(lanes: Lanes, k: number): Lanes {
    const pick = this.#picks[k];
    if (pick === undefined) return lanes;
    if (pick.length === 1) return [lanes[pick[0]!]!];
    return pick.map((lane) => lanes[lane]!);
  }

  /** Those of `lanes` that `part` reads, whose aggregations are these by their `numbers`. */
  lanesOfPart(part: SharedLanes, numbers: readonly number[], lanes: Lanes): Lanes {
    const picked: Float64Array[] = [];
    for (const [k, number] of numbers.entries()) {
      const from = this.lanesOf(number);
      for (const [i, lane] of part.lanesOf(k).entries()) picked[lane] = lanes[from[i]!]!;
    }
    return picked;
  }

  /** Lets go of the codes that no state holds. `cost`: how many steps the marking takes. */
  sweep(cost: number, mark: (k: number, mark: Mark) => void): void {
    for (const [column, codes] of this.#codes) {
      codes.sweep(cost, (use) => {
        for (const [k, { inputs }] of this.#bound.entries()) {
          mark(k, (input, code) => {
            if (inputs[input] === column) use(code);
          });
        }
      });
    }
  }

  /** The same where states hold no codes but those of rows that are kept: `stores` are all of these. */
  sweepRows(stores: () => Iterable<{ lanes: Lanes; from: number; to: number }>, cost: number): void {
    for (const [column, codes] of this.#codes) {
      codes.sweep(cost, (use) => {
        for (const { lanes, from, to } of stores()) {
          for (const { input, as, at } of this.#readings) {
            if (as !== 'code' || input !== column) continue;
            const lane = lanes[at]!;
            for (let i = from; i < to; i++) if (!Number.isNaN(lane[i])) use(lane[i]!);
          }
        }
      });
    }
  }

  save(): SavedLanes {
    const codes = [...this.#codes].map(([input, values]) => [input, values.save()] as const);
    return { arrived: this.#arrived, codes };
  }

  /** Goes on from where `save` was; just after `open`. */
  restore({ arrived, codes }: SavedLanes): void {
    this.#arrived = arrived;
    for (const [input, values] of codes) this.#codes.get(input)?.restore(values);
  }
}

const firstValue = { input: 0, as: 'value' } as const;

function read(column: Column, as: 'value' | 'number' | 'hash' | 'missing'): Lanes {
  switch (as) {
    case 'value':
      return lanesOf(column);
    case 'number':
      return [doubleLane(column)];
    case 'hash':
      return [hashLane(column)];
    case 'missing':
      return [missingLane(column)];
  }
}

/** Copies whose first lane is `absent` where `condition` is not 1. */
function onlyWhere(lanes: Lanes, condition: Float64Array, absent: number): Lanes {
  const first = lanes[0]!.slice();
  for (let i = 0; i < condition.length; i++) if (condition[i] !== 1) first[i] = absent;
  return [first, ...lanes.slice(1)];
}
