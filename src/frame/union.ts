import { Schema } from 'apache-arrow';
import { Batch } from '../columnar/batch.ts';
import { schemaDifference } from '../columnar/schema-diff.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import { GraphError, SchemaError } from '../errors.ts';
import { RowsNode } from './rows-node.ts';
import type { FrameState } from './state.ts';

/**
 * The rows of several frames of one schema as they come, the columns in the order of the first. Keeps the newest batch.
 * Ends when all of them have ended.
 */
export class UnionRowsNode extends Node<Batch, Batch> {
  override readonly kind: string = 'union';
  readonly #frames: readonly FrameState[];
  readonly #rows: readonly RowsNode[];
  /** The frames that a batch has come of. */
  readonly #seen = new Set<number>();
  #output: Schema | undefined;
  #current: Batch | undefined;

  /** @throws `schema-mismatch` where the columns differ in name or type, as far as they are known. */
  constructor(frames: readonly FrameState[]) {
    super();
    this.#frames = frames;
    this.#rows = frames.map((frame) => new RowsNode(frame));
    const schema = this.output;
    for (const [i, { fields }] of frames.entries())
      if (schema !== undefined && fields !== undefined) checkSame(schema, new Schema([...fields]), i);
    for (const [i, rows] of this.#rows.entries()) {
      frames[i]!.base.node.connect(rows);
      rows.connect(this);
    }
  }

  /** The columns, once they are known. */
  get output(): Schema | undefined {
    if (this.#output === undefined) {
      const fields = this.#frames.find((frame) => frame.fields !== undefined)?.fields;
      if (fields !== undefined) this.#output = new Schema([...fields]);
    }
    return this.#output;
  }

  get current(): Batch | undefined {
    return this.#current;
  }

  protected override rowsOf(batch: Batch): number {
    return batch.length;
  }

  override update(batch: Batch, metadata: Metadata, from: Node<never, Batch>): Flow {
    this.#output ??= batch.schema;
    const at = this.#rows.indexOf(from as RowsNode);
    checkSame(this.#output, batch.schema, at, this.#seen.has(at));
    this.#seen.add(at);
    this.#current = inOrder(batch, this.#output);
    return this.emit(this.#current, metadata);
  }

  protected override onUpstreamDisconnect(): void {
    this.endWithTheOthers();
  }
}

/** The columns of `batch` in the order that `schema` has them. */
function inOrder(batch: Batch, schema: Schema): Batch {
  const { fields: own } = batch.schema;
  const { length } = schema.fields;
  if (own.length === length && own.every(({ name }, i) => name === schema.fields[i]!.name)) return batch;
  const places = schema.fields.map(({ name }) => batch.indexOf(name));
  const fields = places.map((at) => batch.schema.fields[at]!);
  return new Batch(
    new Schema(fields),
    batch.length,
    places.map((at) => batch.column(at)),
  );
}

/** Whether the columns are the same, in whatever order. `mayGrow`: what is new in a stream that ran before is left out. */
function checkSame(schema: Schema, other: Schema, number: number, mayGrow = false): void {
  const fields = schema.fields.map(({ name }) => other.fields.find((field) => field.name === name));
  const known = fields.filter((field) => field !== undefined);
  const rest = mayGrow ? [] : other.fields.filter((field) => !known.includes(field));
  const difference = schemaDifference(schema, new Schema([...known, ...rest]));
  if (difference === undefined) return;
  throw new SchemaError(
    'schema-mismatch',
    `union: frame ${number + 1} differs from the others: ${difference}`,
  );
}

/** @throws `not-available` for snapshots. */
export function unionNode(frames: readonly FrameState[]): UnionRowsNode {
  for (const { root } of frames) {
    if (root.kind === 'append') continue;
    throw new GraphError(
      'not-available',
      'union needs streams of new rows, but one is a snapshot stream: each emission replaces the one before',
    );
  }
  return new UnionRowsNode(frames);
}

/** The time key that all frames have, as a column. */
export function commonTime(frames: readonly FrameState[]): string | undefined {
  const [first, ...others] = frames.map(({ timeColumn }) => timeColumn);
  return others.every((name) => name === first) ? first : undefined;
}
