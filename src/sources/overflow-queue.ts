import type { RecordBatch } from 'apache-arrow';
import { Fifo } from '../core/fifo.ts';

/** What happens to rows that arrive faster than they are worked on, once the queue is full. */
export type Overflow = 'dropOldest' | 'dropNewest' | 'error';

/** Batches that wait, bounded in rows. A single batch larger than the bound is let in when the queue is empty. */
export class OverflowQueue {
  readonly #batches = new Fifo<RecordBatch>();
  readonly #maxRows: number;
  readonly #overflow: Overflow;
  #rows = 0;

  constructor(maxRows: number, overflow: Overflow) {
    this.#maxRows = maxRows;
    this.#overflow = overflow;
  }

  get rows(): number {
    return this.#rows;
  }

  get length(): number {
    return this.#batches.length;
  }

  /** Adds a batch; gives the number of rows thrown away for it, its own or older ones. */
  push(batch: RecordBatch): number {
    let dropped = 0;
    while (this.#rows > 0 && this.#rows + batch.numRows > this.#maxRows) {
      if (this.#overflow !== 'dropOldest') return batch.numRows;
      dropped += this.shift()!.numRows;
    }
    this.#batches.push(batch);
    this.#rows += batch.numRows;
    return dropped;
  }

  shift(): RecordBatch | undefined {
    const batch = this.#batches.shift();
    if (batch !== undefined) this.#rows -= batch.numRows;
    return batch;
  }

  /** Empties the queue; gives the number of rows thrown away. */
  clear(): number {
    const rows = this.#rows;
    this.#batches.clear();
    this.#rows = 0;
    return rows;
  }
}
