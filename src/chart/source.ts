import { Field, type RecordBatch, Schema, type Vector } from 'apache-arrow';
import { columnOf } from '../columnar/arrow.ts';
import { Batch } from '../columnar/batch.ts';
import { type PlainText, plainValue } from '../columnar/plain.ts';

/**
 * What a chart needs of a frame. An `append` frame gives new rows each time and the chart keeps a backlog
 * of them; a `snapshot` frame gives all there is each time and the chart draws the newest.
 */
export interface ChartFrame {
  readonly kind: 'append' | 'snapshot';
  /** Where it is known before the first batch, a wrong field is refused by `chart()` itself. */
  readonly schema?: Schema | undefined;
  /** What a snapshot is now. */
  readonly current?: unknown;
  sink(take: (batch: RecordBatch) => void): { dispose(): void };
}

/**
 * What a chart needs of a scalar result or a series. A scalar is drawn as a table of one row: the field `value`, or
 * those of a record. A series is a table of the field `value`.
 */
export interface ChartValues {
  readonly kind?: 'append' | 'snapshot';
  readonly current?: unknown;
  sink(take: (value: unknown) => void): { dispose(): void };
}

/** One row of plain values by name. */
export type PlainRecord = ReadonlyMap<string, number | PlainText>;

/**
 * What a frame, series or scalar gave: rows as batches, or one row of plain values.
 *
 * @throws `bad-value` for anything else.
 */
export function rowsGiven(given: unknown): { batches: Batch[] } | { record: PlainRecord } {
  if (typeof given === 'object' && given !== null && !(given instanceof Date)) {
    if ('numRows' in given && 'schema' in given) return { batches: [Batch.of(given as RecordBatch)] };
    if ('getChildAt' in given && 'data' in given) {
      const { type, data } = given as Vector;
      const schema = new Schema([new Field('value', type, true)]);
      return { batches: data.map((chunk) => new Batch(schema, chunk.length, [columnOf(chunk)])) };
    }
    const isRecord = Object.getPrototypeOf(given) === Object.prototype;
    const entries = Object.entries(given);
    if (isRecord && entries.length > 0) {
      return { record: new Map(entries.map(([name, value]) => [name, plainValue(value)])) };
    }
  }
  return { record: new Map([['value', plainValue(given)]]) };
}
