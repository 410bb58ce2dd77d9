import { Field, Schema, Table } from 'apache-arrow';
import { columnOf, emptyData } from '../columnar/arrow.ts';
import { Batch } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import { concat } from '../columnar/concat.ts';
import { oneForm } from '../columnar/one-form.ts';
import { slice, take } from '../columnar/take.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import { GraphError } from '../errors.ts';
import { isOrdered } from '../window/key-order.ts';
import { gatherRows, type Rows } from '../window/row-store.ts';
import type { WindowSpec } from '../window/window-spec.ts';
import { bindScope, requestLabel, type Scope } from './aggregate-request.ts';
import { Arrivals, picks } from './arrivals.ts';
import type { BoundSteps, View } from './steps.ts';

/** Rows of one batch that are in view, in arrival order. */
interface Chunk {
  readonly columns: readonly Column[];
  readonly length: number;
  /** Keys of a value window. */
  readonly keys: Rows | undefined;
  /** The least of them. */
  readonly leastHigh: number;
  readonly leastLow: number;
  readonly isOrdered: boolean;
}

/** Chunks of fewer rows than this are put together, so that a row at a time does not make a batch of each. */
const small = 512;

/**
 * The rows of a window as slices of the batches they came in, in arrival order. A batch stays in memory as long as one of
 * its rows is in view and in order.
 */
export class WindowContent {
  readonly #arrivals: Arrivals;
  #chunks: Chunk[] = [];
  #rows = 0;
  /** Whether the keys of all rows in view never go down. */
  #ordered = true;

  constructor(window: WindowSpec | undefined) {
    this.#arrivals = new Arrivals(window);
  }

  get length(): number {
    return this.#rows;
  }

  /** The columns of each piece. */
  get pieces(): readonly { readonly columns: readonly Column[]; readonly length: number }[] {
    return this.#chunks;
  }

  update(columns: readonly Column[], length: number, order: Column | undefined): void {
    const { arrived, moved } = this.#arrivals.admit(columns, length, order);
    for (const arrival of arrived) this.#push(chunkOf(arrival.columns, arrival.length, arrival.keys));
    if (this.#arrivals.value === undefined) this.#evictOldest(this.#rows - this.#arrivals.limit);
    else if (moved) this.#evictByKey();
  }

  #push(chunk: Chunk): void {
    if (chunk.length === 0) return;
    const last = this.#chunks.at(-1);
    this.#rows += chunk.length;
    if (this.#ordered && chunk.keys !== undefined) {
      const end = last?.keys;
      const isAfter =
        end === undefined ||
        !isBefore(
          chunk.leastHigh,
          chunk.leastLow,
          end.keys!.high[end.length - 1]!,
          end.keys!.low[end.length - 1]!,
        );
      this.#ordered = chunk.isOrdered && isAfter;
    }
    this.#chunks.push(chunk);
    // Like the digits of a number: two of about one size become one.
    for (let i = this.#chunks.length - 1; i > 0; i--) {
      const [a, b] = [this.#chunks[i - 1]!, this.#chunks[i]!];
      if (a.length > b.length || a.length + b.length > small) break;
      this.#chunks.splice(i - 1, 2, joined(a, b));
    }
  }

  #evictOldest(count: number): void {
    let left = count;
    let whole = 0;
    while (left > 0 && this.#chunks[whole]!.length <= left) left -= this.#chunks[whole++]!.length;
    if (whole > 0) this.#chunks.splice(0, whole);
    if (left > 0) this.#chunks[0] = cut(this.#chunks[0]!, left);
    if (count > 0) this.#rows -= count;
  }

  #evictByKey(): void {
    const value = this.#arrivals.value!;
    if (this.#ordered) {
      let out = 0;
      for (const { keys, length } of this.#chunks) {
        const end = value.firstIn(keys!.keys!, 0, length);
        out += end;
        if (end < length) break;
      }
      this.#evictOldest(out);
      return;
    }
    this.#chunks = this.#chunks.flatMap((chunk) => {
      if (!value.isOut(chunk.leastHigh, chunk.leastLow)) return chunk;
      const { high, low } = chunk.keys!.keys!;
      const kept = Int32Array.from({ length: chunk.length }, (_, i) => i).filter(
        (i) => !value.isOut(high[i]!, low[i]!),
      );
      this.#rows -= chunk.length - kept.length;
      if (kept.length === 0) return [];
      const columns = chunk.columns.map((column) => picks(column, kept));
      return chunkOf(columns, kept.length, gatherRows(chunk.keys!, kept));
    });
    if (this.#chunks.length <= 1) this.#ordered = this.#chunks[0]?.isOrdered ?? true;
  }
}

