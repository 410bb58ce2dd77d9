import { type DataType, type Field, Schema } from 'apache-arrow';
import { Batch } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import { Fifo } from '../core/fifo.ts';
import { Gathering } from '../core/flow.ts';
import {
  concatMetadata,
  failStopped,
  type Metadata,
  noMetadata,
  releaseAll,
  retainAll,
} from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import { GraphError, quote, SchemaError } from '../errors.ts';
import type { ExprTree } from '../expr/tree.ts';
import { treeKeys } from '../expr/tree.ts';
import { RowsNode } from './rows-node.ts';
import { type FrameRoot, FrameState } from './state.ts';
import { schemaOf } from './window-content.ts';

/** A column to glue: an expression of some frame. */
export interface GluePart {
  readonly name: string;
  readonly frame: FrameState;
  readonly tree: ExprTree;
}

/** Columns of one stream. */
interface Sheet {
  frame: FrameState;
  readonly parts: GluePart[];
}

/** A frame of columns of several frames of one source. */
export function gluedFrame(parts: readonly GluePart[]): FrameState {
  const sheets: Sheet[] = [];
  for (const part of parts) {
    const sheet = sheets.find(({ frame }) => frame.root === part.frame.root);
    if (sheet === undefined) sheets.push({ frame: part.frame, parts: [part] });
    else {
      checkRows(sheet.parts[0]!, part);
      sheet.parts.push(part);
    }
  }
  const frames = sheets.map(sheetFrame);
  if (frames.length === 1) return frames[0]!;
  const [first, ...others] = frames;
  for (const [i, frame] of others.entries()) {
    const names = `${quote(sheets[0]!.parts[0]!.name)} and ${quote(sheets[i + 1]!.parts[0]!.name)}`;
    if (frame.root.kind !== first!.root.kind) {
      throw new GraphError(
        'not-available',
        `frameOf: ${names} do not go together: one is a stream of new rows, the other of snapshots`,
      );
    }
    if (!shareSource(first!.base.node, frame.base.node)) {
      throw new GraphError('not-available', `frameOf: ${names} come from different sources`);
    }
  }
  const node = new GlueNode(
    frames,
    parts.map(({ name }) => name),
  );
  const root: FrameRoot = {
    node,
    kind: first!.root.kind,
    time: first!.timeColumn,
    schema: () => node.output,
    current: () => node.current,
    made: (writer) => ({
      op: 'frameOf',
      columns: parts.map(({ name, frame, tree }) => ({ name, of: writer.frame(frame), expr: tree })),
    }),
  };
  return new FrameState(root);
}

function sheetFrame({ frame, parts }: Sheet): FrameState {
  const columns = parts.map((part) => ({
    name: part.name,
    expr: frame.adopt(part.tree, part.frame, 'frameOf'),
  }));
  return frame
    .with({ step: 'assign', columns })
    .with({ step: 'project', columns: columns.map(({ name }) => ({ name, from: name })) });
}

/** Columns of one stream belong side by side where the same rows were left out. */
function checkRows(a: GluePart, b: GluePart): void {
  const keyOf = treeKeys();
  const filters = ({ frame }: GluePart): string =>
    frame.steps.flatMap((step) => (step.step === 'filter' ? keyOf(step.condition) : [])).join('\n');
  if (filters(a) === filters(b)) return;
  throw new SchemaError(
    'schema-mismatch',
    `frameOf: ${quote(a.name)} and ${quote(b.name)} do not have the same rows: they are filtered differently`,
  );
}

function shareSource(a: Node<never, Batch>, b: Node<never, Batch>): boolean {
  const above = upwards(a);
  return [...upwards(b)].some((node) => above.has(node));
}

function upwards(start: Node<never, unknown>): Set<Node<never, unknown>> {
  const seen = new Set([start]);
  for (const node of seen) for (const upstream of node.upstreams) seen.add(upstream as Node<never, unknown>);
  return seen;
}

interface Waiting {
  readonly batch: Batch;
  readonly metadata: Metadata;
  /** The step of the source that it came with; -1 where it came later, by itself. */
  readonly step: number;
}

interface Side {
  readonly rows: RowsNode;
  readonly names: readonly string[];
  readonly line: Fifo<Waiting>;
}

/**
 * The columns of batches that belong to one batch of the source, side by side. Where one of them failed above, the
 * others of its step are left out. Keeps the newest batch.
 */
