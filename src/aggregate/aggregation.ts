import type { DataType } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import type { Lanes } from '../columnar/lanes.ts';

export type { Lanes } from '../columnar/lanes.ts';
export type { ExactInteger } from '../columnar/type-families.ts';

/** The state of an aggregation: one array per field, one element per slot. A group is a slot. */
export type Fields = readonly Float64Array[];

/**
 * An aggregation bound to the type of its input: the seed's verbs over slots. One definition serves
 * all time, windows, groups and windowed groups. There is no way to take rows away: a window merges the
 * states of parts instead, so an infinity or a spike that has left leaves nothing behind.
 */
export interface SlotAggregation {
  /** Arrow type of the result. */
  readonly output: DataType;
  /**
   * Whether an int64 result is a plain JavaScript number for the user, because the input was no 64-bit
   * column: counts, and sums of smaller integers. Default `false`.
   */
  readonly plainNumber?: boolean;
  /** A total of integers beyond this makes `result` throw. Default: there is no such limit. */
  readonly largestTotal?: number;
  /** What each field of an empty slot holds; its length is the number of fields. */
  readonly initial: readonly number[];
  /** Takes rows `from … to - 1` into slot 0. The fast loop of an aggregation without groups. */
  onNewAll(state: Fields, lanes: Lanes, from: number, to: number): void;
  /** Takes each row `i` of `from … to - 1` into slot `slotOf[i]`; a negative slot drops the row. */
  onNew(state: Fields, lanes: Lanes, slotOf: Int32Array, from: number, to: number): void;
  /** Takes one row into a slot. */
  onNewRow(state: Fields, slot: number, lanes: Lanes, row: number): void;
  /** Adds what slot `fromSlot` of `from` saw to slot `slot` of `into`; rows in `from` count as later. */
  merge(into: Fields, slot: number, from: Fields, fromSlot: number): void;
  /**
   * One result row for each of `slots`, in that order.
   *
   * @throws `overflow` where an exact integer does not fit its type.
   */
  result(state: Fields, slots: Int32Array): Column;
}

/** The part of an aggregation that takes rows in: all but the result. */
export type Accumulator = Pick<SlotAggregation, 'initial' | 'onNewAll' | 'onNew' | 'onNewRow' | 'merge'>;

/** From the type of the input to the type of the result, for the compiler; see `Apply`. */
export interface TypeFunction {
  /** Unknown, so that `Apply` makes just `D` of it. */
  readonly input: unknown;
  /** `never` where the aggregation does not take the input. */
  readonly output: unknown;
  /** Whether there may be no result: null. */
  readonly nullable: boolean;
}

/** `F` applied to `D`. */
export type Apply<F extends TypeFunction, D extends DataType> = (F & { readonly input: D })['output'];

/**
 * A named aggregation before it knows its input. The exports of `aggregate/index.ts` are these; frames,
 * series, windows and groups take their methods from that list.
 */
export interface AggregationDefinition<
  F extends TypeFunction = TypeFunction,
  Options extends object = object,
> {
  readonly name: string;
  /** Phantom: the type function. Never set. */
  readonly typeFunction?: F;
  /** Phantom: the options of the method. Never set. */
  readonly optionsType?: Options;
  /** Whether a column of this type can be aggregated; frames leave out the columns that cannot. */
  accepts(type: DataType): boolean;
  /** Checks the options; throws `bad-option`. The result is what `bind` gets. */
  options?(given: Options): Options;
  /** Binds to an accepted type. */
  bind(type: DataType, options: Options): SlotAggregation;
}
