import type { DataType } from 'apache-arrow';
import type { AggregationDefinition, Fields, SlotAggregation } from '../aggregate/aggregation.ts';
import { count } from '../aggregate/count.ts';
import { definitionOf } from '../aggregate/definitions.ts';
import type { SavedGroups } from '../aggregate/group-index.ts';
import { type SavedLanes, SharedLanes } from '../aggregate/shared-lanes.ts';
import type { Column } from '../columnar/column.ts';
import { concat } from '../columnar/concat.ts';
import { KeyReader, type KeyWords } from '../columnar/key-words.ts';
import { columnOfLanes, lanesOf } from '../columnar/lanes.ts';
import { nullsOf } from '../columnar/nulls.ts';
import { magnitudeBound } from '../columnar/numbers.ts';
import { didYouMean, GraphError, quote, SchemaError } from '../errors.ts';
import { checkWindow, isRowsWindow, type WindowSpec } from '../window/window-spec.ts';
import { ExpandingState } from './expanding.ts';
import { KeyedWindows, type SavedWindows, type Windows } from './keyed-windows.ts';
import { notAvailable } from './refusal.ts';
import { nullWhereNone, RowGroups } from './row-groups.ts';
import type { BoundRunning, RunningDefinition, RunningInput, RunningState, RunningTypes } from './running.ts';
import { SlidingRows } from './sliding-rows.ts';

/** What expressions give a rolling function, beside the window. */
interface RollingOptions {
  readonly aggregation: string;
  /** Of the aggregation. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Fewer valid values than this give null. Default 1, of `count` and `size` 0. */
  readonly minPeriods?: number;
  /** `false` makes a group of the rows whose key is null. */
  readonly dropna?: boolean;
  /** The state to begin with. */
  readonly start?: unknown;
}

/** Magnitudes are doubles: what is nearer to a limit than this may be beyond it. */
const near = 1 - 2 ** -40;

/** All rows so far: a window that nothing leaves. */
const everything: WindowSpec = { rows: Number.MAX_SAFE_INTEGER };

/** An aggregation of the rows in a window that ends at each row. */
export const rolling: RunningDefinition = {
  name: 'rolling',
  bind(types, options) {
    const window = types.window!;
    checkWindow(window);
    return bound('rolling', types, options as unknown as RollingOptions, window);
  },
};

/** An aggregation of each row and all earlier ones. */
export const expanding: RunningDefinition = {
  name: 'expanding',
  bind: (types, options) => bound('expanding', types, options as unknown as RollingOptions, undefined),
};

function bound(
  name: string,
  { args, by }: RunningTypes,
  { aggregation, options = {}, minPeriods, dropna, start }: RollingOptions,
  window: WindowSpec | undefined,
): BoundRunning {
  const type = args[0]!;
  const asked = `${name} ${aggregation}`;
  const periods = checkedPeriods(asked, minPeriods, aggregation, window);
  const spec = { type, by, window: window ?? everything, dropna, minPeriods: periods };
  const begin = (state: RunningState): RunningState => {
    if (start !== undefined) state.restore(start);
    return state;
  };
  const definition = definitionOf(aggregation, asked);
  if ((definition.inputs ?? 1) > 1) {
    throw new SchemaError('bad-option', `${asked}: it takes more than one column, and there is one`);
  }
  if (!definition.accepts(type)) throw notAvailable(aggregation, type);
  const slotAggregation = definition.bind(type, checkedOptions(definition, options));
  return {
    output: slotAggregation.output,
    plainNumber: slotAggregation.plainNumber,
    canFail: slotAggregation.largestTotal !== undefined,
    create: () =>
      window === undefined && slotAggregation.open === undefined && slotAggregation.reads === undefined
        ? new ExpandingState(periods === 0 ? slotAggregation : needing(slotAggregation, periods), by, {
            dropna,
          })
        : begin(
            new RollingState(
              spec,
              (windows, opened) => {
                if (opened.add === undefined) return new StateResults(windows, opened);
                if (opened.numberOf !== undefined) return new NumberResults(opened);
                return new CollectedResults(windows, opened);
              },
              slotAggregation,
            ),
          ),
  };
}

/** The same, with null where there were fewer valid values than `minPeriods`; it counts them in a field more. */
function needing(aggregation: SlotAggregation, minPeriods: number): SlotAggregation {
  const own = aggregation.initial.length;
  return {
    ...aggregation,
    initial: [...aggregation.initial, 0],
    onNewRow(state, slot, lanes, row) {
      aggregation.onNewRow(state, slot, lanes, row);
      if (!Number.isNaN(lanes[0]![row])) state[own]![slot]! += 1;
    },
    result(state, slots) {
      const counts = state[own]!;
      const few = slots.map((slot) => (counts[slot]! < minPeriods ? -1 : 0));
      return nullWhereNone(aggregation.result(state, slots), few);
    },
  };
}

