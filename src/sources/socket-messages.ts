import type { RecordBatch } from 'apache-arrow';
import { isColumnValues } from '../columnar/build.ts';
import { SourceError } from '../errors.ts';
import { IpcDecoder, startsStream } from '../formats/ipc.ts';
import type { IpcLimits } from '../formats/ipc-framer.ts';
import { NdjsonDecoder } from '../formats/ndjson.ts';
import { excerpt } from '../formats/sniff.ts';
import type { Intake } from './intake.ts';
import { batchesOfLines } from './response.ts';
import { placed } from './source.ts';

/**
 * How Arrow comes in binary messages: `'whole'`, each message a stream of its own; `'parts'`, one long stream cut
 * anywhere; `'auto'`, a message that starts with a schema starts a stream, any other goes on with it.
 */
export type BinaryMessages = 'auto' | 'whole' | 'parts';

export interface MessageOptions extends IpcLimits {
  binary?: BinaryMessages | undefined;
  maxBatchRows?: number | undefined;
}

/** Makes batches of the messages of one connection. What is wrong with one message is reported with its number and costs no other. */
export class MessageReader {
  readonly #options: MessageOptions;
  readonly #intake: Intake;
  readonly #report: (error: SourceError) => void;
  #decoder: IpcDecoder | undefined;
  /** Number of the message whose bytes the decoder got last. */
  #last = 0;
  #batch = 0;

  constructor(options: MessageOptions, intake: Intake, report: (error: SourceError) => void) {
    this.#options = options;
    this.#intake = intake;
    this.#report = report;
  }

  *read(data: unknown, message: number): Generator<RecordBatch> {
    if (typeof data === 'string') yield* this.#text(data, message);
    else if (data instanceof ArrayBuffer) yield* this.#binary(new Uint8Array(data), message);
    else if (ArrayBuffer.isView(data))
      yield* this.#binary(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), message);
    else this.#reject('bad-message', 'message is neither text nor bytes', message);
  }

  /** Says that the connection is gone: a stream in the middle of a message is cut off. */
  close(): void {
    this.#leave();
  }

  *#text(text: string, message: number): Generator<RecordBatch> {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      yield* this.#lines(text, message);
      return;
    }
    let batch: RecordBatch | undefined;
    if (Array.isArray(json)) batch = this.#intake.rows(json, (row) => ({ message, row }));
    else if (isColumnValues(json)) batch = this.#intake.columns(json, { message });
    else if (typeof json === 'object' && json !== null)
      batch = this.#intake.rows([json], (row) => ({ message, row }));
    else this.#reject('bad-message', `message holds no row: ${short(text)}`, message);
    if (batch !== undefined) yield batch;
  }

  *#lines(text: string, message: number): Generator<RecordBatch> {
    const decoder = new NdjsonDecoder();
    const bytes = new TextEncoder().encode(text.endsWith('\n') ? text : `${text}\n`);
    const lines = decoder.push(bytes);
    if (lines.values.length === 0) {
      this.#reject('bad-message', `message is not JSON: ${excerpt(bytes)}`, message);
      return;
    }
    const target = {
      intake: this.#intake,
      report: this.#report,
      name: `message ${message}`,
      message,
      bounded: true,
    };
    yield* batchesOfLines(lines, this.#options, target);
  }

  *#binary(bytes: Uint8Array, message: number): Generator<RecordBatch> {
    const mode = this.#options.binary ?? 'auto';
    const starts =
      mode === 'whole' || (mode === 'auto' && startsStream(bytes)) || this.#decoder === undefined;
    if (starts) {
      this.#leave();
      this.#decoder = new IpcDecoder({
        ...this.#options,
        onBadBatch: (error) => {
          this.#batch++;
          this.#report(placed(error, { message: this.#last }));
        },
      });
      this.#batch = 0;
    }
    const decoder = this.#decoder!;
    this.#last = message;
    try {
      for (const batch of decoder.push(bytes)) yield* this.#accept(batch, message);
      if (mode === 'whole') for (const batch of decoder.end()) yield* this.#accept(batch, message);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.#report(placed(error, { message }));
    }
    if (mode === 'whole' || decoder.failed || decoder.ended) this.#decoder = undefined;
  }

  *#accept(batch: RecordBatch, message: number): Generator<RecordBatch> {
    const accepted = this.#intake.batch(batch, { message, batch: this.#batch++ });
    if (accepted !== undefined) yield accepted;
  }

  /** Lets go of the stream that was open. */
  #leave(): void {
    const decoder = this.#decoder;
    this.#decoder = undefined;
    if (decoder === undefined || !decoder.pending) return;
    try {
      for (const _ of decoder.end());
    } catch (error) {
      if (error instanceof SourceError) this.#report(placed(error, { message: this.#last }));
    }
  }

  #reject(code: 'bad-message', text: string, message: number): void {
    this.#intake.reject(new SourceError(code, text, { position: { message } }));
  }
}

function short(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
