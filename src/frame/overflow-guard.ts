import type { Column } from '../columnar/column.ts';
import { magnitudeBound } from '../columnar/numbers.ts';
import type { AggregateInput, AggregateSpec, AggregateState } from './aggregate-state.ts';

/** A total of integers that could leave its type. */
interface Total {
  /** Number of its aggregation. */
  readonly index: number;
  readonly input: number;
  readonly limit: number;
  /** No value that came was further from zero. */
  greatest: number;
  /** No group's total is further from zero now, */
  now: number;
  /** nor will be once the batch that was asked about is in. */
  next: number;
}

/** The greatest magnitude of a value, and that of a total now. */
export type SavedTotals = readonly (readonly [number, number])[];

/**
 * Knows when a batch could take a total of integers out of its type, so that only then the state is saved first: when
 * the totals of now, and the rows that come and may go at the greatest magnitude seen, could add up to the limit. In a window
 * over a range of values any number of rows may go.
 */
export class OverflowGuard {
  readonly #totals: readonly Total[];
  readonly #anyMayGo: boolean;

  constructor({ aggregations, window }: AggregateSpec) {
    this.#totals = aggregations.flatMap(({ bound, input }, index) =>
      bound.largestTotal === undefined
        ? []
        : [{ index, input, limit: bound.largestTotal, greatest: 0, now: 0, next: 0 }],
    );
    this.#anyMayGo = window !== undefined && !('rows' in window);
  }

  /** Whether a total could be out of range once `input` is in. O(rows) where there are totals of integers. */
  couldOverflow(input: AggregateInput, state: AggregateState): boolean {
    let could = false;
    const moving = this.#anyMayGo ? state.rowsInView + input.length : 2 * input.length;
    for (const total of this.#totals) {
      total.greatest = Math.max(total.greatest, magnitudeBound(input.values[total.input]!));
      total.next = total.now + total.greatest * moving;
      if (total.next >= total.limit / 2) could = true;
    }
    return could;
  }

  /** The batch that was asked about is in, and nobody has looked at the totals. */
  took(): void {
    for (const total of this.#totals) total.now = total.next;
  }

  /** What it has seen, as plain data. */
  save(): SavedTotals {
    return this.#totals.map(({ greatest, now }) => [greatest, now]);
  }

  restore(saved: SavedTotals): void {
    for (const [i, total] of this.#totals.entries()) [total.greatest, total.now] = saved[i]!;
  }

  /** Remembers how large the totals are. O(groups) where there are any. */
  saw(results: readonly Column[], { rowsInView }: AggregateState): void {
    for (const total of this.#totals) {
      const result = results[total.index]!;
      // Where a result is null, for too few values, it does not say what the total is.
      total.now =
        result.validity === undefined ? magnitudeBound(result) : total.greatest * Math.max(rowsInView, 1);
    }
  }
}
