import type { AnySchema, ColumnTypes } from '../columnar/type-families.ts';
import { labelOf } from '../core/node.ts';
import { itemsOf } from '../nodes/items.ts';
import { pick } from '../nodes/pick.ts';
import type { Stream } from '../stream.ts';
import type { StreamingDataFrame, StreamingDataFrameOptions } from './dataframe.ts';
import type { ColumnsOf, Example } from './example.ts';
import type { FrameInput } from './frame-node.ts';

/**
 * A stream of batches, which are arrays or other iterables, whose elements are worked on one by one: each batch
 * gives an array. Immutable: methods give new objects. Keeps nothing.
 */
export class StreamingBatch<T> {
  /** The batches. */
  readonly stream: Stream<Iterable<T>>;

  constructor(stream: Stream<Iterable<T>>) {
    this.stream = stream;
  }

  /** `fn(element)` for each element. */
  map<U>(fn: (element: T) => U): StreamingBatch<U> {
    return this.#each('map', fn, (elements) => elements.map((element) => fn(element)));
  }

  /** The elements for which `predicate` gives something truthy; a type guard narrows the type. */
  filter<U extends T>(predicate: (element: T) => element is U): StreamingBatch<U>;
  filter(predicate: (element: T) => unknown): StreamingBatch<T>;
  filter(predicate: (element: T) => unknown): StreamingBatch<T> {
    return this.#each('filter', predicate, (elements) => elements.filter((element) => predicate(element)));
  }

  /** One field of each element, or several as a tuple; an element that lacks one fails its batch as `bad-value`. */
  pluck<K extends keyof T>(key: K): StreamingBatch<T[K]>;
  pluck<const K extends readonly (keyof T)[]>(keys: K): StreamingBatch<{ -readonly [I in keyof K]: T[K[I]] }>;
  pluck(keys: PropertyKey | readonly PropertyKey[]): never {
    const picked = (element: T): unknown =>
      typeof keys === 'object' ? keys.map((key) => pick(element, key)) : pick(element, keys);
    return this.#each('pluck', undefined, (elements) => elements.map(picked)) as never;
  }

  /** The sum of all elements so far, after each batch; of no elements it is 0. */
  sum(this: StreamingBatch<number>): Stream<number> {
    const add = (total: number, batch: Iterable<number>): number => {
      for (const element of itemsOf(batch, 'sum')) total += element;
      return total;
    };
    return this.stream.accumulate(add, { start: 0, name: 'sum' });
  }

  /** The elements, which are rows, as a frame. The schema is that of the first batch that has rows unless one is given. */
  toDataFrame<const E extends Example>(
    options: Omit<StreamingDataFrameOptions<ColumnsOf<E>>, 'schema' | 'example'> & { example: E },
  ): StreamingDataFrame<ColumnsOf<E>>;
  toDataFrame<S extends ColumnTypes = AnySchema>(
    options?: StreamingDataFrameOptions<S>,
  ): StreamingDataFrame<S>;
  toDataFrame(options?: StreamingDataFrameOptions): never {
    const rows = this.stream.map((batch) => [...itemsOf(batch, 'toDataFrame')], { name: 'rows' });
    return (rows as Stream<FrameInput>).toDataFrame(options) as never;
  }

  /** The elements one by one. */
  toStream(): Stream<T> {
    return this.stream.flatten();
  }

  #each<U>(kind: string, fn: unknown, work: (elements: T[]) => U[]): StreamingBatch<U> {
    const name = labelOf(kind, fn);
    return new StreamingBatch(this.stream.map((batch) => work([...itemsOf(batch, kind)]), { name }));
  }
}
