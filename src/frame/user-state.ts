import type { DataType } from 'apache-arrow';
import { GroupIndex, type SavedGroups } from '../aggregate/group-index.ts';
import type { Aggregation } from '../aggregate/user-aggregation.ts';
import { columnOf, emptyData } from '../columnar/arrow.ts';
import type { Column } from '../columnar/column.ts';
import { ColumnRows } from '../columnar/column-rows.ts';
import { KeyReader } from '../columnar/key-words.ts';
import { restoredCopy, type SavedColumn, savedCopy } from '../columnar/saved-column.ts';
import { take } from '../columnar/take.ts';
import { isWide } from '../columnar/types.ts';
import { cloned } from '../core/cloned.ts';
import { isOrdered } from '../window/key-order.ts';
import { gatherRows, RowStore, type Rows, sliceRows } from '../window/row-store.ts';
import { type Admission, ValueWindow } from '../window/value-window.ts';
import { checkWindow, isRowsWindow, type WindowSpec } from '../window/window-spec.ts';
import type { AggregateCounters, AggregateInput } from './aggregate-state.ts';
import { checkInput, type InputTypes } from './check-input.ts';
import { type Advance, type Advancing, isAfter, type WindowEnd } from './live-window.ts';
import { type Piece, PieceQueue, takePiece } from './piece-queue.ts';

import { UserCalls } from './user-calls.ts';
import { MergeFold, RerunFold, RunningFold, type UserFold, type View } from './user-fold.ts';

/** An aggregation of whatever rows and state. */
export type AnyAggregation = Aggregation<never, unknown, unknown>;

/** What to aggregate: the aggregation, of `ColumnRows`, runs for each input column by itself. */
export interface UserSpec {
  readonly aggregation: AnyAggregation;
  /** What errors call the aggregation. */
  readonly name: string;
  /** Type of each input column. */
  readonly inputTypes: readonly DataType[];
  /** Type of each group key; none means one group that is always there. */
  readonly groupTypes: readonly DataType[];
  /** Default: all time. */
  readonly window?: WindowSpec | undefined;
  /** Groups in order of their keys (default), or of first appearance. */
  readonly sort?: boolean | undefined;
  /** Rows with a null key form no group (default), or one of their own. */
  readonly dropna?: boolean | undefined;
}

/** One row per group; exactly one where there are no group keys. */
export interface UserResult {
  readonly length: number;
  /** Group keys, as in `groupTypes`. */
  readonly keys: Column[];
  /** `values[column][row]`: what the aggregation returned last. `null` before the first batch. */
  readonly values: unknown[][];
}

/** The state of a user's aggregation over groups and a window. */
export interface UserState extends AggregateCounters, Advancing {
  /**
   * Takes in a batch: wholly, or not at all where it throws.
   *
   * @throws UserCodeError where a function of the aggregation throws or returns nonsense.
   * @throws SchemaError `schema-mismatch` where columns and lengths do not fit the specification.
   */
  update(input: AggregateInput): void;
  /** The results of now. Calls nothing of the user's. */
  result(): UserResult;
  /**
   * The state as plain data. `plan` says whose it is.
   *
   * @throws `not-available` where the aggregation's states or results cannot be cloned, or a column cannot be saved.
   */
  save(plan: string): object;
  /** Goes on from where `save` of a state of equal specification was. */
  restore(saved: unknown): void;
}

/** @throws GraphError `bad-option` for a window of no rows or no width. */
export function createUserState(spec: UserSpec): UserState {
  if (spec.window !== undefined) checkWindow(spec.window);
  const views = spec.inputTypes.map(
    (_, k) =>
      ({ columns }: Piece) =>
        new ColumnRows(columns[k]!),
  );
  return new UserAggregateState(spec, new UserCalls(spec.aggregation, spec.name), views);
}

/** The rows of one group in view, and what the aggregation made of them. */
interface Group {
  readonly queue: PieceQueue;
  readonly folds: readonly UserFold[];
}

/** Rows as they came, before they have groups. */
interface Arrival extends Piece {
  readonly keys: readonly Column[];
  readonly order: Rows | undefined;
}

