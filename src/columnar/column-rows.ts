import type { DataType, Date_, Dictionary, Duration, Int64, Time, Timestamp, Uint64 } from 'apache-arrow';
import { SchemaError } from '../errors.ts';
import type { Column } from './column.ts';
import { lanesOf } from './lanes.ts';
import { valueAt, valuesOf } from './value.ts';

/** JavaScript's value of one row, as `toRows` gives it: milliseconds for dates and times in s or ms, bigint for 64 bits. */
export type RowValue<T extends DataType = DataType> = T extends Timestamp | Duration | Time
  ? number | bigint
  : T extends Date_
    ? number
    : T extends Dictionary<infer Value>
      ? RowValue<Value>
      : Known<T['TValue']>;

/** `unknown` instead of what the compiler would not look at. */
type Known<V> = 0 extends 1 & V ? unknown : V;

/** Type of a sum: bigint for 64-bit integers, else number. */
export type RowTotal<T extends DataType = DataType> = T extends Int64 | Uint64 | Duration ? bigint : number;

/**
 * The rows of one column, as a user's own function sees them. The reductions skip null and NaN and read the
 * column as it lies in memory; `get` and iteration make a JavaScript value for each row.
 */
export class ColumnRows<T extends DataType = DataType> implements Iterable<RowValue<T> | null> {
  readonly #column: Column;

  constructor(column: Column) {
    this.#column = column;
  }

  /** Number of rows, missing ones included. */
  get length(): number {
    return this.#column.length;
  }

  get type(): T {
    return this.#column.type as T;
  }

  /** The value of row `index`; `null` for a null, and outside. */
  get(index: number): RowValue<T> | null {
    if (!(index >= 0 && index < this.length)) return null;
    return valueAt(this.#column, index) as RowValue<T> | null;
  }

  *[Symbol.iterator](): IterableIterator<RowValue<T> | null> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }

  toArray(): (RowValue<T> | null)[] {
    return valuesOf(this.#column) as (RowValue<T> | null)[];
  }

  /** Number of rows that are neither null nor NaN. */
  count(): number {
    const lane = lanesOf(this.#column)[0]!;
    let count = 0;
    for (let i = 0; i < lane.length; i++) if (!Number.isNaN(lane[i]!)) count++;
    return count;
  }

  /**
   * Sum of the rows that are neither null nor NaN; 0 for none. Floats are added with compensation, integers
   * exactly.
   *
   * @throws SchemaError `type-mismatch` for a column that holds no numbers.
   */
  sum(): RowTotal<T> {
    return (this.#column.kind === 'int64' ? this.#wideSum() : this.#numberSum('sum')) as RowTotal<T>;
  }

  /** Mean of the rows that are neither null nor NaN; `null` for none. */
  mean(): number | null {
    const count = this.count();
    if (count === 0) return null;
    return (this.#column.kind === 'int64' ? Number(this.#wideSum()) : this.#numberSum('mean')) / count;
  }

  /** Least row that is neither null nor NaN; `null` for none. */
  min(): RowValue<T> | null {
    return this.#extreme('min', (a, b) => a < b);
  }

  /** Greatest row that is neither null nor NaN; `null` for none. */
  max(): RowValue<T> | null {
    return this.#extreme('max', (a, b) => a > b);
  }

  #extreme(verb: string, better: (a: number, b: number) => boolean): RowValue<T> | null {
    this.#checkNumbers(verb);
    const [high, low] = lanesOf(this.#column);
    let best = -1;
    for (let i = 0; i < high!.length; i++) {
      const value = high![i]!;
      if (Number.isNaN(value)) continue;
      if (best < 0 || better(value, high![best]!)) best = i;
      else if (low !== undefined && value === high![best] && better(low[i]!, low[best]!)) best = i;
    }
    return best < 0 ? null : this.get(best);
  }

  #checkNumbers(verb: string): void {
    const { kind, type } = this.#column;
    if (kind === 'number' || kind === 'int64' || kind === 'bool' || kind === 'null') return;
    throw new SchemaError('type-mismatch', `no ${verb} of a column of type ${type}`);
  }

  #numberSum(verb: string): number {
    this.#checkNumbers(verb);
    const lane = lanesOf(this.#column)[0]!;
    let sum = 0;
    let lost = 0;
    for (let i = 0; i < lane.length; i++) {
      const value = lane[i]!;
      if (Number.isNaN(value)) continue;
      const next = sum + value;
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
      sum = next;
    }
    return Number.isFinite(sum) ? sum + lost : sum;
  }

  /** Sums of 2²⁰ words stay exact in doubles. */
  #wideSum(): bigint {
    const [high, low] = lanesOf(this.#column);
    let total = 0n;
    for (let from = 0; from < high!.length; from += 2 ** 20) {
      let highs = 0;
      let lows = 0;
      for (let i = from; i < Math.min(high!.length, from + 2 ** 20); i++) {
        if (Number.isNaN(high![i]!)) continue;
        highs += high![i]!;
        lows += low![i]!;
      }
      total += BigInt(highs) * 0x1_0000_0000n + BigInt(lows);
    }
    return total;
  }
}
