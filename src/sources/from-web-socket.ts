import type { RecordBatch } from 'apache-arrow';
import type { AnySchema, ColumnTypes } from '../columnar/type-families.ts';
import { BatchSource, type BatchSourceOptions } from './batch-source.ts';
import { Intake } from './intake.ts';
import { type MessageOptions, MessageReader } from './socket-messages.ts';
import { type SocketOptions, SocketSourceNode } from './socket-source.ts';

/** Options of `fromWebSocket`. */
export interface WebSocketOptions<S extends ColumnTypes = ColumnTypes, P = unknown>
  extends BatchSourceOptions<S>,
    MessageOptions,
    SocketOptions<RecordBatch, P> {
  /** Most rows that wait while the work below is busy. Default 1,000,000. */
  maxQueueRows?: number | undefined;
}

/**
 * Record batches of the messages of a WebSocket, in order: Arrow IPC in binary messages, JSON (a row, an array of rows, an
 * object of columns, or lines of rows) in texts.
 *
 * Connects when something listens, and again, after a wait with jitter, when the connection is lost. What the server sends
 * meanwhile is missed, and `counts.gaps` counts on, unless `resume` asks for it: with `position`, batches that failed come
 * again, with those after them, and those still being worked on are passed over. A bad message is reported with its number (counted over all connections), and costs no other
 * message. A socket cannot be slowed down, so rows wait in a queue while asynchronous work below is busy.
 *
 * @throws `bad-option` for durations that are none, and for `resume` or `ack` without `position`.
 */
export function fromWebSocket<S extends ColumnTypes = AnySchema, P = unknown>(
  url: string | URL,
  options: WebSocketOptions<S, P> = {},
): BatchSource<S> {
  return new BatchSource(new WebSocketNode(String(url), options as object));
}

class WebSocketNode extends SocketSourceNode<RecordBatch> {
  override readonly kind: string = 'fromWebSocket';
  readonly intake: Intake;
  readonly #messageOptions: MessageOptions;

  constructor(url: string, options: WebSocketOptions) {
    const sizeOf = ({ numRows }: RecordBatch): number => numRows;
    super(url, options, {
      max: options.maxQueueRows ?? 1_000_000,
      sizeOf,
      unit: 'rows',
      option: 'maxQueueRows',
    });
    this.#messageOptions = options;
    this.intake = new Intake(options.schema, (error) => this.report(error), options);
  }

  protected override reader(): MessageReader {
    return new MessageReader(this.#messageOptions, this.intake, (error) => this.report(error));
  }

  protected override discard(batches: readonly RecordBatch[]): void {
    for (const { numRows } of batches) this.intake.counts.droppedRows += numRows;
  }

  protected override missed(): void {
    this.intake.counts.gaps++;
  }
}
