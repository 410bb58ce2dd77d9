import { nodeOptionsOf, streamOf } from '../core/check.ts';
import { onAbort } from '../core/dispose.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { GraphError, MillraceError } from '../errors.ts';
import type { Sink } from '../nodes/sink.ts';
import { checkPath, opfsFile } from '../sources/opfs.ts';
import { asSourceError } from '../sources/source.ts';
import type { Stream } from '../stream.ts';

/** Options of `toOpfs`. */
export interface ToOpfsOptions<T = unknown> extends NodeOptions<T> {
  /** Keep what the file holds and write behind it. Default `false`: begin with an empty file. */
  append?: boolean | undefined;
  /** Written after each text. Default `'\n'`. */
  end?: string | undefined;
  /** Text or bytes of an element. Default: the element itself, which must be one of the two. */
  serialize?: ((value: T) => string | ArrayBuffer | ArrayBufferView<ArrayBuffer>) | undefined;
  /** Ends the sink when aborted. */
  signal?: AbortSignal | undefined;
}

/** The end of a branch that writes a file. */
export interface FileSink extends Sink {
  /** Bytes written, the end marks included. */
  readonly bytes: number;
  /**
   * Resolves when the file is closed, with all that came before the end in it: after the end of the stream, or when the
   * sink is disposed of.
   *
   * @throws SourceError as a rejection where the file could not be opened or closed.
   */
  readonly done: Promise<void>;
}

/**
 * Writes each element into a file of the private file system of the origin (OPFS), texts as lines of UTF-8, one
 * after the other; folders on the way are made. An emitter that waits is held up until its element is written.
 *
 * In a worker the file is written in place. In a page the platform keeps what is written apart until the sink has
 * ended, and then puts it in place of the file; until that, and where the page goes first, the file is as it was.
 * An element that cannot be written fails, and the next is tried.
 *
 * @throws `bad-option` for a path that names no file.
 */
export function toOpfs<T>(stream: Stream<T>, path: string, options: ToOpfsOptions<T> = {}): FileSink {
  streamOf(stream, 'toOpfs');
  checkPath(path);
  const node = new OpfsNode<T>(path, options);
  if (!node.disposed) stream.node.connect(node);
  return node;
}

/** A file that is open for writing. */
interface Writer {
  write(bytes: Uint8Array<ArrayBuffer>): Flow;
  close(): Flow;
}

class OpfsNode<T> extends Node<T, never> implements FileSink {
  override readonly kind: string = 'toOpfs';
  readonly done: Promise<void>;
  readonly #writer: Promise<Writer>;
  readonly #end: string;
  readonly #serialize: (value: T) => unknown;
  readonly #encoder = new TextEncoder();
  #close: () => void = () => {};
  /** The last piece of work on the file. Never rejects. */
  #last: Promise<unknown>;
  #bytes = 0;
  #forget: () => void = () => {};

  constructor(path: string, options: ToOpfsOptions<T>) {
    super(nodeOptionsOf(options, ['append', 'end', 'serialize', 'signal'], 'toOpfs'));
    const { append = false, end = '\n', serialize = (value: T) => value, signal } = options;
    this.#end = end;
    this.#serialize = serialize;
    this.#writer = openWriter(path, append);
    this.#last = this.#writer.catch(() => {});
    this.done = new Promise<void>((resolve) => {
      this.#close = resolve;
    }).then(() => this.#closed());
    this.begin();
    this.#forget = onAbort(signal, () => this.dispose());
  }

  get bytes(): number {
    return this.#bytes;
  }

  override update(value: T): Promise<void> {
    const bytes = this.#bytesOf(value);
    const work = this.#last.then(async () => {
      const writer = await this.#writer;
      await writer.write(bytes);
      this.#bytes += bytes.byteLength;
    });
    this.#last = work.catch(() => {});
    return work;
  }

  protected override get isEnd(): boolean {
    return true;
  }

  protected override onUpstreamEnd(): void {
    this.dispose();
  }

  protected override onDispose(): void {
    this.#forget();
    this.#close();
  }

  async #closed(): Promise<void> {
    await this.#last;
    try {
      await (await this.#writer).close();
    } catch (error) {
      throw asSourceError(error);
    }
  }

  #bytesOf(value: T): Uint8Array<ArrayBuffer> {
    const written = this.#serialize(value);
    if (typeof written === 'string') return this.#encoder.encode(written + this.#end);
    // A copy: the element may be changed before its turn comes.
    if (written instanceof ArrayBuffer) return new Uint8Array(written.slice(0));
    if (ArrayBuffer.isView(written)) {
      return new Uint8Array(
        written.buffer,
        written.byteOffset,
        written.byteLength,
      ).slice() as Uint8Array<ArrayBuffer>;
    }
    throw new GraphError(
      'bad-value',
      `only texts and bytes can be written, got ${typeof written}; give the option serialize`,
    );
  }
}

async function openWriter(path: string, append: boolean): Promise<Writer> {
  const handle = await opfsFile(path, { create: true });
  try {
    return 'createSyncAccessHandle' in handle && isDedicatedWorker()
      ? await openInPlace(handle as SyncHandle, append)
      : await openApart(handle, append);
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause;
    throw asSourceError(cause);
  }
}

async function openApart(handle: FileSystemFileHandle, append: boolean): Promise<Writer> {
  const writable = await handle.createWritable({ keepExistingData: append });
  if (append) await writable.seek((await handle.getFile()).size);
  return writable;
}

/** What files have in workers; the types of pages do not know it. */
interface SyncHandle {
  createSyncAccessHandle(): Promise<{
    write(bytes: Uint8Array, options: { at: number }): number;
    truncate(size: number): void;
    getSize(): number;
    flush(): void;
    close(): void;
  }>;
}

async function openInPlace(handle: SyncHandle, append: boolean): Promise<Writer> {
  const file = await handle.createSyncAccessHandle();
  if (!append) file.truncate(0);
  let at = file.getSize();
  return {
    write(bytes) {
      for (let from = 0; from < bytes.length; ) {
        const written = file.write(bytes.subarray(from), { at });
        if (written === 0)
          throw new MillraceError('limit-exceeded', 'nothing more can be written: the disk is full');
        from += written;
        at += written;
      }
    },
    close() {
      file.flush();
      file.close();
    },
  };
}

function isDedicatedWorker(): boolean {
  return 'DedicatedWorkerGlobalScope' in globalThis;
}
