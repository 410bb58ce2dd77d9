import type { Fields, SlotAggregation } from '../aggregate/aggregation.ts';
import { SlotStates } from '../aggregate/slot-states.ts';
import { grown } from '../columnar/grow.ts';
import { isWide } from '../columnar/types.ts';
import { isOrdered, keyOrder } from '../window/key-order.ts';
import { ValueWindow } from '../window/value-window.ts';
import { isRowsWindow, type WindowSpec } from '../window/window-spec.ts';

export interface KeyedWindowsSpec {
  readonly aggregations: readonly SlotAggregation[];
  /** The lanes of a row that each aggregation reads, by their numbers. */
  readonly reads: readonly (readonly number[])[];
  readonly laneCount: number;
  readonly window: WindowSpec;
}

/** Rows of slots, one slot after the other. */
export interface SavedRows {
  /** How many each slot has. */
  readonly counts: Int32Array;
  readonly lanes: readonly Float64Array[];
  readonly high: Float64Array;
  readonly low: Float64Array;
}

/** What the windows hold, as plain data. */
export interface SavedWindows {
  /** In the order in which they leave, as far as that was known. */
  readonly rows: SavedRows;
  /** Those with the newest key, where that end of the window is open. */
  readonly waiting: SavedRows;
  readonly newestHigh: Float64Array;
  readonly newestLow: Float64Array;
}

/** Windows that rows go through one by one, and what is made of the rows in them. */
export interface Windows {
  /** Rows that are kept, of all slots. */
  readonly rows: number;
  /** Rows in view of a slot that have a value in the first lane. */
  validIn(slot: number): number;
  /** Makes room for `slots` slots. */
  grow(slots: number): void;
  /** Takes row `row` of `lanes` in as the newest of its slot; the oldest leaves where there are too many. */
  push(slot: number, lanes: readonly Float64Array[], row: number): void;
  /** The same in a window over a range of keys. The key must be a number. Whether the row was not out of view already. */
  pushKeyed(slot: number, lanes: readonly Float64Array[], row: number, high: number, low: number): boolean;
  /** Puts the state of aggregation `k` over the rows in view of a slot into row `at` of `into`. */
  stateInto(k: number, into: Fields, at: number, slot: number): void;
  /** Where the rows are kept, for looking at; rows that have left may be among them. */
  stores(): Iterable<{ lanes: readonly Float64Array[]; from: number; to: number }>;
  /** Gives room back that a crowd has left behind. To be called now and then. */
  settle(): void;
  save(): SavedWindows;
  restore(saved: SavedWindows): void;
}

/** Room that is never given back. */
const leastRoom = 1024;

/**
 * A window for each slot, and aggregations of the rows in it, right after every row. Each slot has newer rows (the back) with one
 * running state, and older rows in the order in which they leave (the stacks), each with the state of itself and all
 * older-leaving rows after it: a result is the merge of a few states, nothing is ever subtracted, and a row that leaves uncovers
 * the state of the next. When the back must let go of a row it becomes a stack. Rows in order need one stack; disordered
 * ones merge stacks of like size, so that a row is sorted in O(log rows) times. Amortised O(1) merges a row.
 *
 * The rows of all slots lie in one pool, threaded by slot: a slot costs some numbers, not objects. Row 0 and stack 0 stand for
 * none.
 */
export class KeyedWindows implements Windows {
  readonly #spec: KeyedWindowsSpec;
  readonly #aggregations: readonly SlotAggregation[];
  /** Most rows in view of a slot; Infinity for a window over a range. */
  readonly #limit: number;
  readonly #value: ValueWindow | undefined;

