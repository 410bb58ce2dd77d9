import { magnitudeBound } from '../columnar/numbers.ts';
import type { AggregateInput, AggregateSpec, AggregateState } from './aggregate-state.ts';

/**
 * Knows when a batch could take a total of integers out of its type, so that only then the state is saved first. It takes
 * the greatest magnitude seen times the rows in reach for the bound.
 */
export class OverflowGuard {
  /** Least limit of the totals of each input that has any. */
  readonly #limits = new Map<number, number>();
  readonly #greatest = new Map<number, number>();

  constructor({ aggregations }: AggregateSpec) {
    for (const { bound, input } of aggregations) {
      const { largestTotal } = bound;
      if (largestTotal === undefined) continue;
      this.#limits.set(input, Math.min(largestTotal, this.#limits.get(input) ?? Number.POSITIVE_INFINITY));
    }
  }

  /** Whether a total could be out of range once `input` is in. O(rows) where there are totals of integers. */
  couldOverflow(input: AggregateInput, state: AggregateState): boolean {
    let could = false;
    for (const [index, limit] of this.#limits) {
      const greatest = Math.max(this.#greatest.get(index) ?? 0, magnitudeBound(input.values[index]!));
      this.#greatest.set(index, greatest);
      if (greatest * (state.rowsInView + input.length) >= limit / 2) could = true;
    }
    return could;
  }
}
