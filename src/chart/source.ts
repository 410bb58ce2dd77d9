import type { RecordBatch, Schema } from 'apache-arrow';

/**
 * What a chart needs of a frame. An `append` frame gives new rows each time and the chart keeps a backlog
 * of them; a `snapshot` frame gives all there is each time and the chart draws the newest.
 */
export interface ChartFrame {
  readonly kind: 'append' | 'snapshot';
  /** Where it is known before the first batch, a wrong field is refused by `chart()` itself. */
  readonly schema?: Schema | undefined;
  sink(take: (batch: RecordBatch) => void): { dispose(): void };
}

/** What a chart needs of a scalar result: it is drawn as a table of one row with the field `value`. */
export interface ChartScalar {
  sink(take: (value: unknown) => void): { dispose(): void };
}