  /** By slot: rows in view, and those of them whose first lane has a value. */
  #live: Int32Array = new Int32Array(0);
  #valid: Int32Array = new Int32Array(0);
  #backHead: Int32Array = new Int32Array(0);
  #backTail: Int32Array = new Int32Array(0);
  #backCount: Int32Array = new Int32Array(0);
  #top: Int32Array = new Int32Array(0);
  #waitHead: Int32Array = new Int32Array(0);
  #waitTail: Int32Array = new Int32Array(0);
  #newestHigh: Float64Array = new Float64Array(0);
  #newestLow: Float64Array = new Float64Array(0);
  #leastHigh: Float64Array = new Float64Array(0);
  #leastLow: Float64Array = new Float64Array(0);
  /** By aggregation: the states of the backs. */
  #back: SlotStates[] = [];

  /** By row: the next of its list, or of the free ones. */
  #next: Int32Array = new Int32Array(0);
  #lanes: Float64Array[] = [];
  #high: Float64Array = new Float64Array(0);
  #low: Float64Array = new Float64Array(0);
  /** By aggregation: of a row in a stack, the state of it and all rows after it. */
  #suffixes: Float64Array[][] = [];
  #picked: Float64Array[][] = [];
  /** The slot of each row, where there are collections. */
  #slotOf: Int32Array = new Int32Array(0);
  /** Numbers of the aggregations with collections. */
  readonly #collecting: readonly number[];
  #isMoving = false;
  #freeRow = 0;
  #usedRows = 1;
  #rows = 0;

  /** By stack: its first row, how many there are, the stack below. */
  #stackHead: Int32Array = new Int32Array(0);
  #stackCount: Int32Array = new Int32Array(0);
  #stackBelow: Int32Array = new Int32Array(0);
  #freeStack = 0;
  #usedStacks = 1;

  #scratch: Int32Array = new Int32Array(16);

  constructor(spec: KeyedWindowsSpec) {
    const { window } = spec;
    this.#spec = spec;
    this.#aggregations = spec.aggregations;
    this.#collecting = spec.aggregations.flatMap(({ add }, k) => (add === undefined ? [] : [k]));
    if (isRowsWindow(window)) {
      this.#limit = window.rows;
    } else {
      this.#limit = Infinity;
      this.#value = new ValueWindow(window.width, window.closed ?? 'right', isWide(window.keyType));
    }
    this.#reset();
  }

  get rows(): number {
    return this.#rows;
  }

  /** Rows in view of a slot. */
  liveIn(slot: number): number {
    return this.#live[slot]!;
  }

  validIn(slot: number): number {
    return this.#valid[slot]!;
  }

