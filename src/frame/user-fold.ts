import type { Column } from '../columnar/column.ts';
import { concat } from '../columnar/concat.ts';
import { plainStrings } from '../columnar/plain-strings.ts';
import type { Piece, PieceQueue, Removal } from './piece-queue.ts';
import { SharedQueue } from './shared-queue.ts';
import type { UserCalls } from './user-calls.ts';

/** How a user's functions see a piece. */
export type View<Rows> = (piece: Piece) => Rows;

/** One user aggregation over the rows of one group. A copy goes on by itself; the original stays as it was. */
export interface UserFold {
  readonly result: unknown;
  copy(): UserFold;
  /** What it remembers, the user's states and results in it as they are. */
  save(): object;
  /** Goes on from where `save` of a fold of the same kind was. */
  restore(saved: never): void;
  /** `piece` has come in. */
  add(piece: Piece): void;
  /** The oldest rows have left, which are gone from `left` already. */
  evict(removal: Removal, left: PieceQueue): void;
  /** Rows from anywhere have left; what remains is in new pieces. */
  replace(removed: readonly Piece[], left: PieceQueue): void;
  /** Nothing more comes in this batch: the result is due. */
  finish(left: PieceQueue): void;
}

interface SavedRunning {
  readonly state: unknown;
  readonly result: unknown;
}

interface SavedMerge {
  readonly front: readonly unknown[];
  readonly back: readonly unknown[];
  readonly backState: unknown;
  readonly cutState: unknown;
  readonly result: unknown;
}

/** The running state: new rows come in, and old ones, if ever, are taken away. */
export class RunningFold<Rows> implements UserFold {
  readonly #calls: UserCalls<Rows>;
  readonly #view: View<Rows>;
  readonly #none: Piece;
  #state: unknown;
  result: unknown = null;

  constructor(calls: UserCalls<Rows>, view: View<Rows>, none: Piece) {
    this.#calls = calls;
    this.#view = view;
    this.#none = none;
  }

