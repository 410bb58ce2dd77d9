import {
  type DataType,
  Field,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  type TypeMap,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import type { Metadata } from '../../src/core/metadata.ts';
import { type Flow, Node, PassNode } from '../../src/core/node.ts';

class SinkNode<T> extends Node<T, never> {
  override readonly kind = 'sink';
  readonly #take: (value: T) => void;

  constructor(take: (value: T) => void) {
    super();
    this.#take = take;
    this.begin();
  }

  protected override get isEnd(): boolean {
    return true;
  }

  override update(value: T, _metadata: Metadata): Flow {
    this.#take(value);
  }
}

/** A frame as a chart sees it, fed by hand. */
export class FakeFrame<K extends 'append' | 'snapshot'> {
  readonly kind: K;
  readonly schema: Schema | undefined;
  readonly #node = new PassNode<RecordBatch>();

  constructor(kind: K, schema?: Schema) {
    this.kind = kind;
    this.schema = schema;
  }

  get sinks(): number {
    return this.#node.downstreams.length;
  }

  emit(batch: RecordBatch): void {
    void this.#node.emit(batch);
  }

  sink(take: (batch: RecordBatch) => void): { dispose(): void } {
    const sink = new SinkNode(take);
    this.#node.connect(sink);
    return sink;
  }
}

export type Cells = Readonly<Record<string, Vector | readonly unknown[] | Float64Array>>;

/** A record batch of columns: vectors as they are, arrays by apache-arrow's guess. */
export function batchOf(cells: Cells): RecordBatch {
  const vectors = Object.entries(cells).map(
    ([name, cell]) =>
      [name, 'getChildAt' in cell ? (cell as Vector) : vectorFromArray(cell as unknown[])] as const,
  );
  const length = vectors[0]?.[1].length ?? 0;
  const fields = vectors.map(([name, vector]) => new Field(name, vector.type as DataType, true));
  const schema = new Schema<TypeMap>(fields);
  const children = vectors.map(([, vector]) => vector.data[0]!);
  return new RecordBatch(schema, makeData({ type: new Struct(fields), length, nullCount: 0, children }));
}