  grow(slots: number): void {
    const before = this.#live.length;
    if (slots <= before) return;
    this.#live = grown(this.#live, slots);
    this.#valid = grown(this.#valid, slots);
    this.#backHead = grown(this.#backHead, slots);
    this.#backTail = grown(this.#backTail, slots);
    this.#backCount = grown(this.#backCount, slots);
    this.#top = grown(this.#top, slots);
    for (const states of this.#back) states.grow(this.#live.length);
    if (this.#value === undefined) return;
    this.#newestHigh = grown(this.#newestHigh, slots).fill(-Infinity, before);
    this.#newestLow = grown(this.#newestLow, slots);
    this.#leastHigh = grown(this.#leastHigh, slots);
    this.#leastLow = grown(this.#leastLow, slots);
    if (!this.#value.waits) return;
    this.#waitHead = grown(this.#waitHead, slots);
    this.#waitTail = grown(this.#waitTail, slots);
  }

  push(slot: number, lanes: readonly Float64Array[], row: number): void {
    if (this.#live[slot] === this.#limit) this.#dropOldest(slot);
    this.#enter(slot, this.#keep(lanes, row));
  }

  pushKeyed(slot: number, lanes: readonly Float64Array[], row: number, high: number, low: number): boolean {
    const value = this.#value!;
    const newestHigh = this.#newestHigh[slot]!;
    const newestLow = this.#newestLow[slot]!;
    const isNewer = high > newestHigh || (high === newestHigh && low > newestLow);
    if (isNewer) {
      this.#newestHigh[slot] = high;
      this.#newestLow[slot] = low;
      value.moveTo(high, low);
      if (this.#live[slot]! > 0) this.#evict(slot, value);
      if (value.waits) this.#admitWaiting(slot, value);
    } else {
      if (value.newestHigh !== newestHigh || value.newestLow !== newestLow)
        value.moveTo(newestHigh, newestLow);
      if (value.isOut(high, low)) return false;
    }
    const kept = this.#keep(lanes, row);
    this.#high[kept] = high;
    this.#low[kept] = low;
    if (value.waits && (isNewer || (high === newestHigh && low === newestLow))) this.#wait(slot, kept);
    else this.#enter(slot, kept);
    return true;
  }

  stateInto(k: number, into: Fields, at: number, slot: number): void {
    const back = this.#back[k]!.fields;
    let stack = this.#top[slot]!;
    if (stack === 0) {
      for (let f = 0; f < into.length; f++) into[f]![at] = back[f]![slot]!;
      return;
    }
    const aggregation = this.#aggregations[k]!;
    const suffixes = this.#suffixes[k]!;
    const first = this.#stackHead[stack]!;
    for (let f = 0; f < into.length; f++) into[f]![at] = suffixes[f]![first]!;
    for (stack = this.#stackBelow[stack]!; stack !== 0; stack = this.#stackBelow[stack]!)
      aggregation.merge(into, at, suffixes, this.#stackHead[stack]!);
    if (this.#backCount[slot]! > 0) aggregation.merge(into, at, back, slot);
  }

  *stores(): Iterable<{ lanes: readonly Float64Array[]; from: number; to: number }> {
    yield { lanes: this.#lanes, from: 1, to: this.#usedRows };
  }

  settle(): void {
    if (this.#usedRows <= leastRoom || 4 * this.#rows >= this.#usedRows) return;
    this.#isMoving = true;
    this.restore(this.save());
    this.#isMoving = false;
  }

  save(): SavedWindows {
    const slots = this.#live.length;
    const rows = new RowList(slots);
    const waiting = new RowList(slots);
    for (let slot = 0; slot < slots; slot++) {
      const stacks: number[] = [];
      for (let stack = this.#top[slot]!; stack !== 0; stack = this.#stackBelow[stack]!) stacks.push(stack);
      for (const stack of stacks.reverse())
        rows.add(slot, this.#next, this.#stackHead[stack]!, this.#stackCount[stack]!);
      rows.add(slot, this.#next, this.#backHead[slot]!, this.#backCount[slot]!);
      if (this.#waitHead.length > 0) waiting.add(slot, this.#next, this.#waitHead[slot]!, Infinity);
    }
    return {
      rows: this.#savedRows(rows),
      waiting: this.#savedRows(waiting),
      newestHigh: this.#newestHigh.slice(),
      newestLow: this.#newestLow.slice(),
    };
  }

  restore({ rows, waiting, newestHigh, newestLow }: SavedWindows): void {
    this.#reset();
    this.grow(rows.counts.length);
    this.#newestHigh.set(newestHigh);
    this.#newestLow.set(newestLow);
    this.#restoreRows(rows, (slot, row) => this.#enter(slot, row));
    this.#restoreRows(waiting, (slot, row) => this.#wait(slot, row));
  }

  #restoreRows({ counts, lanes, high, low }: SavedRows, take: (slot: number, row: number) => void): void {
    let at = 0;
    for (let slot = 0; slot < counts.length; slot++) {
      for (let i = 0; i < counts[slot]!; i++, at++) {
        const row = this.#keep(lanes, at);
        if (this.#value !== undefined) {
          this.#high[row] = high[at]!;
          this.#low[row] = low[at]!;
        }
        take(slot, row);
      }
    }
  }

  #savedRows({ counts, rows, length }: RowList): SavedRows {
    const read = (lane: Float64Array): Float64Array => {
      const values = new Float64Array(length);
      for (let i = 0; i < length; i++) values[i] = lane[rows[i]!]!;
      return values;
    };
    const isKeyed = this.#value !== undefined;
    return {
      counts,
      lanes: this.#lanes.map(read),
      high: isKeyed ? read(this.#high) : new Float64Array(0),
      low: isKeyed ? read(this.#low) : new Float64Array(0),
    };
  }

  /** A row of the pool with a copy of the lanes. */
  #keep(lanes: readonly Float64Array[], row: number): number {
    let kept = this.#freeRow;
    if (kept !== 0) this.#freeRow = this.#next[kept]!;
    else {
      kept = this.#usedRows++;
      if (kept >= this.#next.length) this.#growPool();
    }
    this.#rows++;
    this.#next[kept] = 0;
    for (let k = 0; k < this.#lanes.length; k++) this.#lanes[k]![kept] = lanes[k]![row]!;
    return kept;
  }

  #growPool(): void {
    const length = Math.max(16, Math.ceil(1.5 * this.#next.length));
    const longer = (array: Float64Array): Float64Array => {
      const made = new Float64Array(length);
      made.set(array);
      return made;
    };
    const next = new Int32Array(length);
    next.set(this.#next);
    this.#next = next;
    this.#lanes = this.#lanes.map(longer);
    this.#suffixes = this.#suffixes.map((fields) => fields.map(longer));
    if (this.#collecting.length > 0) this.#slotOf = grown(this.#slotOf, length);
    this.#picked = this.#spec.reads.map((reads) => reads.map((lane) => this.#lanes[lane]!));
    if (this.#value === undefined) return;
    this.#high = longer(this.#high);
    this.#low = longer(this.#low);
  }

  /** The row becomes one of the back. */
  #enter(slot: number, row: number): void {
    const before = this.#backCount[slot]!;
    this.#next[row] = 0;
    if (before === 0) this.#backHead[slot] = row;
    else this.#next[this.#backTail[slot]!] = row;
    this.#backTail[slot] = row;
    this.#backCount[slot] = before + 1;
    this.#live[slot]!++;
    if (this.#value !== undefined) this.#followKey(slot, row, before === 0);
    const aggregations = this.#aggregations;
    for (let k = 0; k < aggregations.length; k++)
      aggregations[k]!.onNewRow(this.#back[k]!.fields, slot, this.#picked[k]!, row);
    if (this.#collecting.length > 0) {
      this.#slotOf[row] = slot;
      // Rows that only move are in the collections already.
      for (const k of this.#isMoving ? [] : this.#collecting)
        aggregations[k]!.add!(this.#slotOf, this.#picked[k]!, row, row + 1);
    }
    if (this.#lanes.length === 0 || Number.isNaN(this.#lanes[0]![row])) return;
    this.#valid[slot]!++;
  }

  #followKey(slot: number, row: number, isFirst: boolean): void {
    const high = this.#high[row]!;
    const low = this.#low[row]!;
    const least = this.#leastHigh[slot]!;
    if (!isFirst && (high > least || (high === least && low >= this.#leastLow[slot]!))) return;
    this.#leastHigh[slot] = high;
    this.#leastLow[slot] = low;
  }

  /** A row in view is in view no more. */
  #leave(slot: number, row: number): void {
    this.#live[slot]!--;
    if (this.#lanes.length > 0 && !Number.isNaN(this.#lanes[0]![row])) this.#valid[slot]!--;
    for (const k of this.#collecting)
      this.#aggregations[k]!.remove!(this.#slotOf, this.#picked[k]!, row, row + 1);
    this.#free(row);
  }

  #free(row: number): void {
    this.#next[row] = this.#freeRow;
    this.#freeRow = row;
    this.#rows--;
  }

  #dropOldest(slot: number): void {
    const stack = this.#top[slot]!;
    if (stack !== 0) {
      this.#pop(slot, stack, 0);
      return;
    }
    const count = this.#takeBack(slot, 0);
    this.#leave(slot, this.#scratch[0]!);
    this.#pushStack(slot, 1, count);
  }

  /** The first row of a stack leaves; `above` is the stack on it. Gives the stack, or the one below where it is used up. */
  #pop(slot: number, stack: number, above: number): number {
    const row = this.#stackHead[stack]!;
    this.#stackHead[stack] = this.#next[row]!;
    this.#leave(slot, row);
    if (--this.#stackCount[stack]! > 0) return stack;
    const below = this.#stackBelow[stack]!;
    if (above === 0) this.#top[slot] = below;
    else this.#stackBelow[above] = below;
    this.#stackBelow[stack] = this.#freeStack;
    this.#freeStack = stack;
    return below;
  }

  /** Lets go of what is out of view. */
  #evict(slot: number, value: ValueWindow): void {
    let above = 0;
    let stack = this.#top[slot]!;
    while (stack !== 0) {
      const row = this.#stackHead[stack]!;
      if (value.isOut(this.#high[row]!, this.#low[row]!)) {
        stack = this.#pop(slot, stack, above);
      } else {
        above = stack;
        stack = this.#stackBelow[stack]!;
      }
    }
    if (this.#backCount[slot]! > 0 && value.isOut(this.#leastHigh[slot]!, this.#leastLow[slot]!))
      this.#flush(slot, value);
  }

  /** The back becomes a stack, together with the stacks that are not far longer than it. */
  #flush(slot: number, value: ValueWindow): void {
    let live = this.#backCount[slot]!;
    const merging: number[] = [];
    for (let stack = this.#top[slot]!; stack !== 0; stack = this.#stackBelow[stack]!) {
      if (this.#stackCount[stack]! > 2 * live) break;
      live += this.#stackCount[stack]!;
      merging.push(stack);
    }
    let count = 0;
    for (const stack of merging.reverse())
      count = this.#gather(this.#stackHead[stack]!, this.#stackCount[stack]!, count);
    if (merging.length > 0) this.#top[slot] = this.#stackBelow[merging[0]!]!;
    for (const stack of merging) {
      this.#stackBelow[stack] = this.#freeStack;
      this.#freeStack = stack;
    }
    const end = this.#takeBack(slot, count);
    const rows = this.#scratch;
    for (let i = count; i < end; i++) {
      const row = rows[i]!;
      if (value.isOut(this.#high[row]!, this.#low[row]!)) this.#leave(slot, row);
      else rows[count++] = row;
    }
    this.#sort(count);
    this.#pushStack(slot, 0, count);
  }

  /** Puts the first `count` rows of the scratch in order of their keys. */
  #sort(count: number): void {
    const rows = this.#scratch;
    const high = new Float64Array(count);
    const low = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      high[i] = this.#high[rows[i]!]!;
      low[i] = this.#low[rows[i]!]!;
    }
    if (isOrdered(high, low, 0, count)) return;
    const given = rows.slice(0, count);
    const order = keyOrder(high, low, count);
    for (let i = 0; i < count; i++) rows[i] = given[order[i]!]!;
  }

  /** Puts the rows of a list into the scratch from `at` on; gives where they end. */
  #gather(first: number, count: number, at: number): number {
    if (this.#scratch.length < at + count) this.#scratch = grown(this.#scratch, at + count);
    const rows = this.#scratch;
    let row = first;
    for (let i = at; i < at + count; i++) {
      rows[i] = row;
      row = this.#next[row]!;
    }
    return at + count;
  }

  /** The rows of the back into the scratch; the back is empty then. */
  #takeBack(slot: number, at: number): number {
    const end = this.#gather(this.#backHead[slot]!, this.#backCount[slot]!, at);
    this.#backHead[slot] = 0;
    this.#backTail[slot] = 0;
    this.#backCount[slot] = 0;
    for (const states of this.#back) states.reset(slot);
    return end;
  }

  /** Rows `from … to - 1` of the scratch become the newest stack. */
  #pushStack(slot: number, from: number, to: number): void {
    if (from === to) return;
    const rows = this.#scratch;
    for (let i = from; i < to; i++) this.#next[rows[i]!] = i + 1 < to ? rows[i + 1]! : 0;
    let stack = this.#freeStack;
    if (stack !== 0) this.#freeStack = this.#stackBelow[stack]!;
    else {
      stack = this.#usedStacks++;
      this.#stackHead = grown(this.#stackHead, stack + 1);
      this.#stackCount = grown(this.#stackCount, stack + 1);
      this.#stackBelow = grown(this.#stackBelow, stack + 1);
    }
    this.#stackHead[stack] = rows[from]!;
    this.#stackCount[stack] = to - from;
    this.#stackBelow[stack] = this.#top[slot]!;
    this.#top[slot] = stack;
    for (let k = 0; k < this.#aggregations.length; k++)
      suffixStates(this.#aggregations[k]!, this.#suffixes[k]!, this.#picked[k]!, rows, from, to);
  }

  #wait(slot: number, row: number): void {
    this.#next[row] = 0;
    if (this.#waitHead[slot] === 0) this.#waitHead[slot] = row;
    else this.#next[this.#waitTail[slot]!] = row;
    this.#waitTail[slot] = row;
  }

  /** The rows that waited for a greater key enter, those that are out of view by now apart. */
  #admitWaiting(slot: number, value: ValueWindow): void {
    let row = this.#waitHead[slot]!;
    this.#waitHead[slot] = 0;
    while (row !== 0) {
      const next = this.#next[row]!;
      if (value.isOut(this.#high[row]!, this.#low[row]!)) this.#free(row);
      else this.#enter(slot, row);
      row = next;
    }
  }

  #reset(): void {
    const { aggregations, laneCount } = this.#spec;
    const noNumbers = new Int32Array(0);
    const noDoubles = new Float64Array(0);
    this.#live = this.#valid = noNumbers;
    this.#backHead = this.#backTail = this.#backCount = noNumbers;
    this.#top = this.#waitHead = this.#waitTail = noNumbers;
    this.#newestHigh = this.#newestLow = this.#leastHigh = this.#leastLow = noDoubles;
    this.#back = aggregations.map((aggregation) => new SlotStates(aggregation, 0));
    this.#next = noNumbers;
    this.#lanes = Array.from({ length: laneCount }, () => noDoubles);
    this.#high = this.#low = noDoubles;
    this.#suffixes = aggregations.map(({ initial }) => initial.map(() => noDoubles));
    this.#freeRow = 0;
    this.#usedRows = 1;
    this.#rows = 0;
    this.#stackHead = this.#stackCount = this.#stackBelow = noNumbers;
    this.#freeStack = 0;
    this.#usedStacks = 1;
    this.#scratch = new Int32Array(16);
    this.#growPool();
  }
}

/** Numbers of rows, one slot after the other. */
class RowList {
  readonly counts: Int32Array;
  rows: Int32Array = new Int32Array(0);
  length: number = 0;

  constructor(slots: number) {
    this.counts = new Int32Array(slots);
  }

  /** Adds the first `count` rows of a list to those of a slot. */
  add(slot: number, next: Int32Array, first: number, count: number): void {
    for (let row = first, i = 0; row !== 0 && i < count; row = next[row]!, i++) {
      if (this.length === this.rows.length) this.rows = grown(this.rows, this.length + 1);
      this.rows[this.length++] = row;
      this.counts[slot]!++;
    }
  }
}

/** Of each of the rows, the state of it and all after it. */
function suffixStates(
  aggregation: SlotAggregation,
  states: Fields,
  lanes: Fields,
  rows: Int32Array,
  from: number,
  to: number,
): void {
  const { initial } = aggregation;
  let row = rows[to - 1]!;
  for (let f = 0; f < initial.length; f++) states[f]![row] = initial[f]!;
  aggregation.onNewRow(states, row, lanes, row);
  for (let i = to - 2; i >= from; i--) {
    const after = row;
    row = rows[i]!;
    for (let f = 0; f < states.length; f++) {
      const field = states[f]!;
      field[row] = field[after]!;
    }
    aggregation.onNewRow(states, row, lanes, row);
  }
}