function checkedPeriods(
  asked: string,
  given: number | undefined,
  aggregation: string,
  window: WindowSpec | undefined,
): number {
  if (given === undefined) return aggregation === count.name || aggregation === 'size' ? 0 : 1;
  if (window !== undefined && isRowsWindow(window) && given > window.rows) {
    throw new SchemaError(
      'bad-option',
      `${asked}: minPeriods is ${given}, but a window of ${window.rows} rows never has as many`,
    );
  }
  if (Number.isSafeInteger(given) && given >= 0) return given;
  throw new SchemaError(
    'bad-option',
    `${asked}: minPeriods must be a whole number of at least 0, got ${String(given)}`,
  );
}

function checkedOptions(definition: AggregationDefinition, given: object): object {
  const known = Object.keys(definition.options?.({}) ?? {});
  checkNames(definition.name, given, known);
  return definition.options?.(given) ?? given;
}

function checkNames(name: string, given: object, known: readonly string[]): void {
  for (const option of Object.keys(given)) {
    if (known.includes(option)) continue;
    const there = known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`;
    throw new SchemaError(
      'bad-option',
      `${name} has no option ${quote(option)}${didYouMean(option, known) || ';'} ${there}`,
    );
  }
}

interface RollingSpec {
  readonly type: DataType;
  readonly by: readonly DataType[];
  readonly window: WindowSpec;
  readonly dropna: boolean | undefined;
  readonly minPeriods: number;
}

/** Collects the result of each row. */
interface Results {
  /** A batch of `length` rows begins. */
  begin(length: number): void;
  /** The result of row `row` is that of the window of `slot`. */
  take(row: number, slot: number): void;
  /** @throws `overflow`. */
  column(): Column;
}

interface SavedRolling {
  readonly kind: 'rolling';
  readonly groups: SavedGroups | undefined;
  readonly windows: SavedWindows;
  readonly lanes: SavedLanes;
  readonly greatest: number;
}

/** One aggregation of the rows in the window of each group. Keeps the rows in view. */
class RollingState implements RunningState {
  readonly #spec: RollingSpec;
  readonly #bound: SlotAggregation;
  readonly #newResults: (windows: Windows, aggregation: SlotAggregation) => Results;
  readonly #shared: SharedLanes;
  /** Whether the first lane is that of the value itself, which tells what is missing. */
  readonly #isPlain: boolean;
  #opened: SlotAggregation;
  #windows: Windows;
  #results: Results;
  readonly #keyReader: KeyReader = new KeyReader();
  #groups: RowGroups;
  /** No value that came was further from zero. */
  #greatest = 0;

  constructor(
    spec: RollingSpec,
    results: (windows: Windows, aggregation: SlotAggregation) => Results,
    bound: SlotAggregation,
  ) {
    const { type, by, dropna } = spec;
    this.#spec = spec;
    this.#bound = bound;
    this.#newResults = results;
    this.#isPlain = (bound.inWindows ?? bound).reads === undefined;
    this.#shared = new SharedLanes({
      aggregations: [{ bound, inputs: [0] }],
      inputTypes: [type],
      window: spec.window,
    });
    this.#opened = bound;
    this.#windows = this.#begin();
    this.#results = this.#newResults(this.#windows, this.#opened);
    this.#groups = new RowGroups(by, dropna);
  }

  /** Windows without rows, over an aggregation that has seen none. */
  #begin(): Windows {
    const { by, window } = this.#spec;
    const shared = this.#shared;
    const aggregation = shared.open()[0]!;
    this.#opened = aggregation;
    const before = this.#isPlain ? 0 : 1;
    const lanes = before + shared.laneCount;
    const isOne = by.length === 0 && isRowsWindow(window) && aggregation.add === undefined;
    return isOne && this.#isPlain
      ? new SlidingRows(aggregation, lanes, window.rows)
      : new KeyedWindows({
          aggregations: [aggregation],
          reads: [shared.lanesOf(0).map((lane) => before + lane)],
          laneCount: lanes,
          window,
        });
  }

  #lanesOf(arg: Column): readonly Float64Array[] {
    const lanes = this.#shared.of([arg], arg.length);
    return this.#isPlain ? lanes : [lanesOf(arg)[0]!, ...lanes];
  }

  couldFail({ args, length }: RunningInput): boolean {
    const largest = this.#bound.largestTotal;
    if (largest === undefined) return false;
    const greatest = Math.max(this.#greatest, magnitudeBound(args[0]!));
    const { window } = this.#spec;
    const rows = this.#windows.rows + length;
    return greatest * (isRowsWindow(window) ? Math.min(rows, window.rows) : rows) >= largest * near;
  }

  update(input: RunningInput): Column {
    const { args, by, length, order } = input;
    const saved = this.couldFail(input) ? this.save() : undefined;
    if (this.#bound.largestTotal !== undefined)
      this.#greatest = Math.max(this.#greatest, magnitudeBound(args[0]!));
    const lanes = this.#lanesOf(args[0]!);
    const slots = this.#groups.slotsOf(by, length);
    const windows = this.#windows;
    windows.grow(this.#groups.capacity);
    this.#results.begin(length);
    const shown = this.#takeIn(lanes, slots, order === undefined ? undefined : this.#keyReader.read(order));
    try {
      const column = this.#results.column();
      windows.settle();
      this.#shared.sweepRows(() => windows.stores(), windows.rows);
      return nullWhereNone(column, shown);
    } catch (error) {
      if (saved !== undefined) this.restore(saved);
      throw error;
    }
  }

  /** Row by row; -1 for each row without result. */
  #takeIn(lanes: readonly Float64Array[], slots: Int32Array, keys: KeyWords | undefined): Int32Array {
    const windows = this.#windows;
    const results = this.#results;
    const { minPeriods } = this.#spec;
    const shown = new Int32Array(slots.length);
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      if (slot < 0) {
        shown[i] = -1;
        continue;
      }
      if (keys === undefined) windows.push(slot, lanes, i);
      else {
        const high = keys.high[i]!;
        if (high - high !== 0) {
          shown[i] = -1;
          continue;
        }
        windows.pushKeyed(slot, lanes, i, high, keys.low[i]!);
      }
      if (windows.validIn(slot) < minPeriods) shown[i] = -1;
      else results.take(i, slot);
    }
    return shown;
  }

  save(): unknown {
    const saved: SavedRolling = {
      kind: 'rolling',
      groups: this.#groups.save(),
      windows: this.#windows.save(),
      lanes: this.#shared.save(),
      greatest: this.#greatest,
    };
    return saved;
  }

  restore(given: unknown): void {
    if ((given as Partial<SavedRolling> | undefined)?.kind !== 'rolling')
      throw new GraphError('bad-option', 'start must be a state that withState gave');
    const { groups, windows, lanes, greatest } = given as SavedRolling;
    if (!ArrayBuffer.isView(windows.rows.counts)) {
      throw new GraphError(
        'bad-value',
        'start lacks its typed arrays; was it kept as JSON? structuredClone and IndexedDB keep them',
      );
    }
    const own = this.#begin();
    if (windows.rows.lanes.length !== own.save().rows.lanes.length)
      throw new GraphError('bad-option', 'start is the state of a column of another type');
    this.#groups = new RowGroups(this.#spec.by, this.#spec.dropna);
    this.#groups.restore(groups);
    this.#windows = own;
    this.#results = this.#newResults(own, this.#opened);
    this.#shared.restore(lanes);
    this.#windows.restore(windows);
    this.#greatest = greatest;
  }
}

/** States of rows, made results of all at once. */
class StateResults implements Results {
  readonly #windows: Windows;
  readonly #aggregation: SlotAggregation;
  #fields: Fields = [];
  #length = 0;

  constructor(windows: Windows, aggregation: SlotAggregation) {
    this.#windows = windows;
    this.#aggregation = aggregation;
  }

  begin(length: number): void {
    this.#length = length;
    this.#fields = this.#aggregation.initial.map((value) => new Float64Array(length).fill(value));
  }

  take(row: number, slot: number): void {
    this.#windows.stateInto(0, this.#fields, row, slot);
  }

  column(): Column {
    const rows = new Int32Array(this.#length);
    for (let i = 0; i < rows.length; i++) rows[i] = i;
    return this.#aggregation.result(this.#fields, rows);
  }
}

/** Results of collections, which change with the next row: each is made when its row comes. */
class CollectedResults implements Results {
  readonly #windows: Windows;
  readonly #aggregation: SlotAggregation;
  #columns: (Column | undefined)[] = [];

  constructor(windows: Windows, aggregation: SlotAggregation) {
    this.#windows = windows;
    this.#aggregation = aggregation;
  }

  begin(length: number): void {
    this.#columns = Array.from({ length });
  }

  take(row: number, slot: number): void {
    const fields = this.#aggregation.initial.map((value) => Float64Array.of(value));
    this.#windows.stateInto(0, fields, 0, slot);
    this.#columns[row] = this.#aggregation.result(fields, Int32Array.of(0), Int32Array.of(slot));
  }

  column(): Column {
    const none = nullsOf(this.#aggregation.output, 1);
    if (this.#columns.length === 0) return nullsOf(this.#aggregation.output, 0);
    return concat(this.#columns.map((column) => column ?? none));
  }
}

/** The same of collections whose result is a number: no column for each row. */
class NumberResults implements Results {
  readonly #aggregation: SlotAggregation;
  #values: Float64Array = new Float64Array(0);
  #present: Uint8Array = new Uint8Array(0);

  constructor(aggregation: SlotAggregation) {
    this.#aggregation = aggregation;
  }

  begin(length: number): void {
    this.#values = new Float64Array(length);
    this.#present = new Uint8Array(length);
  }

  take(row: number, slot: number): void {
    const value = this.#aggregation.numberOf!(slot);
    if (value === undefined) return;
    this.#present[row] = 1;
    this.#values[row] = value;
  }

  column(): Column {
    return columnOfLanes(this.#aggregation.output, [this.#values], this.#present);
  }
}
