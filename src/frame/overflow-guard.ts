import type { Column } from '../columnar/column.ts';
import { magnitudeBound } from '../columnar/numbers.ts';
import type { AggregateInput, AggregateSpec, AggregateState } from './aggregate-state.ts';
import type { WindowEnd } from './live-window.ts';

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

/** Magnitudes are doubles: what is nearer to the limit than this may be beyond it. */
const near = 1 - 2 ** -40;

/**
 * Knows whether a batch would take a total of integers out of its type, before the state has it. Mostly that is plain: the totals of now,
 * and the rows that come and may go at the greatest magnitude seen, do not add up to the limit. In a window over a range of values any number
 * of rows may go. Else a scout goes ahead: a state of the totals alone, which takes each batch first. Making it is O(state), so it stays until
 * as many rows as that went by without need of it.
 */
export class OverflowGuard {
  readonly #totals: readonly Total[];
  readonly #anyMayGo: boolean;
  /** How many of the totals' rows a row that comes may change: itself and one that leaves. */
  readonly #moving: 1 | 2;
  #scout: AggregateState | undefined;
  /** Rows since the scout was needed. */
  #idle = 0;

  constructor({ aggregations, window }: AggregateSpec) {
    this.#totals = aggregations.flatMap(({ bound, inputs }, index) =>
      bound.largestTotal === undefined
        ? []
        : [{ index, input: inputs[0]!, limit: bound.largestTotal, greatest: 0, now: 0, next: 0 }],
    );
    this.#anyMayGo = window !== undefined && !('rows' in window);
    this.#moving = window === undefined ? 1 : 2;
  }

  /** Whether a total could be out of range once `input` is in. O(rows) where there are totals of integers. */
  couldOverflow(input: AggregateInput, state: AggregateState): boolean {
    let could = false;
    const moving = this.#anyMayGo ? state.rowsInView + input.length : this.#moving * input.length;
    for (const total of this.#totals) {
      total.greatest = Math.max(total.greatest, magnitudeBound(input.values[total.input]!));
      total.next = total.now + total.greatest * moving;
      if (total.next >= total.limit * near) could = true;
    }
    return could;
  }

  /**
   * To be called before `state` takes `input` in. O(rows), and O(groups) where a total is near its limit.
   *
   * @throws `overflow` where a total would not fit.
   */
  check(input: AggregateInput, state: AggregateState): void {
    const could = this.couldOverflow(input, state);
    if (could) {
      this.#idle = 0;
      this.#scout ??= state.part(this.#totals.map(({ index }) => index));
    } else {
      this.#idle += input.length;
      if (this.#idle > state.rowsInView) this.#scout = undefined;
    }
    const scout = this.#scout;
    if (scout === undefined) return;
    this.#scout = undefined; // unless all goes well
    if (scout.eviction !== undefined) scout.eviction.recording = state.eviction!.recording;
    scout.update(input);
    if (could) {
      const { values } = scout.result();
      for (const [i, total] of this.#totals.entries()) total.next = largest(total, values[i]!, scout);
    }
    this.#scout = scout;
  }

  /** The batch that was asked about is in, and nobody has looked at the totals. */
  took(): void {
    for (const total of this.#totals) total.now = total.next;
  }

  /** The window of the state moves without rows. */
  advance(end: WindowEnd): void {
    this.#scout?.advance(end);
  }

  /** The state is another one. */
  forget(): void {
    this.#scout = undefined;
  }

  /** The state is one that has seen no rows. */
  restart(): void {
    this.forget();
    for (const total of this.#totals) total.greatest = total.now = 0;
  }

  /** What it has seen, as plain data. */
  save(): SavedTotals {
    return this.#totals.map(({ greatest, now }) => [greatest, now]);
  }

  restore(saved: SavedTotals): void {
    this.forget();
    for (const [i, total] of this.#totals.entries()) [total.greatest, total.now] = saved[i]!;
  }

  /** Remembers how large the totals are. O(groups) where there are any. */
  saw(results: readonly Column[], state: AggregateState): void {
    for (const total of this.#totals) total.now = largest(total, results[total.index]!, state);
  }
}

/** Where a result is null, for too few values, it does not say what the total is. */
function largest({ greatest }: Total, result: Column, { rowsInView }: AggregateState): number {
  return result.validity === undefined ? magnitudeBound(result) : greatest * Math.max(rowsInView, 1);
}