  copy(): RunningFold<Rows> {
    const copy = new RunningFold(this.#calls, this.#view, this.#none);
    copy.#state = this.#state;
    copy.result = this.result;
    return copy;
  }

  save(): SavedRunning {
    return { state: this.#state, result: this.result };
  }

  restore({ state, result }: SavedRunning): void {
    this.#state = state;
    this.result = result;
  }

  add(piece: Piece): void {
    const rows = this.#view(piece);
    if (this.#state === undefined) this.#state = this.#calls.initial(rows);
    [this.#state, this.result] = this.#calls.onNew(this.#state, rows);
  }

  evict({ removed }: Removal, left: PieceQueue): void {
    this.replace(removed, left);
  }

  replace(removed: readonly Piece[], left: PieceQueue): void {
    for (const piece of removed) {
      [this.#state, this.result] = this.#calls.onOld(this.#state, this.#view(piece));
    }
    if (hasFiniteFields(this.#state)) return;
    // An infinity that has left cannot be taken away again.
    this.#state = undefined;
    const pieces = left.toArray();
    for (const piece of pieces.length === 0 ? [this.#none] : pieces) this.add(piece);
  }

  finish(): void {}
}

function hasFiniteFields(state: unknown): boolean {
  if (typeof state === 'number') return Number.isFinite(state);
  if (typeof state !== 'object' || state === null) return true;
  return Object.values(state).every((field) => typeof field !== 'number' || Number.isFinite(field));
}

/** Runs again over all rows in view, in one piece. */
export class RerunFold<Rows> implements UserFold {
  readonly #calls: UserCalls<Rows>;
  readonly #view: View<Rows>;
  readonly #none: Piece;
  result: unknown = null;

  constructor(calls: UserCalls<Rows>, view: View<Rows>, none: Piece) {
    this.#calls = calls;
    this.#view = view;
    this.#none = none;
  }

  copy(): RerunFold<Rows> {
    const copy = new RerunFold(this.#calls, this.#view, this.#none);
    copy.result = this.result;
    return copy;
  }

  save(): { readonly result: unknown } {
    return { result: this.result };
  }

  restore({ result }: { readonly result: unknown }): void {
    this.result = result;
  }

  add(): void {}
  evict(): void {}
  replace(): void {}

  finish(left: PieceQueue): void {
    const pieces = left.toArray();
    const columns = this.#none.columns.map((none, k) =>
      pieces.length === 0 ? none : joined(pieces.map((piece) => piece.columns[k]!)),
    );
    const rows = this.#view({ columns, length: left.rows });
    this.result = this.#calls.onNew(this.#calls.initial(rows), rows)[1];
  }
}

/** One after the other; strings may come plain in one batch and in a dictionary in the next. */
function joined(columns: readonly Column[]): Column {
  const alike = columns.every(({ kind }) => kind === columns[0]!.kind);
  return concat(alike ? columns : columns.map(plainStrings));
}

/**
 * One state per piece, merged: older pieces (the front) hold the state of themselves and all later ones of
 * the front, newer pieces (the back) one running state. Amortised two merges per piece.
 */
export class MergeFold<Rows> implements UserFold {
  readonly #calls: UserCalls<Rows>;
  readonly #view: View<Rows>;
  readonly #none: Piece;
  #front: readonly unknown[] = [];
  #frontFirst: number = 0;
  #back: SharedQueue<unknown> = new SharedQueue<unknown>();
  /** All of the back, merged; `undefined` where it is empty. */
  #backState: unknown;
  /** State of the rest of the first piece, where that has lost rows. */
  #cutState: unknown;
  result: unknown = null;

  constructor(calls: UserCalls<Rows>, view: View<Rows>, none: Piece) {
    this.#calls = calls;
    this.#view = view;
    this.#none = none;
  }

  copy(): MergeFold<Rows> {
    const copy = new MergeFold(this.#calls, this.#view, this.#none);
    copy.#front = this.#front;
    copy.#frontFirst = this.#frontFirst;
    copy.#back = this.#back.copy();
    copy.#backState = this.#backState;
    copy.#cutState = this.#cutState;
    copy.result = this.result;
    return copy;
  }

  save(): SavedMerge {
    return {
      front: this.#front.slice(this.#frontFirst),
      back: this.#back.toArray(),
      backState: this.#backState,
      cutState: this.#cutState,
      result: this.result,
    };
  }

  restore({ front, back, backState, cutState, result }: SavedMerge): void {
    this.#front = front;
    this.#frontFirst = 0;
    this.#back = SharedQueue.of([...back]);
    this.#backState = backState;
    this.#cutState = cutState;
    this.result = result;
  }

  add(piece: Piece): void {
    if (piece.length === 0) return;
    const partial = this.#partial(piece);
    this.#back.push(partial);
    this.#backState = this.#merged(this.#backState, partial);
  }

  evict({ whole, cut }: Removal, left: PieceQueue): void {
    if (whole > 0) this.#cutState = undefined;
    const fromFront = Math.min(whole, this.#front.length - this.#frontFirst);
    this.#frontFirst += fromFront;
    this.#back.shift(whole - fromFront);
    if (whole > fromFront || (cut && this.#frontFirst === this.#front.length)) this.#flip();
    if (cut) this.#cutState = this.#partial(left.first());
  }

  replace(_removed: readonly Piece[], left: PieceQueue): void {
    this.#front = [];
    this.#frontFirst = 0;
    this.#back = new SharedQueue<unknown>();
    this.#backState = undefined;
    this.#cutState = undefined;
    for (const piece of left.toArray()) this.add(piece);
  }

  finish(): void {
    const next = this.#cutState === undefined ? this.#frontFirst : this.#frontFirst + 1;
    const none = this.#view(this.#none);
    const front = this.#merged(this.#cutState, this.#front[next]);
    const state = this.#merged(front, this.#backState) ?? this.#calls.initial(none);
    this.result = this.#calls.onNew(state, none)[1];
  }

  /** The back becomes the front. */
  #flip(): void {
    const states = this.#back.toArray();
    for (let k = states.length - 2; k >= 0; k--) states[k] = this.#calls.merge(states[k], states[k + 1]);
    this.#front = states;
    this.#frontFirst = 0;
    this.#back = new SharedQueue<unknown>();
    this.#backState = undefined;
  }

  #partial(piece: Piece): unknown {
    const rows = this.#view(piece);
    return this.#calls.onNew(this.#calls.initial(rows), rows)[0];
  }

  /** `undefined` stands for no rows at all. */
  #merged(earlier: unknown, later: unknown): unknown {
    if (earlier === undefined) return later;
    return later === undefined ? earlier : this.#calls.merge(earlier, later);
  }
}
