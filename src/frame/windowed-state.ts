import type { DataType } from 'apache-arrow';
import type { Lanes, SlotAggregation } from '../aggregate/aggregation.ts';
import { GroupIndex, type SavedGroups } from '../aggregate/group-index.ts';
import { type SavedLanes, SharedLanes } from '../aggregate/shared-lanes.ts';
import { SlotStates } from '../aggregate/slot-states.ts';
import { KeyReader } from '../columnar/key-words.ts';
import { slice, take } from '../columnar/take.ts';
import { isWide } from '../columnar/types.ts';
import { isOrdered, keyOrder } from '../window/key-order.ts';
import { gatherRows, RowStore, type Rows, sliceRows } from '../window/row-store.ts';
import { ValueWindow } from '../window/value-window.ts';
import { isRowsWindow, type WindowSpec } from '../window/window-spec.ts';
import type {
  AggregateInput,
  AggregateResult,
  AggregateSpec,
  AggregateState,
  SavedAggregate,
} from './aggregate-state.ts';
import { checkInput, type InputTypes } from './check-input.ts';
import { Front } from './front.ts';
import { type Advance, isAfter, type WindowEnd } from './live-window.ts';

/** A front is rebuilt when it holds this many rows more than four times those in view. */
const slack = 1024;

/**
 * Aggregations over the rows in view of a window. Newer rows (the back) have one running state per group,
 * older rows (the fronts) the states of `Front`; a result is their merge, so nothing is subtracted and an
 * infinity that has left leaves nothing behind. When the back must let go of a row it becomes a front.
 * Rows in order need one front; disordered ones merge fronts of like size, so a row is sorted in
 * O(log rows) times. Collections take rows in and let them go one by one. Memory O(rows in view + groups).
 */
export class WindowedState implements AggregateState {
  #aggregations: readonly SlotAggregation[] = [];
  /** Numbers of those that hold collections. */
  #collecting: readonly number[] = [];
  readonly #shared: SharedLanes;
  readonly #spec: AggregateSpec;
  readonly #window: WindowSpec;
  readonly #groupTypes: AggregateSpec['groupTypes'];
  readonly #types: InputTypes;
  readonly #sort: boolean;
  readonly #newIndex: () => GroupIndex;
  #index: GroupIndex | undefined;
  /** Most rows in view of a rows window; Infinity for a value window. */
  readonly #limit: number;
  readonly #newValueWindow: () => ValueWindow | undefined;
  #value: ValueWindow | undefined;
  readonly #keyReader: KeyReader = new KeyReader();

  /** Rows of each slot that are kept, waiting ones included. */
  #held: Int32Array = new Int32Array(0);
  #fronts: Front[] = [];
  #spare: Front | undefined;
  #back: RowStore = new RowStore();
  #backStates: SlotStates[] = [];
  #backOrdered: boolean = true;
  #leastHigh: number = Infinity;
  #leastLow: number = 0;
  /** Rows with the newest key, where that end of the window is open. */
  #waiting: RowStore = new RowStore();
  readonly #release: (slot: number) => void = (slot) => this.#index!.release(slot);

  readonly #leastBlock: number | undefined;

  /** @param leastBlock rows per block of a front, at least; for tests. */
  constructor(spec: AggregateSpec, window: WindowSpec, leastBlock?: number) {
    this.#leastBlock = leastBlock;
    this.#spec = spec;
    this.#window = window;
    this.#shared = new SharedLanes({ ...spec, window });
    this.#groupTypes = spec.groupTypes;
    this.#types = { ...spec, keyType: isRowsWindow(window) ? undefined : window.keyType };
    this.#sort = spec.sort ?? true;
    this.#newIndex = () => new GroupIndex(spec.groupTypes, { dropna: spec.dropna });
    if (isRowsWindow(window)) {
      this.#limit = window.rows;
      this.#newValueWindow = () => undefined;
    } else {
      const { width, closed = 'right', keyType } = window;
      this.#limit = Infinity;
      this.#newValueWindow = () => new ValueWindow(width, closed, isWide(keyType));
    }
    this.#reset();
  }

  get keyTypes(): readonly DataType[] {
    return this.#index?.keyTypes ?? [];
  }

