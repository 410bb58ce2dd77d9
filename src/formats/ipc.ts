import { Data, RecordBatch, type Schema, Struct, type Vector } from 'apache-arrow';
import { vectorOfPieces } from '../columnar/arrow.ts';
import { type Int64As, SchemaGate } from '../columnar/schema-gate.ts';
import { SourceError, type SourcePosition } from '../errors.ts';
import { MalformedError } from './flatbuffer.ts';
import { ByteQueue, type IpcLimits, LimitError, readPrefix } from './ipc-framer.ts';
import { Loader } from './ipc-loader.ts';
import {
  type BatchHeader,
  type DictionaryMessage,
  type IpcMessage,
  type RecordBatchMessage,
  readFooter,
  readMessage,
} from './ipc-metadata.ts';
import { describeBytes, sniff } from './sniff.ts';

export interface IpcOptions extends IpcLimits {
  /**
   * Told of a record batch that is broken inside while the stream around it is whole; that batch is left
   * out and reading goes on. Default: it ends the stream with the error.
   */
  onBadBatch?: ((error: SourceError) => void) | undefined;
}

/** Options of `readIpc`. */
export interface ReadIpcOptions extends IpcOptions {
  /**
   * `'number'`: 64-bit integers are numbers to JavaScript; a batch with one beyond 2^53 fails as `overflow`. Default
   * `'bigint'`.
   */
  int64?: Int64As | undefined;
}

/** Bytes in one piece or in many. */
export type ByteSource =
  | Uint8Array
  | ArrayBuffer
  | Iterable<Uint8Array>
  | AsyncIterable<Uint8Array>
  | ReadableStream<Uint8Array>;

/** A message whose metadata is read and whose body is not there yet. */
interface Opened {
  readonly message: IpcMessage;
  readonly start: number;
}

type Phase = 'start' | 'stream' | 'file' | 'ended' | 'failed';

/**
 * Decodes an Arrow IPC stream piece by piece; a file (`ARROW1`) is decoded once it is whole.
 *
 * Bytes are hostile until verified: declared sizes are held against limits before memory is taken, and all
 * that reading a value relies on is checked, so what is given out can be read. Batches refer to the
 * bytes pushed where these are aligned. Compressed and big-endian streams are refused. Keeps the message that is
 * not yet whole, and the dictionaries.
 */
export class IpcDecoder {
  readonly #queue = new ByteQueue();
  readonly #maxMetadataBytes: number;
  readonly #maxBodyBytes: number;
  readonly #maxRows: number;
  readonly #maxFileBytes: number;
  readonly #onBadBatch: ((error: SourceError) => void) | undefined;
  readonly #dictionaries = new Map<number, Vector>();
  #schema: Schema | undefined;
  #phase: Phase = 'start';
  #opened: Opened | undefined;
  /** Offset of the first byte in the queue. */
  #byte = 0;
  #messages = 0;
  #batches = 0;

  constructor({ maxMetadataBytes, maxBodyBytes, maxRows, maxFileBytes, onBadBatch }: IpcOptions = {}) {
    this.#maxMetadataBytes = maxMetadataBytes ?? 2 ** 24;
    this.#maxBodyBytes = maxBodyBytes ?? 2 ** 28;
    this.#maxRows = maxRows ?? 2 ** 28;
    this.#maxFileBytes = maxFileBytes ?? 2 ** 28;
    this.#onBadBatch = onBadBatch;
  }

  /** The schema, once it has come. */
  get schema(): Schema | undefined {
    return this.#schema;
  }

  /** Whether the end-of-stream mark has come. A stream may end between messages without one. */
  get ended(): boolean {
    return this.#phase === 'ended';
  }

  /** Whether the stream is broken beyond repair; further bytes are refused. */
  get failed(): boolean {
    return this.#phase === 'failed';
  }

  /** Whether bytes of a message that is not whole are waiting. */
  get pending(): boolean {
    return this.#queue.length > 0 || this.#opened !== undefined;
  }

