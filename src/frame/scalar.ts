import type { Batch } from '../columnar/batch.ts';
import { fieldValue } from '../columnar/rows.ts';
import { holdWhileReachable } from '../core/handle.ts';
import type { Node } from '../core/node.ts';
import { Live, ReadNode } from './live.ts';
import type { StreamKind } from './state.ts';

/** A node whose emissions replace each other, and which can be asked for the newest. */
export interface CurrentNode extends Node<never, Batch> {
  readonly current: Batch | undefined;
}

/**
 * A running value: one emission per batch, each replacing the one before. It is kept up to date as long as
 * the program can reach it, looked at or not.
 */
export class Scalar<T> extends Live<T> {
  override readonly kind: StreamKind = 'snapshot';
  readonly #node: CurrentNode;
  readonly #read: ReadNode<Batch, T>;
  readonly #letGo: () => void;

  constructor(node: CurrentNode, read: (batch: Batch) => T) {
    super();
    this.#node = node;
    this.#read = new ReadNode(read);
    node.connect(this.#read);
    this.#letGo = holdWhileReachable(this, node);
  }

  override get $outlet(): Node<never, T> {
    return this.#read;
  }

  /** The value of all rows so far; that of no rows before any came; `undefined` while the schema is not known. */
  override get current(): T | undefined {
    const batch = this.#node.current;
    return batch && this.#read.read(batch);
  }

  override dispose(): void {
    this.#letGo();
    super.dispose();
    this.#node.dispose();
  }
}

/** The one value of a result of one row and one column. */
export function readValue(batch: Batch): unknown {
  return fieldValue(batch.schema.fields[0]!, batch.column(0), 0);
}

/** The one row of a result, as an object. */
export function readRecord(batch: Batch): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const [i, field] of batch.schema.fields.entries()) record[field.name] = fieldValue(field, batch.column(i), 0);
  return record;
}