function isBefore(high: number, low: number, thanHigh: number, thanLow: number): boolean {
  return high < thanHigh || (high === thanHigh && low < thanLow);
}

function chunkOf(columns: readonly Column[], length: number, keys: Rows | undefined): Chunk {
  let leastHigh = Infinity;
  let leastLow = 0;
  const words = keys?.keys;
  for (let i = 0; words !== undefined && i < length; i++) {
    if (!isBefore(words.high[i]!, words.low[i]!, leastHigh, leastLow)) continue;
    leastHigh = words.high[i]!;
    leastLow = words.low[i]!;
  }
  const ordered = words === undefined || isOrdered(words.high, words.low, 0, length);
  return { columns, length, keys, leastHigh, leastLow, isOrdered: ordered };
}

function cut({ columns, length, keys }: Chunk, from: number): Chunk {
  const words = keys?.keys;
  const left: Rows | undefined = words && {
    length: length - from,
    slots: undefined,
    keys: { high: words.high.subarray(from), low: words.low.subarray(from) },
    lanes: [],
  };
  // A slice of a few rows would keep all of its batch in memory.
  const copies = length - from < length >> 1 && length - from <= small;
  const rows = copies ? Int32Array.from({ length: length - from }, (_, i) => from + i) : undefined;
  const rest = columns.map((column) =>
    rows === undefined ? slice(column, from, length) : take(column, rows),
  );
  return chunkOf(rest, length - from, left);
}

function joined(a: Chunk, b: Chunk): Chunk {
  const columns = a.columns.map((column, i) => concat(oneForm([column, b.columns[i]!])));
  if (a.keys === undefined) return chunkOf(columns, a.length + b.length, undefined);
  const both = (x: Float64Array, y: Float64Array): Float64Array => {
    const words = new Float64Array(a.length + b.length);
    words.set(x.subarray(0, a.length));
    words.set(y.subarray(0, b.length), a.length);
    return words;
  };
  const [p, q] = [a.keys.keys!, b.keys!.keys!];
  const keys = { high: both(p.high, q.high), low: both(p.low, q.low) };
  return chunkOf(columns, a.length + b.length, {
    length: a.length + b.length,
    slots: undefined,
    keys,
    lanes: [],
  });
}

interface BoundContent {
  readonly steps: BoundSteps;
  readonly order: ((view: View) => Column) | undefined;
}

/** The rows of a window, as a value that changes with each batch. A batch that fails changes nothing. */
export class WindowContentNode extends Node<Batch, readonly Batch[]> {
  override readonly kind: string = 'content';
  readonly #scope: Scope;
  #bound: BoundContent | undefined;
  #content: WindowContent | undefined;
  #fields: readonly Field[] = [];
  #schema: Schema | undefined;
  #current: readonly Batch[] | undefined;

  constructor(scope: Scope, name: string) {
    super({ name: requestLabel(scope, name) });
    this.#scope = scope;
    const schema = scope.frame.base.schema();
    if (schema !== undefined) this.#bind(schema);
  }

  /** The columns, once they are known. */
  get output(): Schema | undefined {
    return this.#schema;
  }