  /**
   * Takes bytes and gives the batches that are complete with them, one by one, as they are asked for.
   * What comes before a broken message is given before the error is thrown.
   *
   * @throws SourceError `bad-message` or `limit-exceeded`, with message, batch and byte.
   */
  push(bytes: Uint8Array): Generator<RecordBatch, void, undefined> {
    if (this.#phase !== 'failed') this.#queue.push(bytes);
    return this.#drain();
  }

  *#drain(): Generator<RecordBatch, void, undefined> {
    if (this.#phase === 'failed') {
      throw new SourceError('bad-message', 'the Arrow stream is already broken', {
        position: this.#position(),
      });
    }
    try {
      for (let batch = this.#next(); batch !== undefined; batch = this.#next()) {
        if (batch !== 'skipped') yield batch;
      }
    } catch (error) {
      this.#phase = 'failed';
      throw this.#located(error);
    }
  }

  /**
   * Says that no more bytes come. Gives the batches of a file.
   *
   * @throws SourceError `bad-message` when the stream is cut off in the middle of a message or is empty.
   */
  *end(): Generator<RecordBatch, void, undefined> {
    const phase = this.#phase;
    if (phase === 'ended' || phase === 'failed') return;
    try {
      if (phase === 'file') {
        yield* this.#file(this.#queue.take(this.#queue.length));
      } else if (this.#opened !== undefined) {
        throw new MalformedError(
          `stream is cut off in the body of a message: ${this.#queue.length} of ${this.#opened.message.bodyLength} bytes`,
        );
      } else if (this.#queue.length > 0) {
        if (phase === 'start') this.#checkStart();
        throw new MalformedError(`stream is cut off in a message, after ${this.#queue.length} bytes of it`);
      } else if (this.#schema === undefined)
        throw new MalformedError('expected an Arrow stream, got nothing');
      this.#phase = 'ended';
    } catch (error) {
      this.#phase = 'failed';
      throw this.#located(error);
    }
  }

  /** The next batch in the queue, if it is whole. */
  #next(): RecordBatch | 'skipped' | undefined {
    if (this.#phase === 'start' && !this.#start()) return undefined;
    while (this.#phase === 'stream') {
      this.#opened ??= this.#open();
      if (this.#opened === undefined) break;
      if (this.#queue.length < this.#opened.message.bodyLength) return undefined;
      const { message } = this.#opened;
      const body = this.#take(message.bodyLength);
      this.#opened = undefined;
      const batch = this.#receive(message, body);
      this.#messages++;
      if (batch !== undefined) return batch;
    }
    if (this.#phase === 'ended' && this.#queue.length > 0) {
      throw new MalformedError(`${this.#queue.length} bytes follow the end of the stream`);
    }
    if (this.#phase === 'file' && this.#queue.length > this.#maxFileBytes) {
      throw new LimitError(`file is over the limit of ${this.#maxFileBytes} bytes (maxFileBytes)`);
    }
    return undefined;
  }

  /** Decides what the bytes are, when enough are there. */
  #start(): boolean {
    if (this.#queue.length < 8) return false;
    this.#checkStart();
    this.#phase = sniff(this.#queue.peek(8)) === 'arrow-file' ? 'file' : 'stream';
    return true;
  }

  /** Refuses bytes that are something else, saying what. */
  #checkStart(): void {
    const head = this.#queue.peek(Math.min(this.#queue.length, 256));
    const kind = sniff(head);
    if (kind === 'arrow' || kind === 'arrow-file') return;
    // Streams of before 2019 start with the length of the schema, which is neither text nor large.
    const oldLength =
      head.length >= 4 ? head[0]! + head[1]! * 256 + head[2]! * 65_536 + head[3]! * 16_777_216 : 0;
    if (kind === 'binary' && oldLength >= 8 && oldLength <= this.#maxMetadataBytes && head[0] !== 0x1f)
      return;
    if (kind === 'binary' && oldLength === 0) return;
    throw new MalformedError(`expected an Arrow stream, got ${describeBytes(head)}`);
  }

  /** Reads the prefix and metadata of the next message. */
  #open(): Opened | undefined {
    const start = this.#byte;
    const prefix = readPrefix(this.#queue.peek(8), this.#maxMetadataBytes);
    if (prefix === undefined || this.#queue.length < prefix.size + prefix.metadataLength) return undefined;
    this.#take(prefix.size);
    if (prefix.metadataLength === 0) {
      this.#phase = 'ended';
      if (this.#schema === undefined) throw new MalformedError('stream ends before its schema');
      return undefined;
    }
    const message = readMessage(this.#take(prefix.metadataLength));
    this.#checkSizes(message);
    return { message, start };
  }

  #checkSizes(message: IpcMessage): void {
    if (message.bodyLength > this.#maxBodyBytes) {
      throw new LimitError(
        `body of ${message.bodyLength} bytes is over the limit of ${this.#maxBodyBytes} (maxBodyBytes)`,
      );
    }
    if (message.kind !== 'schema' && message.header.length > this.#maxRows) {
      throw new LimitError(
        `batch of ${message.header.length} rows is over the limit of ${this.#maxRows} (maxRows)`,
      );
    }
  }

  #take(length: number): Uint8Array {
    this.#byte += length;
    return this.#queue.take(length);
  }

  #receive(message: IpcMessage, body: Uint8Array): RecordBatch | 'skipped' | undefined {
    if (message.kind === 'schema') {
      if (this.#schema !== undefined) throw new MalformedError('a second schema in one stream');
      this.#schema = message.schema;
      return undefined;
    }
    if (this.#schema === undefined) {
      throw new MalformedError(
        `a ${message.kind === 'batch' ? 'record batch' : 'dictionary'} comes before the schema`,
      );
    }
    if (message.kind === 'dictionary') {
      this.#learn(message, body);
      return undefined;
    }
    try {
      const batch = this.#batch(this.#schema, message, body);
      this.#batches++;
      return batch;
    } catch (error) {
      if (this.#onBadBatch === undefined) throw error;
      this.#onBadBatch(this.#located(error));
      this.#batches++;
      return 'skipped';
    }
  }

  #batch(schema: Schema, { header, version, metadata }: RecordBatchMessage, body: Uint8Array): RecordBatch {
    const columns = new Loader(header, body, version, this.#dictionaries).load(schema.fields);
    const struct = new Data(new Struct(schema.fields), 0, header.length, 0, undefined, columns);
    return new RecordBatch(
      schema,
      struct as Data<Struct>,
      metadata.size === 0 ? undefined : new Map(metadata),
    );
  }

  #learn({ id, isDelta, header, version }: DictionaryMessage, body: Uint8Array): void {
    const type = this.#schema!.dictionaries.get(id);
    if (type === undefined) throw new MalformedError(`dictionary ${id} is not in the schema`);
    const data = this.#dictionaryData(header, version, body, id, type);
    const known = this.#dictionaries.get(id);
    const pieces = isDelta && known !== undefined ? [...known.data, data] : [data];
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (length > this.#maxRows) {
      throw new LimitError(
        `dictionary ${id} of ${length} values is over the limit of ${this.#maxRows} (maxRows)`,
      );
    }
    this.#dictionaries.set(id, vectorOfPieces(pieces));
  }

  #dictionaryData(
    header: BatchHeader,
    version: number,
    body: Uint8Array,
    id: number,
    type: Vector['type'],
  ): Data {
    const field = { name: `dictionary ${id}`, type, nullable: true } as Schema['fields'][number];
    return new Loader(header, body, version, this.#dictionaries).load([field])[0]!;
  }

  /** The file format: messages at the places that the footer names. */
  *#file(file: Uint8Array): Generator<RecordBatch> {
    const end = file.length - 10;
    if (end < 8 || sniff(file.subarray(file.length - 6)) !== 'arrow-file') {
      throw new MalformedError(`file of ${file.length} bytes is cut off: it does not end as it began`);
    }
    const footerLength = new DataView(file.buffer, file.byteOffset + end, 4).getInt32(0, true);
    if (footerLength <= 0 || footerLength > end - 8)
      throw new MalformedError(`footer length is ${footerLength}`);
    if (footerLength > this.#maxMetadataBytes)
      throw new LimitError(`footer is over the limit of ${this.#maxMetadataBytes} bytes (maxMetadataBytes)`);
    const footerStart = end - footerLength;
    const footer = readFooter(file.subarray(footerStart, end));
    this.#schema = footer.schema;
    const seen = new Set<number>();
    for (const { offset } of footer.dictionaries) {
      const { message, body } = this.#messageAt(file, offset, footerStart);
      if (message.kind !== 'dictionary')
        throw new MalformedError(`footer calls a ${message.kind} a dictionary`);
      if (seen.has(message.id) && !message.isDelta)
        throw new MalformedError(`dictionary ${message.id} comes twice in a file`);
      seen.add(message.id);
      this.#learn(message, body);
    }
    for (const { offset } of footer.batches) {
      const { message, body } = this.#messageAt(file, offset, footerStart);
      if (message.kind !== 'batch') throw new MalformedError(`footer calls a ${message.kind} a record batch`);
      const batch = this.#receive(message, body);
      if (batch !== undefined && batch !== 'skipped') yield batch;
    }
  }

  #messageAt(file: Uint8Array, offset: number, limit: number): { message: IpcMessage; body: Uint8Array } {
    this.#byte = offset;
    const prefix =
      offset < limit
        ? readPrefix(file.subarray(offset, Math.min(limit, offset + 8)), this.#maxMetadataBytes)
        : undefined;
    if (prefix === undefined || offset + prefix.size + prefix.metadataLength > limit) {
      throw new MalformedError(`a message at byte ${offset} is outside the file's data`);
    }
    const bodyStart = offset + prefix.size + prefix.metadataLength;
    const message = readMessage(file.subarray(offset + prefix.size, bodyStart));
    this.#checkSizes(message);
    if (bodyStart + message.bodyLength > limit)
      throw new MalformedError(`the body of the message at byte ${offset} is outside the file's data`);
    this.#messages++;
    return { message, body: file.subarray(bodyStart, bodyStart + message.bodyLength) };
  }

  #position(): SourcePosition {
    return { message: this.#messages, batch: this.#batches, byte: this.#opened?.start ?? this.#byte };
  }

  #located(error: unknown): SourceError {
    const text = error instanceof Error ? error.message : String(error);
    const code = error instanceof LimitError ? 'limit-exceeded' : 'bad-message';
    const position = this.#position();
    const where = this.#messages === 0 ? '' : ` (message ${position.message}, byte ${position.byte})`;
    return new SourceError(code, `${text}${where}`, { position, cause: error });
  }
}

/** Whether `bytes` start a stream or file: with a schema message, or the mark of a file. */
export function startsStream(bytes: Uint8Array): boolean {
  if (sniff(bytes.subarray(0, 16)) === 'arrow-file') return true;
  try {
    const prefix = readPrefix(bytes.subarray(0, 8), bytes.length);
    if (prefix === undefined || prefix.metadataLength === 0) return false;
    return readMessage(bytes.subarray(prefix.size, prefix.size + prefix.metadataLength)).kind === 'schema';
  } catch {
    return false;
  }
}

/**
 * Record batches of an Arrow IPC stream or file, each as soon as its last byte is in.
 *
 * @throws SourceError as {@link IpcDecoder} does; the batches before the place of the error come first.
 */
export async function* readIpc(
  source: ByteSource,
  options?: ReadIpcOptions,
): AsyncGenerator<RecordBatch, void, undefined> {
  const { int64, ...own } = options ?? {};
  const decoder = new IpcDecoder(own);
  const gate = new SchemaGate({ int64 });
  // All batches of a stream have one schema.
  const read = function* (batches: Iterable<RecordBatch>): Generator<RecordBatch> {
    if (int64 !== 'number') yield* batches;
    else for (const batch of batches) yield gate.batch(batch) as RecordBatch;
  };
  for await (const bytes of piecesOf(source)) {
    yield* read(decoder.push(bytes));
    if (decoder.ended) break;
  }
  yield* read(decoder.end());
}

/** The pieces of a byte source. A stream is cancelled when reading stops early. */
export async function* piecesOf(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  if (source instanceof Uint8Array) yield source;
  else if (source instanceof ArrayBuffer) yield new Uint8Array(source);
  else if ('getReader' in source) {
    const reader = source.getReader();
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
    } finally {
      // A stream that has ended or failed has nothing left to cancel, and says so.
      await reader.cancel().catch(() => {});
    }
  } else yield* source;
}
