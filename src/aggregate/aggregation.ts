import type { DataType } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import type { Lanes } from '../columnar/lanes.ts';
import type { Codes } from './codes.ts';

export type { Lanes } from '../columnar/lanes.ts';
export type { ExactInteger } from '../columnar/type-families.ts';

/** The state of an aggregation: one array per field, one element per slot. A group is a slot. */
export type Fields = readonly Float64Array[];

/**
 * How an aggregation reads one of its inputs. In each but `'missing'` and `'arrival'` NaN stands for a missing value.
 *
 * - `'value'`: the lanes of the column, see `Lanes`;
 * - `'number'`: one lane, 64-bit integers as the nearest double;
 * - `'code'`: one lane, a small number for each different value, see `Codes`;
 * - `'hash'`: one lane, 53 bits that depend on nothing but the value;
 * - `'missing'`: one lane, 0 for a value, 1 for NaN, 2 for null;
 * - `'arrival'`: one lane, the number of the row in the order the rows came.
 */
export type ReadAs = 'value' | 'number' | 'code' | 'hash' | 'missing' | 'arrival';

/** What an aggregation reads; its lanes come in the order of its reads. */
export interface Read {
  /** Number of the input among those of the aggregation. */
  readonly input: number;
  readonly as: ReadAs;
}

/** What belongs to one state: the codes of its values. */
export interface StateContext {
  /** The codes of input `input` of the aggregation. */
  codes(input: number): Codes;
}

/** Says that a code of an input is in use. */
export type Mark = (input: number, code: number) => void;

/**
 * An aggregation bound to the types of its inputs: the seed's verbs over slots. One definition serves all time,
 * windows, groups and windowed groups. A row counts only where every input has a value.
 *
 * There are two kinds of state. *Fields* are a few numbers per slot; nobody can take rows away from them: a window merges the
 * states of parts instead, so an infinity or a spike that has left leaves nothing behind. A *collection* (`add`,
 * `remove`) holds the values themselves, or their counts, so a row is taken away without a trace. An aggregation may have both.
 */
export interface SlotAggregation {
  /** Arrow type of the result. */
  readonly output: DataType;
  /**
   * Whether the int64 numbers in a result are plain JavaScript numbers for the user, because the input was no 64-bit
   * column: counts, and sums of smaller integers. Default `false`.
   */
  readonly plainNumber?: boolean;
  /** A total of integers beyond this makes `result` throw. Default: there is no such limit. */
  readonly largestTotal?: number;
  /** Default: the values of the first input. */
  readonly reads?: readonly Read[];
  /** What takes its place in a window, where a state that cannot give up rows is of no use. */
  readonly inWindows?: SlotAggregation;
  /** The aggregation of one state: needed where it keeps codes or a collection. */
  open?(context: StateContext): SlotAggregation;
  /** What each field of an empty slot holds; its length is the number of fields. */
  readonly initial: readonly number[];
  /** Takes rows `from … to - 1` into slot 0. The fast loop of an aggregation without groups. */
  onNewAll(state: Fields, lanes: Lanes, from: number, to: number): void;
  /** Takes each row `i` of `from … to - 1` into slot `slotOf[i]`; a negative slot drops the row. */
  onNew(state: Fields, lanes: Lanes, slotOf: Int32Array, from: number, to: number): void;
  /** Takes one row into a slot. */
  onNewRow(state: Fields, slot: number, lanes: Lanes, row: number): void;
  /**
   * Adds what slot `fromSlot` of `from` saw to slot `slot` of `into`. The rows of either may be the earlier ones: what
   * depends on the order of rows reads their arrival.
   */
  merge(into: Fields, slot: number, from: Fields, fromSlot: number): void;
  /** Takes rows into the collections of their slots, of slot 0 where there are none. */
  add?(slotOf: Int32Array | undefined, lanes: Lanes, from: number, to: number): void;
  /** Takes away rows that were added. A slot without rows keeps nothing. */
  remove?(slotOf: Int32Array | undefined, lanes: Lanes, from: number, to: number): void;
  /** Makes the collection of a slot empty. Needed of those that add. */
  drop?(slot: number): void;
  /** The collections as plain data. */
  save?(): object;
  /** Replaces empty collections by saved ones. */
  restore?(saved: object): void;
  /** The result of one collection, where it is a float64 that depends on nothing else; `undefined` for null. */
  numberOf?(slot: number): number | undefined;
  /** Marks the codes in use. Needed of those that read codes. */
  mark?(state: Fields, slots: Int32Array, mark: Mark): void;
  /**
   * One result row for each of `slots`, in that order. `collections` are the slots of the collections, where those are others.
   *
   * @throws `overflow` where an exact integer does not fit its type.
   */
  result(state: Fields, slots: Int32Array, collections?: Int32Array): Column;
}

/** An aggregation, and the columns it reads. */
export interface BoundAggregation {
  readonly bound: SlotAggregation;
  /** Numbers of its input columns. */
  readonly inputs: readonly number[];
  /** Number of a bool column: rows where it is not true are as if they had no value. Default: none. */
  readonly where?: number | undefined;
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
  Inputs extends number = number,
  Every extends boolean = boolean,
> {
  readonly name: string;
  /** Phantom: the type function. Never set. */
  readonly typeFunction?: F;
  /** Phantom: the options of the method. Never set. */
  readonly optionsType?: Options;
  /** How many columns it takes. Default 1. */
  readonly inputs?: Inputs;
  /** Whether whole frames have it, for every column. Default `true`. */
  readonly every?: Every;
  /** Whether it has the option `skipna`. Default `false`. */
  readonly skipna?: boolean;
  /** The option that methods take in front of the others: `quantile(0.9)`. */
  readonly argument?: string;
  /** Whether its last input is the time key, unless another column is named. */
  readonly overTime?: boolean;
  /** Whether a column of this type can be aggregated as input number `input`; frames leave out the columns that cannot. */
  accepts(type: DataType, input?: number): boolean;
  /** Checks the options; throws `bad-option`. The result is what `bind` gets. */
  options?(given: Options): Options;
  /** Binds to an accepted type, and for more inputs to all of their `types`. */
  bind(type: DataType, options: Options, types?: readonly DataType[]): SlotAggregation;
}