  get rowsInView(): number {
    return this.#fronts.reduce((sum, front) => sum + front.live, this.#back.length);
  }

  get groups(): number {
    return this.#index === undefined ? 1 : this.#visible().length;
  }

  get rejected(): number {
    return this.#value?.rejected ?? 0;
  }

  get late(): number {
    return this.#value?.late ?? 0;
  }

  /** Rows there is room for. */
  get capacity(): number {
    const fronts = this.#spare === undefined ? this.#fronts : [...this.#fronts, this.#spare];
    return fronts.reduce((sum, front) => sum + front.rows.capacity, this.#back.capacity);
  }

  update(input: AggregateInput): void {
    checkInput(input, this.#types);
    if (this.#value === undefined) this.#updateRows(input);
    else this.#updateValue(this.#value, input);
    this.#shared.sweepRows(() => this.#kept(), this.rowsInView);
  }

  /** All rows that are kept and not let go. */
  *#kept(): Iterable<{ lanes: Lanes; from: number; to: number }> {
    for (const { rows, first } of this.#fronts) yield { lanes: rows.lanes, from: first, to: rows.length };
    for (const { lanes, length } of [this.#back, this.#waiting]) yield { lanes, from: 0, to: length };
  }

  get end(): WindowEnd | undefined {
    return this.#value?.end;
  }

  advance(end: WindowEnd): Advance {
    const value = this.#value;
    const before = this.rowsInView;
    let changed = false;
    if (value?.end !== undefined && isAfter(end, value.end)) {
      value.moveTo(end.high, end.low);
      changed = this.#waiting.length > 0;
      const gone = this.#endWait(value, true);
      if (gone !== undefined) this.#letGo(gone, 0, gone.length);
      this.#evictByKey(value, 1);
    }
    const left = this.rowsInView;
    return { changed: changed || left !== before, left: left + this.#waiting.length };
  }

  #updateRows({ length, keys, values }: AggregateInput): void {
    const lanes = this.#shared.of(values, length);
    const from = Math.max(0, length - this.#limit);
    let rows: Rows = { length, slots: undefined, keys: undefined, lanes };
    if (from > 0) rows = sliceRows(rows, from, length);
    const slots = this.#index?.assign(
      from > 0 ? keys.map((key) => slice(key, from, length)) : keys,
      rows.length,
    );
    this.#add(slots === undefined ? rows : { ...rows, slots });
    let surplus = this.rowsInView - this.#limit;
    if (surplus <= 0) return;
    const front = this.#fronts[0];
    if (front !== undefined) {
      const count = Math.min(surplus, front.live);
      this.#evict(front, count);
      surplus -= count;
    }
    if (surplus > 0) this.#flushOrdered(surplus, surplus);
  }

  #updateValue(value: ValueWindow, { length, keys, values, order }: AggregateInput): void {
    const words = this.#keyReader.read(order!);
    const admission = value.admit(words, length, false);
    const { rows: picked, waiting } = admission;
    let rows: Rows = { length, slots: undefined, keys: words, lanes: this.#shared.of(values, length) };
    if (picked === undefined) {
      if (this.#index !== undefined) rows = { ...rows, slots: this.#index.assign(keys, length) };
    } else {
      const all = waiting === undefined ? picked : concatenated(picked, waiting);
      rows = gatherRows(rows, all);
      const columns = keys.map((key) => take(key, all));
      if (this.#index !== undefined) rows = { ...rows, slots: this.#index.assign(columns, all.length) };
    }
    value.move(admission);
    const entering = picked?.length ?? length;
    const gone = this.#endWait(value, admission.moved);
    this.#add(entering === rows.length ? rows : sliceRows(rows, 0, entering), admission.ordered);
    if (waiting !== undefined) {
      const late = sliceRows(rows, entering, rows.length);
      this.#hold(late);
      this.#waiting.append(late);
    }
    if (gone !== undefined) this.#letGo(gone, 0, gone.length);
    this.#evictByKey(value, length);
  }

  /** The rows that waited enter where the window has moved. Gives them where they are out of view already. */
  #endWait(value: ValueWindow, moved: boolean): RowStore | undefined {
    const waited = this.#waiting;
    if (!moved || waited.length === 0) return undefined;
    this.#waiting = new RowStore();
    if (value.isOut(waited.keys!.high[0]!, waited.keys!.low[0]!)) return waited;
    // They are held already.
    this.#takeIn(waited, true);
    return undefined;
  }

  /** @param ordered whether the keys are known never to go down. */
  #add(rows: Rows, ordered: boolean = false): void {
    if (rows.length === 0) return;
    this.#hold(rows);
    this.#takeIn(rows, ordered);
  }

  #hold({ slots, length }: Rows): void {
    if (slots === undefined) return;
    this.#grow();
    const held = this.#held;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot >= 0) held[slot]!++;
    }
  }

  /** Makes room for all slots the index has given out. */
  #grow(): void {
    const { capacity } = this.#index!;
    if (this.#held.length < capacity) {
      const grown = new Int32Array(Math.max(capacity, 2 * this.#held.length));
      grown.set(this.#held);
      this.#held = grown;
    }
    for (const states of this.#backStates) states.grow(capacity);
  }

  #takeIn(rows: Rows, ordered: boolean): void {
    const { length, slots, keys } = rows;
    const aggregations = this.#aggregations;
    for (let k = 0; k < aggregations.length; k++) {
      const lanes = this.#shared.pick(rows.lanes, k);
      const { fields } = this.#backStates[k]!;
      if (slots === undefined) aggregations[k]!.onNewAll(fields, lanes, 0, length);
      else aggregations[k]!.onNew(fields, lanes, slots, 0, length);
      aggregations[k]!.add?.(slots, lanes, 0, length);
    }
    if (keys !== undefined) this.#followKeys(keys.high, keys.low, length, ordered);
    this.#back.append(rows);
  }

  #followKeys(high: Float64Array, low: Float64Array, length: number, ordered: boolean): void {
    const { keys, length: before } = this.#back;
    if (this.#backOrdered && before > 0) {
      const lastHigh = keys!.high[before - 1]!;
      this.#backOrdered = !(
        high[0]! < lastHigh ||
        (high[0] === lastHigh && low[0]! < keys!.low[before - 1]!)
      );
    }
    if (this.#backOrdered && (ordered || isOrdered(high, low, 0, length))) {
      if (before === 0) {
        this.#leastHigh = high[0]!;
        this.#leastLow = low[0]!;
      }
      return;
    }
    this.#backOrdered = false;
    let { leastHigh, leastLow } = { leastHigh: this.#leastHigh, leastLow: this.#leastLow };
    for (let i = 0; i < length; i++) {
      const h = high[i]!;
      if (h < leastHigh || (h === leastHigh && low[i]! < leastLow)) {
        leastHigh = h;
        leastLow = low[i]!;
      }
    }
    this.#leastHigh = leastHigh;
    this.#leastLow = leastLow;
  }

  #evictByKey(value: ValueWindow, crowd: number): void {
    for (const front of this.#fronts) {
      const { length, keys } = front.rows;
      const to = value.firstIn(keys!, front.first, length);
      if (to > front.first) this.#evict(front, to - front.first);
    }
    if (this.#fronts.some((front) => front.live === 0)) this.#dropEmptyFronts();
    const { length } = this.#back;
    if (length > 0 && value.isOut(this.#leastHigh, this.#leastLow)) this.#flushByKey(value, false, crowd);
    if (this.#fronts.length === 0) return;
    const kept = this.#fronts.reduce((sum, front) => sum + front.rows.length, 0);
    if (kept > 4 * this.rowsInView + slack) this.#flushByKey(value, true, crowd);
  }

  #evict(front: Front, count: number): void {
    this.#remove(front.rows, front.first, front.first + count);
    front.evict(count, this.#held, this.#release);
  }

  /** Takes rows that leave out of the collections. */
  #remove({ slots, lanes }: Rows, from: number, to: number): void {
    for (const k of this.#collecting) {
      this.#aggregations[k]!.remove!(slots, this.#shared.pick(lanes, k), from, to);
    }
  }

  #dropEmptyFronts(): void {
    for (const front of this.#fronts) {
      if (front.live > 0) continue;
      front.clear();
      if ((this.#spare?.rows.capacity ?? 0) <= front.rows.capacity) this.#spare = front;
    }
    this.#fronts = this.#fronts.filter((front) => front.live > 0);
  }

  /** The back becomes a front, together with the fronts that have no more rows than it, or with all. */
  #flushByKey(value: ValueWindow, all: boolean, crowd: number): void {
    const back = this.#back;
    const merging: Front[] = [];
    let live = back.length;
    while (this.#fronts.length > 0 && (all || this.#fronts.at(-1)!.live <= live)) {
      const front = this.#fronts.pop()!;
      live += front.live;
      merging.push(front);
    }
    if (merging.length === 0 && this.#backOrdered) {
      this.#flushOrdered(value.firstIn(back.keys!, 0, back.length), crowd);
      return;
    }
    const gathered = new RowStore();
    gathered.reserve(live);
    for (const front of merging.reverse()) {
      gathered.append(sliceRows(front.rows, front.first, front.rows.length));
      front.clear();
    }
    this.#resetBackStates();
    const kept = new Int32Array(back.length);
    let count = 0;
    for (let i = 0; i < back.length; i++) {
      if (value.isOut(back.keys!.high[i]!, back.keys!.low[i]!)) {
        this.#remove(back, i, i + 1);
        this.#letGo(back, i, i + 1);
      } else kept[count++] = i;
    }
    if (count > 0) gathered.append(gatherRows(back, kept.subarray(0, count)));
    this.#clearBack(back);
    if (gathered.length === 0) return;
    const { high, low } = gathered.keys!;
    const front = merging[0] ?? this.#newFront();
    if (isOrdered(high, low, 0, gathered.length)) front.rows = gathered;
    else {
      front.rows.reserve(gathered.length);
      front.rows.append(gatherRows(gathered, keyOrder(high, low, gathered.length)));
    }
    this.#start(front, 0, crowd);
  }

  /** The back becomes a front as it stands, without its oldest `out` rows. */
  #flushOrdered(out: number, crowd: number): void {
    const back = this.#back;
    this.#resetBackStates();
    this.#remove(back, 0, out);
    this.#letGo(back, 0, out);
    const last = this.#fronts.at(-1);
    const front = last?.live === 0 ? this.#fronts.pop()! : this.#newFront();
    const { rows } = front;
    front.clear();
    front.rows = back;
    rows.reserve(Math.min(rows.capacity, back.length));
    this.#clearBack(rows);
    this.#start(front, out, crowd);
  }

  #newFront(): Front {
    const front = this.#spare ?? new Front(this.#aggregations, this.#shared, this.#leastBlock);
    this.#spare = undefined;
    return front;
  }

  #start(front: Front, first: number, crowd: number): void {
    front.build(first, this.#index?.capacity ?? 1, crowd);
    this.#fronts.push(front);
  }

  #clearBack(store: RowStore): void {
    store.clear();
    this.#back = store;
    this.#backOrdered = true;
    this.#leastHigh = Infinity;
    this.#leastLow = 0;
  }

  #resetBackStates(): void {
    const { slots, length } = this.#back;
    for (const states of this.#backStates) {
      if (slots === undefined || length > states.capacity) states.resetFirst(states.capacity);
      else states.resetOf(slots, 0, length);
    }
  }

  /** Rows that are kept nowhere any more. */
  #letGo({ slots }: RowStore, from: number, to: number): void {
    if (slots === undefined) return;
    const held = this.#held;
    for (let i = from; i < to; i++) {
      const slot = slots[i]!;
      if (slot >= 0 && --held[slot]! === 0) this.#index!.release(slot);
    }
  }

  /** Slots of the groups with a row in view, in order. */
  #visible(): Int32Array {
    const slots = this.#sort ? this.#index!.sorted() : this.#index!.inOrderOfAppearance();
    const { slots: waiting, length } = this.#waiting;
    if (length === 0) return slots;
    const rows = this.#held.slice();
    for (let i = 0; i < length; i++) if (waiting![i]! >= 0) rows[waiting![i]!]!--;
    return slots.filter((slot) => rows[slot]! > 0);
  }

