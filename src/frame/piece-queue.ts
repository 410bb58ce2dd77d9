import type { Column } from '../columnar/column.ts';
import { slice, take } from '../columnar/take.ts';
import { SharedQueue } from './shared-queue.ts';

/** Rows of one batch and one group, as columns. */
export interface Piece {
  readonly columns: readonly Column[];
  readonly length: number;
}

/** Rows `from … to - 1` of a piece, without copying. */
function slicePiece({ columns, length }: Piece, from: number, to: number): Piece {
  if (from === 0 && to === length) return { columns, length };
  return { columns: columns.map((column) => slice(column, from, to)), length: to - from };
}

export function takePiece({ columns }: Piece, rows: Int32Array): Piece {
  return { columns: columns.map((column) => take(column, rows)), length: rows.length };
}

/** What left a queue, oldest first. */
export interface Removal {
  readonly removed: readonly Piece[];
  /** How many pieces left whole. */
  readonly whole: number;
  /** Whether the piece that is the first now has lost rows. */
  readonly cut: boolean;
}

/** The rows of one group in view, oldest first, as they came. Copies share what they have in common. */
export class PieceQueue {
  readonly #pieces: SharedQueue<Piece>;
  /** Rows of the first piece that are gone. */
  #gone: number = 0;
  /** Instead of the first piece, where enough of it is gone. */
  #rest: Piece | undefined;
  #rows: number = 0;

  constructor(pieces: SharedQueue<Piece> = new SharedQueue<Piece>()) {
    this.#pieces = pieces;
  }

  copy(): PieceQueue {
    const copy = new PieceQueue(this.#pieces.copy());
    copy.#gone = this.#gone;
    copy.#rest = this.#rest;
    copy.#rows = this.#rows;
    return copy;
  }

  /** Number of rows. */
  get rows(): number {
    return this.#rows;
  }

  /** The first piece, as far as it is in view. */
  first(): Piece {
    const piece = this.#rest ?? this.#pieces.at(0);
    return slicePiece(piece, this.#gone, piece.length);
  }

  toArray(): Piece[] {
    const pieces = this.#pieces.toArray();
    if (pieces.length > 0) pieces[0] = this.first();
    return pieces;
  }

  push(piece: Piece): void {
    this.#pieces.push(piece);
    this.#rows += piece.length;
  }

  /** Removes the oldest `count` rows. */
  shift(count: number): Removal {
    const removed: Piece[] = [];
    let whole = 0;
    let left = count;
    while (left > 0) {
      const piece = this.first();
      if (piece.length > left) {
        removed.push(slicePiece(piece, 0, left));
        this.#shorten(left);
        break;
      }
      removed.push(piece);
      left -= piece.length;
      this.#pieces.shift(1);
      this.#gone = 0;
      this.#rest = undefined;
      whole++;
    }
    this.#rows -= count;
    return { removed, whole, cut: left > 0 };
  }

  /** A slice keeps all of its batch alive, so a rest that is the smaller half is copied. */
  #shorten(count: number): void {
    this.#gone += count;
    const piece = this.#rest ?? this.#pieces.at(0);
    if (2 * this.#gone < piece.length) return;
    const { length } = piece;
    const gone = this.#gone;
    this.#rest = takePiece(
      piece,
      Int32Array.from({ length: length - gone }, (_, i) => gone + i),
    );
    this.#gone = 0;
  }
}
