import type { Batch } from '../columnar/batch.ts';
import { fieldValue } from '../columnar/rows.ts';
import { holdWhileReachable } from '../core/handle.ts';
import type { Node } from '../core/node.ts';
import { Live, ReadNode } from './live.ts';
import type { StreamKind } from './state.ts';

/** A node whose emissions replace each other, and which can be asked for the newest. */
export interface CurrentNode<B = Batch> extends Node<never, B> {
  readonly current: B | undefined;
}

/**
 * A running value: one emission per batch, each replacing the one before. It is kept up to date as long as
 * the program can reach it, looked at or not.
 */
export class Scalar<T> extends Live<T> {
  override readonly kind: StreamKind = 'snapshot';
  readonly #newest: () => T | undefined;
  readonly #outlet: Node<never, T>;
  readonly #letGo: () => void;
  readonly #node: Node<never, unknown>;

  private constructor(node: Node<never, unknown>, outlet: Node<never, T>, newest: () => T | undefined) {
    super();
    this.#node = node;
    this.#outlet = outlet;
    this.#newest = newest;
    // The outlet, as a stream or a step that was made of the value leads back to it, and needs no other handle.
    this.#letGo = holdWhileReachable(outlet, node);
  }

  /** The value that `read` sees in what `node` emits. @internal */
  static of<T, B>(node: CurrentNode<B>, read: (value: B) => T): Scalar<T> {
    const reader = new ReadNode(read);
    node.connect(reader);
    const newest = (): T | undefined => (node.current === undefined ? undefined : reader.read(node.current));
    return new Scalar(node, reader, newest);
  }

  override get $outlet(): Node<never, T> {
    return this.#outlet;
  }

  /**
   * The value of all rows so far; that of no rows before any came; `undefined` while the schema is not known, and for an
   * aggregation of your own before the first batch.
   */
  override get current(): T | undefined {
    return this.#newest();
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
  for (const [i, field] of batch.schema.fields.entries())
    record[field.name] = fieldValue(field, batch.column(i), 0);
  return record;
}
