import { Field, Schema } from 'apache-arrow';
import { Batch } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import { Gathering } from '../core/flow.ts';
import { failStopped, type Metadata, releaseAll, retainAll } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import { type ExprTree, isRunning, type RunningValue, withParts } from '../expr/tree.ts';
import { hiddenTime, hiddenValue } from './hidden.ts';
import type { Made } from './made.ts';
import { timeColumn } from './order-column.ts';
import type { FrameBase, FrameState } from './state.ts';
import { BoundSteps, nameAfter, type View } from './steps.ts';

/** The value of now of something that runs beside the rows of a frame. */
export interface ValueSource extends RunningValue {
  /** How it was made. */
  readonly made: Made;
  /** Emits when the value changes, once per batch. */
  readonly node: Node<never, unknown>;
  /** The value as a field; `undefined` while its type is not known. */
  field(name: string): Field | undefined;
  /** The value of now, `length` times. */
  column(length: number): Column;
}

interface ValueColumn {
  readonly name: string;
  readonly source: ValueSource;
}

/** What a frame is over when the running values of expressions are columns beside its rows. */
export interface Paired {
  readonly node: ValuesNode;
  readonly base: FrameBase;
  readonly exprs: readonly ExprTree[];
  /** The names of the columns. */
  readonly names: readonly string[];
}

/** Puts the running values that `exprs` read beside the rows of `frame`; nothing where there are none. */
export function withValues(frame: FrameState, exprs: readonly ExprTree[]): Paired | undefined {
  const columns = new Map<RunningValue, ValueColumn>();
  const read = (tree: ExprTree): ExprTree => {
    if (!isRunning(tree)) return tree;
    if (tree.op !== 'value') return withParts(tree, read);
    const source = tree.value as ValueSource;
    const column = columns.get(source) ?? { name: hiddenValue(columns.size), source };
    columns.set(source, column);
    return { op: 'column', name: column.name, of: tree };
  };
  const settled = exprs.map(read);
  if (columns.size === 0) return undefined;
  const node = new ValuesNode(frame, [...columns.values()]);
  frame.base.node.connect(node);
  for (const { node: value } of columns.keys() as Iterable<ValueSource>) value.connect(node);
  const before = frame.base.time;
  const base: FrameBase = {
    node,
    time: before && (nameAfter(frame.rest, before) ?? hiddenTime),
    declared: frame.time,
    under: frame.base,
    schema: () => node.output,
    current: () => node.current,
  };
  return { node, base, exprs: settled, names: [...columns.values()].map(({ name }) => name) };
}

interface Waiting {
  readonly batch: Batch;
  readonly metadata: Metadata;
}

/**
 * The rows of a frame after its steps, with the values that others have when the batch has been worked on everywhere: where
 * a value is made of the same source, that after this batch. Keeps the newest batch.
 */
class ValuesNode extends Node<unknown, Batch> {
  override readonly kind: string = 'values';
  readonly #frame: FrameState;
  readonly #columns: readonly ValueColumn[];
  #steps: BoundSteps | undefined;
  #time: ((view: View) => Column) | undefined;
  #output: Schema | undefined;
  /** The columns of the frame. */
  #own: Field[] = [];
  #names: readonly string[] = [];
  #current: Batch | undefined;
  #waiting: Waiting[] = [];

  constructor(frame: FrameState, columns: readonly ValueColumn[]) {
    super({ name: columns.map(({ source }) => source.label).join(', ') });
    this.#frame = frame;
    this.#columns = columns;
    const schema = frame.base.schema();
    if (schema !== undefined) this.#bind(schema);
  }

  /** The columns of the frame and the hidden ones, once they are known. */
  get output(): Schema | undefined {
    if (this.#output === undefined && this.#steps !== undefined) {
      const values = this.#columns.map(({ name, source }) => source.field(name));
      if (values.every((field) => field !== undefined)) this.#output = new Schema([...this.#own, ...values]);
    }
    return this.#output;
  }

  /** The newest batch; of a snapshot, the rows of now with the values of now. */
  get current(): Batch | undefined {
    const { base, root } = this.#frame;
    const batch = root.kind === 'snapshot' && this.#waiting.length === 0 ? base.current() : undefined;
    return batch === undefined ? this.#current : this.#paired(batch);
  }

  override get waiting(): number {
    return this.#waiting.length;
  }

  override update(value: unknown, metadata: Metadata, from: Node<never, unknown>): Flow {
    if (from === this.#frame.base.node) {
      retainAll(metadata);
      this.#waiting.push({ batch: value as Batch, metadata });
    }
    if (!this.awaitStep()) return this.#pass();
  }

  protected override onStepEnd(): Flow {
    return this.#pass();
  }

  protected override onDeactivate(): void {
    for (const { metadata } of this.#waiting) {
      failStopped(metadata, this.label);
      releaseAll(metadata);
    }
    this.#waiting = [];
  }

  #pass(): Flow {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    const gathering = new Gathering(this);
    for (const { batch, metadata } of waiting) {
      try {
        const flow = this.emit(this.#paired(batch), metadata);
        if (flow !== undefined) gathering.add(flow);
      } catch (error) {
        gathering.fail(error);
      } finally {
        releaseAll(metadata);
      }
    }
    return gathering.flow();
  }

  #paired(batch: Batch): Batch {
    const steps = this.#steps ?? this.#bind(batch.schema);
    const view = steps.view(batch);
    const columns = steps.fields.map(({ name }) => view.column(name));
    if (this.#time !== undefined) columns.push(this.#time(view));
    for (const { source } of this.#columns) columns.push(source.column(view.length));
    this.#current = new Batch(this.#schemaOf(columns), view.length, columns);
    return this.#current;
  }

  /** The columns as they came: a string may be dictionary-encoded. */
  #schemaOf(columns: readonly Column[]): Schema {
    const known = this.output;
    if (known !== undefined && columns.every(({ type }, i) => known.fields[i]!.type === type)) return known;
    const names = [...this.#names, ...this.#columns.map(({ name }) => name)];
    this.#output = new Schema(
      columns.map(({ type }, i) => {
        const field = known?.fields[i] ?? this.#own[i];
        return new Field(names[i]!, type, field?.nullable ?? true, field?.metadata);
      }),
    );
    return this.#output;
  }

  #bind(schema: Schema): BoundSteps {
    const steps = new BoundSteps(schema, this.#frame.rest);
    const time = timeColumn(this.#frame, steps, schema);
    this.#own = [...steps.fields];
    if (time?.isDropped === true) {
      this.#time = time.column;
      this.#own.push(new Field(hiddenTime, time.type, true));
    }
    this.#names = this.#own.map(({ name }) => name);
    this.#steps = steps;
    return steps;
  }
}