/** What enters, oldest first, and what waits. */
interface Admitted {
  readonly arrivals: readonly Arrival[];
  readonly waiting: Arrival[];
  readonly admission: Admission | undefined;
}

const onlySlot = 0;

class UserAggregateState<Seen> implements UserState {
  readonly #types: InputTypes;
  readonly #index: GroupIndex | undefined;
  readonly #sort: boolean;
  readonly #newFold: (view: View<Seen>) => UserFold;
  readonly #views: readonly View<Seen>[];
  readonly #none: Piece;
  readonly #windowed: boolean;
  readonly #limit: number;
  readonly #value: ValueWindow | undefined;
  readonly #keyReader: KeyReader = new KeyReader();
  /** By slot. */
  #groups: Map<number, Group> = new Map();
  /** Groups that this batch has touched; they take their place in `#groups` when all has gone well. */
  #touched: Map<number, Group> = new Map();
  /** Slots that this batch uses. */
  #assigned: Set<number> = new Set();
  /** Slot and key of each row in view, in arrival order, from `#first` on. */
  #rows: RowStore = new RowStore();
  #first: number = 0;
  #ordered: boolean = true;
  #waiting: Arrival[] = [];
  #taken: number = 0;

  constructor(spec: UserSpec, calls: UserCalls<Seen>, views: readonly View<Seen>[]) {
    const { inputTypes, groupTypes, window, sort = true, dropna } = spec;
    const rowsWindow = window !== undefined && isRowsWindow(window);
    const valueWindow = window === undefined || isRowsWindow(window) ? undefined : window;
    this.#types = { inputTypes, groupTypes, keyType: valueWindow?.keyType };
    this.#index = groupTypes.length === 0 ? undefined : new GroupIndex(groupTypes, { dropna });
    this.#sort = sort;
    this.#views = views;
    this.#none = { columns: inputTypes.map((type) => columnOf(emptyData(type))), length: 0 };
    this.#windowed = window !== undefined;
    this.#limit = rowsWindow ? window.rows : Infinity;
    if (valueWindow !== undefined) {
      const { width, closed = 'right', keyType } = valueWindow;
      this.#value = new ValueWindow(width, closed, isWide(keyType));
    }
    this.#newFold = (view) => {
      if (this.#windowed && calls.canMerge) return new MergeFold(calls, view, this.#none);
      const Fold = this.#windowed && !calls.canTakeAway ? RerunFold : RunningFold;
      return new Fold(calls, view, this.#none);
    };
  }

  get keyTypes(): readonly DataType[] {
    return this.#index?.keyTypes ?? [];
  }

  get rowsInView(): number {
    return this.#windowed ? this.#rows.length - this.#first : this.#taken;
  }

  get groups(): number {
    return this.#index === undefined ? 1 : this.#groups.size;
  }

  get rejected(): number {
    return this.#value?.rejected ?? 0;
  }

  get late(): number {
    return this.#value?.late ?? 0;
  }

  get end(): WindowEnd | undefined {
    return this.#value?.end;
  }

  /** @throws UserCodeError where a function of the aggregation throws; then all stays as it was. */
  advance(end: WindowEnd): Advance {
    const before = this.rowsInView;
    const waited = this.#waiting.length > 0;
    const { end: now } = this;
    if (now !== undefined && isAfter(end, now)) {
      const none = new Int32Array(0);
      const counts = { rejected: 0, late: 0, ordered: true, moved: true };
      const admission = {
        ...counts,
        rows: none,
        waiting: undefined,
        newestHigh: end.high,
        newestLow: end.low,
      };
      this.#take({ arrivals: this.#waiting, waiting: [], admission }, 0);
      return { changed: waited || this.rowsInView !== before, left: this.rowsInView };
    }
    return { changed: false, left: before + this.#waiting.length };
  }

  update(input: AggregateInput): void {
    checkInput(input, this.#types);
    this.#take(this.#admit(input), input.length);
  }

  #take({ arrivals, waiting, admission }: Admitted, taken: number): void {
    const { length: before } = this.#rows;
    const ordered = this.#ordered;
    this.#touched = new Map();
    this.#assigned = new Set();
    let evicted: Eviction;
    try {
      for (const arrival of arrivals) this.#arrive(arrival);
      evicted = this.#windowed ? this.#evict(admission) : { count: 0, kept: undefined };
      for (const { queue, folds } of this.#touched.values()) for (const fold of folds) fold.finish(queue);
    } catch (error) {
      for (const slot of this.#assigned) this.#releaseUnused(slot);
      this.#rows.length = before;
      this.#ordered = ordered;
      this.#touched = new Map();
      throw error;
    }
    if (admission !== undefined) this.#value!.move(admission);
    this.#waiting = waiting;
    this.#taken += taken;
    this.#settle(evicted);
  }

  /** The batches that enter, oldest first, and those that wait. Changes nothing. */
  #admit({ length, keys, values, order }: AggregateInput): Admitted {
    const whole: Arrival = { columns: values, length, keys, order: undefined };
    if (this.#value === undefined) return { arrivals: [whole], waiting: [], admission: undefined };
    const words: Rows = { length, slots: undefined, keys: this.#keyReader.read(order!), lanes: [] };
    const admission = this.#value.admit(words.keys!, length, true);
    const ordered: Arrival = { ...whole, order: words };
    const entering = admission.rows === undefined ? ordered : takeArrival(ordered, admission.rows);
    const waits = admission.waiting === undefined ? [] : [takeArrival(ordered, admission.waiting)];
    if (!admission.moved) return { arrivals: [entering], waiting: [...this.#waiting, ...waits], admission };
    return { arrivals: [...this.#waiting, entering], waiting: waits, admission };
  }

  #arrive({ columns, length, keys, order }: Arrival): void {
    const piece: Piece = { columns, length };
    const slots = this.#index?.assign(keys, length).slice(0, length);
    if (this.#windowed && length > 0) {
      this.#follow(order, length);
      this.#rows.append({ length, slots, keys: order?.keys, lanes: [] });
    }
    if (slots === undefined) this.#give(onlySlot, piece);
    else {
      const groups = rowsBySlot(slots);
      for (const slot of groups.keys()) this.#assigned.add(slot);
      for (const [slot, rows] of groups) this.#give(slot, takePiece(piece, rows));
    }
  }

  #follow(order: Rows | undefined, length: number): void {
    if (!this.#ordered || order === undefined) return;
    const { high, low } = order.keys!;
    const { keys, length: before } = this.#rows;
    const last = before - 1;
    const after =
      before === this.#first ||
      high[0]! > keys!.high[last]! ||
      (high[0] === keys!.high[last] && low[0]! >= keys!.low[last]!);
    this.#ordered = after && isOrdered(high, low, 0, length);
  }

  #give(slot: number, piece: Piece): void {
    const { queue, folds } = this.#touch(slot);
    if (this.#windowed && piece.length > 0) queue.push(piece);
    for (const fold of folds) fold.add(piece);
  }

  #touch(slot: number): Group {
    let group = this.#touched.get(slot);
    if (group !== undefined) return group;
    const before = this.#groups.get(slot);
    group =
      before === undefined
        ? { queue: new PieceQueue(), folds: this.#views.map(this.#newFold) }
        : { queue: before.queue.copy(), folds: before.folds.map((fold) => fold.copy()) };
    this.#touched.set(slot, group);
    return group;
  }

  #evict(admission: Admission | undefined): Eviction {
    const { length } = this.#rows;
    const first = this.#first;
    if (this.#value === undefined) return this.#evictOldest(Math.max(0, length - first - this.#limit));
    if (!admission!.moved && this.#ordered) return { count: 0, kept: undefined };
    const { high, low } = this.#rows.keys ?? { high: new Float64Array(0), low: new Float64Array(0) };
    const edge = this.#value.edgeOf(admission!.newestHigh, admission!.newestLow);
    const isOut = (i: number): boolean =>
      high[i]! < edge.high || (high[i] === edge.high && low[i]! < edge.low);
    let to = first;
    while (to < length && isOut(to)) to++;
    if (this.#ordered) return this.#evictOldest(to - first);
    const kept = new Int32Array(length - first);
    let count = 0;
    for (let i = first; i < length; i++) if (!isOut(i)) kept[count++] = i;
    if (count === length - first) return { count: 0, kept: undefined };
    return this.#evictAllBut(kept.subarray(0, count));
  }

  #evictOldest(count: number): Eviction {
    const { slots } = this.#rows;
    const counts = new Map<number, number>();
    if (slots === undefined) {
      if (count > 0) counts.set(onlySlot, count);
    } else {
      for (let i = this.#first; i < this.#first + count; i++) {
        const slot = slots[i]!;
        if (slot >= 0) counts.set(slot, (counts.get(slot) ?? 0) + 1);
      }
    }
    for (const [slot, rows] of counts) {
      const { queue, folds } = this.#touch(slot);
      const removal = queue.shift(rows);
      if (this.#index !== undefined && queue.rows === 0) continue;
      for (const fold of folds) fold.evict(removal, queue);
    }
    return { count, kept: undefined };
  }

  /** The rows that leave are among those that stay, so each group sorts its own out. */
  #evictAllBut(kept: Int32Array): Eviction {
    const { slots, length } = this.#rows;
    const stays = new Uint8Array(length);
    for (const i of kept) stays[i] = 1;
    const flags = new Map<number, number[]>();
    for (let i = this.#first; i < length; i++) {
      const slot = slots?.[i] ?? onlySlot;
      if (slot < 0) continue;
      const list = flags.get(slot);
      if (list === undefined) flags.set(slot, [stays[i]!]);
      else list.push(stays[i]!);
    }
    for (const [slot, list] of flags) {
      if (!list.includes(0)) continue;
      const group = this.#touch(slot);
      const queue = new PieceQueue();
      const removed: Piece[] = [];
      let at = 0;
      for (const piece of group.queue.toArray()) {
        const flagged = (flag: number): Int32Array =>
          Int32Array.from({ length: piece.length }, (_, i) => i).filter((i) => list[at + i] === flag);
        const [out, left] = [flagged(0), flagged(1)];
        if (out.length > 0) removed.push(takePiece(piece, out));
        if (left.length > 0) queue.push(out.length === 0 ? piece : takePiece(piece, left));
        at += piece.length;
      }
      this.#touched.set(slot, { queue, folds: group.folds });
      if (this.#index !== undefined && queue.rows === 0) continue;
      for (const fold of group.folds) fold.replace(removed, queue);
    }
    return { count: 0, kept };
  }

  /** All has gone well: what was prepared becomes the state. */
  #settle({ count, kept }: Eviction): void {
    for (const [slot, group] of this.#touched) {
      if (this.#index !== undefined && this.#windowed && group.queue.rows === 0) {
        this.#groups.delete(slot);
        this.#index.release(slot);
      } else this.#groups.set(slot, group);
    }
    this.#touched = new Map();
    const { length } = this.#rows;
    this.#first += count;
    if (kept === undefined && 2 * this.#first <= length) return;
    const rows = new RowStore();
    rows.append(
      kept === undefined ? sliceRows(this.#rows, this.#first, length) : gatherRows(this.#rows, kept),
    );
    this.#rows = rows;
    this.#first = 0;
    if (this.#value !== undefined && rows.length > 0) {
      this.#ordered = isOrdered(rows.keys!.high, rows.keys!.low, 0, rows.length);
    } else this.#ordered = true;
  }

  /** A slot that only this batch knew. */
  #releaseUnused(slot: number): void {
    if (!this.#groups.has(slot)) this.#index?.release(slot);
  }

  #slots(): Int32Array {
    if (this.#index === undefined) return Int32Array.of(onlySlot);
    return this.#sort ? this.#index.sorted() : this.#index.inOrderOfAppearance();
  }

  result(): UserResult {
    const slots = this.#slots();
    const values = this.#views.map((_, k) =>
      Array.from(slots, (slot) => this.#groups.get(slot)?.folds[k]?.result ?? null),
    );
    return { length: slots.length, keys: this.#index?.keyColumns(slots) ?? [], values };
  }

  save(plan: string): SavedUserState {
    const rows = new RowStore();
    rows.append(sliceRows(this.#rows, this.#first, this.#rows.length));
    const { length, slots, keys } = sliceRows(rows, 0, rows.length);
    const value = this.#value;
    return {
      kind: 'user',
      groups: this.#index?.save(),
      states: Array.from(this.#groups, ([slot, { queue, folds }]) => ({
        slot,
        pieces: queue.toArray().map(({ columns, length }) => ({ length, columns: columns.map(savedCopy) })),
        folds: folds.map((fold) => cloned(fold.save(), plan)),
      })),
      rows: {
        length,
        slots: slots?.slice(),
        keys: keys && { high: keys.high.slice(), low: keys.low.slice() },
        lanes: [],
      },
      ordered: this.#ordered,
      waiting: this.#waiting.map(({ columns, length, keys, order }) => ({
        length,
        columns: columns.map(savedCopy),
        keys: keys.map(savedCopy),
        order,
      })),
      taken: this.#taken,
      newest: value && [value.newestHigh, value.newestLow],
      rejected: this.rejected,
      late: this.late,
    };
  }

  restore(given: unknown): void {
    const saved = given as SavedUserState;
    const { inputTypes, groupTypes } = this.#types;
    const restored = (columns: readonly SavedColumn[], types: readonly DataType[]): Column[] =>
      columns.map((column, k) => restoredCopy(column, types[k]!));
    if (saved.groups !== undefined) this.#index?.restore(saved.groups);
    this.#groups = new Map(
      saved.states.map(({ slot, pieces, folds }) => {
        const queue = new PieceQueue();
        for (const { length, columns } of pieces)
          queue.push({ length, columns: restored(columns, inputTypes) });
        const own = this.#views.map(this.#newFold);
        for (const [k, fold] of own.entries()) fold.restore(cloned(folds[k], 'an aggregation') as never);
        return [slot, { queue, folds: own }];
      }),
    );
    this.#rows = new RowStore();
    this.#rows.append(saved.rows);
    this.#first = 0;
    this.#ordered = saved.ordered;
    this.#waiting = saved.waiting.map(({ length, columns, keys, order }) => ({
      length,
      columns: restored(columns, inputTypes),
      keys: restored(keys, groupTypes),
      order,
    }));
    this.#taken = saved.taken;
    if (this.#value === undefined || saved.newest === undefined) return;
    this.#value.moveTo(saved.newest[0], saved.newest[1]);
    this.#value.rejected = saved.rejected;
    this.#value.late = saved.late;
  }
}

interface SavedUserState {
  readonly kind: 'user';
  readonly groups: SavedGroups | undefined;
  readonly states: readonly {
    readonly slot: number;
    readonly pieces: readonly { readonly length: number; readonly columns: readonly SavedColumn[] }[];
    readonly folds: readonly object[];
  }[];
  readonly rows: Rows;
  readonly ordered: boolean;
  readonly waiting: readonly {
    readonly length: number;
    readonly columns: readonly SavedColumn[];
    readonly keys: readonly SavedColumn[];
    readonly order: Rows | undefined;
  }[];
  readonly taken: number;
  readonly newest: readonly [number, number] | undefined;
  readonly rejected: number;
  readonly late: number;
}

/** The oldest `count` rows leave, or all but the rows `kept`. */
interface Eviction {
  readonly count: number;
  readonly kept: Int32Array | undefined;
}

function takeArrival({ columns, keys, order }: Arrival, rows: Int32Array): Arrival {
  return {
    columns: columns.map((column) => take(column, rows)),
    length: rows.length,
    keys: keys.map((key) => take(key, rows)),
    order: order && gatherRows(order, rows),
  };
}

/** The rows of each slot, ascending; negative slots are left out. */
function rowsBySlot(slots: Int32Array): Map<number, Int32Array> {
  const counts = new Map<number, number>();
  for (const slot of slots) if (slot >= 0) counts.set(slot, (counts.get(slot) ?? 0) + 1);
  const rows = new Map<number, Int32Array>();
  for (const [slot, count] of counts) rows.set(slot, new Int32Array(count));
  for (const slot of counts.keys()) counts.set(slot, 0);
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i]!;
    if (slot < 0) continue;
    const at = counts.get(slot)!;
    rows.get(slot)![at] = i;
    counts.set(slot, at + 1);
  }
  return rows;
}
