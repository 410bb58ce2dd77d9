import type { RecordBatch, Schema } from 'apache-arrow';
import { columnOf, recordBatchOf } from './arrow.ts';
import type { Column } from './column.ts';

/**
 * A record batch as the kernels see it. Columns are looked at when first asked for, and a `RecordBatch` is
 * built only where somebody looks at one. Never changed.
 */
export class Batch {
  readonly schema: Schema;
  /** Number of rows. */
  readonly length: number;
  readonly #columns: (Column | undefined)[];
  #recordBatch: RecordBatch | undefined;

  constructor(schema: Schema, length: number, columns: readonly Column[], recordBatch?: RecordBatch) {
    this.schema = schema;
    this.length = length;
    this.#columns = columns as Column[];
    this.#recordBatch = recordBatch;
  }

  /** Looks at `recordBatch` without copying. */
  static of(recordBatch: RecordBatch): Batch {
    return new Batch(recordBatch.schema, recordBatch.numRows, [], recordBatch);
  }

  /** The column of field number `index`. */
  column(index: number): Column {
    let column = this.#columns[index];
    if (column === undefined) {
      column = columnOf(this.#recordBatch!.data.children[index]!);
      this.#columns[index] = column;
    }
    return column;
  }

  /** Number of the field called `name`, or -1. */
  indexOf(name: string): number {
    return this.schema.fields.findIndex((field) => field.name === name);
  }

  toRecordBatch(): RecordBatch {
    this.#recordBatch ??= recordBatchOf(this.schema, this.length, this.#columns as Column[]);
    return this.#recordBatch;
  }
}