  /** The rows in view in their pieces; before any came, none. */
  get current(): readonly Batch[] | undefined {
    if (this.#current === undefined && this.#content !== undefined) this.#current = this.#batches();
    return this.#current;
  }

  override saveState(): never {
    throw new GraphError('not-available', `the state of ${this.label} cannot be saved`);
  }

  protected override rowsOf(batch: Batch): number {
    return batch.length;
  }

  override update(batch: Batch, metadata: Metadata): Flow {
    const { steps, order } = this.#bound ?? this.#bind(batch.schema);
    const view = steps.view(batch);
    const columns = this.#fields.map(({ name }) => view.column(name));
    if (view.length > 0 || this.#current === undefined) {
      this.#content!.update(columns, view.length, order?.(view));
      this.#current = undefined;
    }
    if (this.isFollowed) return this.emit(this.current!, metadata);
  }

  #bind(schema: Schema): BoundContent {
    const { steps, order, spec } = bindScope(this.#scope, schema);
    this.#bound = { steps, order };
    this.#content = new WindowContent(spec.window);
    this.#fields = steps.fields;
    this.#schema = new Schema([...steps.fields]);
    return this.#bound;
  }

  #batches(): readonly Batch[] {
    return this.#content!.pieces.map(({ columns, length }) => new Batch(this.#schema!, length, columns));
  }
}

/** The rows of a window as one batch, put together where somebody looks. */
export class JoinedContentNode extends Node<readonly Batch[], Batch> {
  override readonly kind: string = 'read';
  readonly #content: WindowContentNode;
  #last: { readonly from: readonly Batch[]; readonly batch: Batch } | undefined;

  constructor(content: WindowContentNode) {
    super();
    this.#content = content;
  }

  get output(): Schema | undefined {
    return this.#content.output;
  }

  get current(): Batch | undefined {
    const pieces = this.#content.current;
    return pieces === undefined ? undefined : this.#joined(pieces);
  }

  override update(pieces: readonly Batch[], metadata: Metadata): Flow {
    if (this.isFollowed) return this.emit(this.#joined(pieces), metadata);
  }

  #joined(from: readonly Batch[]): Batch {
    if (this.#last?.from !== from) this.#last = { from, batch: joinedBatch(this.output!, from) };
    return this.#last!.batch;
  }
}

/** Pieces as a table, whose batches are the pieces. */
export function tableOf(schema: Schema, pieces: readonly Batch[]): Table {
  if (pieces.length === 0) return new Table(schema, [emptyBatch(schema).toRecordBatch()]);
  const columns = schema.fields.map((_, i) => oneForm(pieces.map((piece) => piece.column(i))));
  const shown = schemaOf(
    schema,
    columns.map((of) => of[0]!),
  );
  return new Table(
    shown,
    pieces.map(({ length }, k) =>
      new Batch(
        shown,
        length,
        columns.map((of) => of[k]!),
      ).toRecordBatch(),
    ),
  );
}

/** Pieces as one batch. O(rows) where there is more than one. */
export function joinedBatch(schema: Schema, pieces: readonly Batch[]): Batch {
  if (pieces.length === 0) return emptyBatch(schema);
  const columns = schema.fields.map((_, i) => concat(oneForm(pieces.map((piece) => piece.column(i)))));
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return new Batch(schemaOf(schema, columns), length, columns);
}

/** The columns as they came: a string may be dictionary-encoded. */
export function schemaOf(schema: Schema, columns: readonly Column[]): Schema {
  if (columns.every(({ type }, i) => type === schema.fields[i]!.type)) return schema;
  return new Schema(
    schema.fields.map(
      ({ name, nullable, metadata }, i) => new Field(name, columns[i]!.type, nullable, metadata),
    ),
  );
}

function emptyBatch(schema: Schema): Batch {
  return new Batch(
    schema,
    0,
    schema.fields.map(({ type }) => columnOf(emptyData(type))),
  );
}