  result(): AggregateResult {
    const slots = this.#index === undefined ? undefined : this.#visible();
    const length = slots?.length ?? 1;
    const numbers = Int32Array.from({ length }, (_, i) => i);
    const values = this.#aggregations.map((aggregation, k) => {
      const merged = new SlotStates(aggregation, length).fields;
      for (const front of this.#fronts) {
        if (front.live === 0) continue;
        for (let i = 0; i < length; i++) front.mergeInto(k, merged, i, slots === undefined ? 0 : slots[i]!);
      }
      const { fields } = this.#backStates[k]!;
      for (let i = 0; i < length; i++)
        aggregation.merge(merged, i, fields, slots === undefined ? 0 : slots[i]!);
      return aggregation.result(merged, numbers, slots ?? numbers);
    });
    return { length, keys: slots === undefined ? [] : this.#index!.keyColumns(slots), values };
  }

  save(): SavedAggregate {
    const kept = new RowStore();
    for (const front of this.#fronts) kept.append(sliceRows(front.rows, front.first, front.rows.length));
    kept.append(this.#back);
    const saved: SavedWindow = {
      kind: 'window',
      rows: compactRows(kept),
      waiting: compactRows(this.#waiting),
      groups: this.#index?.save(),
      newest: this.#value && [this.#value.newestHigh, this.#value.newestLow],
      rejected: this.rejected,
      late: this.late,
      lanes: this.#shared.save(),
    };
    return { ...saved };
  }

  restore(saved: SavedAggregate): void {
    const { rows, waiting, groups, newest, rejected, late, lanes } = saved as unknown as SavedWindow;
    this.#reset();
    this.#shared.restore(lanes);
    if (this.#value !== undefined && newest !== undefined) {
      this.#value.moveTo(newest[0], newest[1]);
      this.#value.rejected = rejected;
      this.#value.late = late;
    }
    if (groups !== undefined) this.#index?.restore(groups);
    this.#add(rows);
    this.#hold(waiting);
    this.#waiting.append(waiting);
  }

  part(numbers: readonly number[]): WindowedState {
    const spec = this.#spec;
    const aggregations = numbers.map((k) => spec.aggregations[k]!);
    const part = new WindowedState({ ...spec, aggregations }, this.#window, this.#leastBlock);
    const { rows, waiting, ...saved } = this.save() as unknown as SavedWindow;
    const of = (kept: Rows): Rows => ({
      ...kept,
      // A store that never had rows has no lanes.
      lanes: kept.length === 0 ? [] : this.#shared.lanesOfPart(part.#shared, numbers, kept.lanes),
    });
    const own: SavedWindow = { ...saved, rows: of(rows), waiting: of(waiting) };
    part.restore({ ...own });
    return part;
  }

  #reset(): void {
    this.#index = this.#groupTypes.length === 0 ? undefined : this.#newIndex();
    this.#value = this.#newValueWindow();
    this.#held = new Int32Array(0);
    this.#fronts = [];
    this.#spare = undefined;
    this.#aggregations = this.#shared.open();
    this.#collecting = [...this.#aggregations.keys()].filter((k) => this.#aggregations[k]!.remove);
    this.#backStates = this.#aggregations.map((aggregation) => new SlotStates(aggregation, 1));
    this.#clearBack(new RowStore());
    this.#waiting = new RowStore();
  }
}

interface SavedWindow {
  readonly kind: 'window';
  readonly rows: Rows;
  readonly waiting: Rows;
  readonly groups: SavedGroups | undefined;
  readonly newest: readonly [number, number] | undefined;
  readonly rejected: number;
  readonly late: number;
  readonly lanes: SavedLanes;
}

/** Copies that are no longer than need be. */
function compactRows(store: RowStore): Rows {
  const { length, slots, keys, lanes } = sliceRows(store, 0, store.length);
  return {
    length,
    slots: slots?.slice(),
    keys: keys && { high: keys.high.slice(), low: keys.low.slice() },
    lanes: lanes.map((lane) => lane.slice()),
  };
}

function concatenated(a: Int32Array, b: Int32Array): Int32Array {
  const both = new Int32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
