import type { Column } from '../columnar/column.ts';
import { KeyReader } from '../columnar/key-words.ts';
import { slice, take } from '../columnar/take.ts';
import { isWide } from '../columnar/types.ts';
import { gatherRows, type Rows } from '../window/row-store.ts';
import { ValueWindow } from '../window/value-window.ts';
import { checkWindow, isRowsWindow, type WindowSpec } from '../window/window-spec.ts';

/** Rows that enter a window. */
export interface Arrival {
  readonly columns: readonly Column[];
  readonly length: number;
  /** Their keys, where the window is over a key. */
  readonly keys: Rows | undefined;
}

/** Says which rows enter a window, and when. Keeps those that wait for the newest key to move on. */
export class Arrivals {
  /** How many rows are in view at most. */
  readonly limit: number;
  /** Which keys are in view, where the window is over a key. */
  readonly value: ValueWindow | undefined;
  readonly #reader: KeyReader = new KeyReader();
  #waiting: Arrival[] = [];

  /** @throws GraphError `bad-option` for a window of no rows or no width. */
  constructor(window: WindowSpec | undefined) {
    if (window !== undefined) checkWindow(window);
    this.limit = window !== undefined && isRowsWindow(window) ? window.rows : Infinity;
    if (window === undefined || isRowsWindow(window)) return;
    const { width, closed = 'right', keyType } = window;
    this.value = new ValueWindow(width, closed, isWide(keyType));
  }

  /** What enters with a batch, oldest first, and whether the window has moved on. */
  admit(
    columns: readonly Column[],
    length: number,
    order: Column | undefined,
  ): { arrived: readonly Arrival[]; moved: boolean } {
    if (this.value === undefined) return { arrived: [{ columns, length, keys: undefined }], moved: true };
    const keys: Rows = { length, slots: undefined, keys: this.#reader.read(order!), lanes: [] };
    const admission = this.value.admit(keys.keys!, length, false);
    this.value.move(admission);
    const arrival = (rows: Int32Array | undefined): Arrival => {
      const picked = rows ?? Int32Array.from({ length }, (_, i) => i);
      const taken = rows === undefined ? columns : columns.map((column) => picks(column, picked));
      // The keys are in arrays that the reader uses again.
      return { columns: taken, length: picked.length, keys: gatherRows(keys, picked) };
    };
    const arrived: Arrival[] = [];
    if (admission.moved) {
      arrived.push(...this.#waiting);
      this.#waiting = [];
    }
    arrived.push(arrival(admission.rows));
    if (admission.waiting !== undefined) this.#waiting.push(arrival(admission.waiting));
    return { arrived, moved: admission.moved };
  }
}

/** The given ascending rows; a slice where nothing is left out between them. */
export function picks(column: Column, rows: Int32Array): Column {
  const { length } = rows;
  if (length === 0) return slice(column, 0, 0);
  const [first, last] = [rows[0]!, rows[length - 1]!];
  return last - first + 1 === length ? slice(column, first, last + 1) : take(column, rows);
}