class GlueNode extends Node<Batch, Batch> {
  override readonly kind: string = 'glue';
  readonly #sides: readonly Side[];
  readonly #names: readonly string[];
  readonly #frames: readonly FrameState[];
  #output: Schema | undefined;
  #current: Batch | undefined;
  #step = 0;
  #count = 0;

  constructor(frames: readonly FrameState[], names: readonly string[]) {
    super({ name: `frameOf(${names.join(', ')})` });
    this.#frames = frames;
    this.#names = names;
    this.#sides = frames.map((frame) => {
      const rows = new RowsNode(frame);
      frame.base.node.connect(rows);
      rows.connect(this);
      const last = frame.steps.at(-1);
      return {
        rows,
        names: last?.step === 'project' ? last.columns.map(({ name }) => name) : [],
        line: new Fifo<Waiting>(),
      };
    });
  }

  /** The columns, once they are known. */
  get output(): Schema | undefined {
    if (this.#output === undefined) {
      const known = this.#frames.map(({ fields }) => fields);
      if (known.every((fields) => fields !== undefined)) {
        const all = (known as (readonly Field<DataType>[])[]).flat();
        this.#output = new Schema(this.#names.map((name) => all.find((field) => field.name === name)!));
      }
    }
    return this.#output;
  }

  get current(): Batch | undefined {
    return this.#current;
  }

  override get waiting(): number {
    return this.#sides.reduce((total, { line }) => total + line.length, 0);
  }

  override update(batch: Batch, metadata: Metadata, from: Node<never, Batch>): Flow {
    const side = this.#sides.find(({ rows }) => rows === (from as unknown))!;
    retainAll(metadata);
    const isInStep = this.awaitStep();
    side.line.push({ batch, metadata, step: isInStep ? this.#step : -1 });
    if (!isInStep) return this.#pass();
  }

  protected override onStepEnd(): Flow {
    const step = this.#step++;
    const isHere = ({ line }: Side): boolean => line.length > 0 && line.at(line.length - 1)!.step === step;
    // What is left of a step in which a side failed has no partner.
    if (this.#sides.every(isHere)) {
      for (const { line } of this.#sides) while (line.length > 1) this.#forget(line.shift()!);
    }
    return this.#pass();
  }

  protected override onDeactivate(): void {
    for (const { line } of this.#sides) {
      for (const { metadata } of line.drain()) {
        failStopped(metadata, this.label);
        releaseAll(metadata);
      }
    }
  }

  #forget({ metadata }: Waiting): void {
    releaseAll(metadata);
    this.drop(1);
  }

  #pass(): Flow {
    let gathering: Gathering | undefined;
    while (this.#sides.every(({ line }) => line.length > 0)) {
      gathering ??= new Gathering(this);
      const parts = this.#sides.map(({ line }) => line.shift()!);
      try {
        const flow = this.emit(this.#glued(parts), metadataOf(parts));
        if (flow !== undefined) gathering.add(flow);
      } catch (error) {
        gathering.fail(error);
      } finally {
        for (const { metadata } of parts) releaseAll(metadata);
      }
    }
    return gathering?.flow();
  }

  #glued(parts: readonly Waiting[]): Batch {
    const number = this.#count++;
    const { length } = parts[0]!.batch;
    const columns = new Map<string, { readonly field: Field; readonly column: Column }>();
    for (const [k, { batch }] of parts.entries()) {
      if (batch.length !== length) {
        throw new SchemaError(
          'schema-mismatch',
          `frameOf: in batch ${number}, ${quote(this.#sides[0]!.names[0]!)} has ${length} rows and ${quote(this.#sides[k]!.names[0]!)} has ${batch.length}`,
        );
      }
      for (const [i, field] of batch.schema.fields.entries())
        columns.set(field.name, { field, column: batch.column(i) });
    }
    const all = this.#names.map((name) => columns.get(name)!);
    this.#output ??= new Schema(all.map(({ field }) => field));
    const given = all.map(({ column }) => column);
    this.#current = new Batch(schemaOf(this.#output, given), length, given);
    return this.#current;
  }
}

/** Of one source element it is the same on all sides. */
function metadataOf(parts: readonly Waiting[]): Metadata {
  return [...new Set(parts.map(({ metadata }) => metadata))].reduce(concatMetadata, noMetadata);
}
