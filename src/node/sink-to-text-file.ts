import { type FileHandle, open } from 'node:fs/promises';
import { addDisposeSymbol, onAbort } from '../core/dispose.ts';
import { putBelow } from '../core/end-node.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { GraphError, MillraceError, quote, SchemaError } from '../errors.ts';
import type { Sink } from '../nodes/sink.ts';
import { textOf } from '../sources/source.ts';
import type { Stream } from '../stream.ts';
import { pathOf } from './file-errors.ts';

/** Options of `sinkToTextFile`. */
export interface TextFileSinkOptions extends NodeOptions<string> {
  /** Add to the end of the file (default), or begin with an empty one. */
  mode?: 'a' | 'w' | undefined;
  /** Written after each element. Default `'\n'`. */
  end?: string | undefined;
  /** Count an element as worked on only when the disk has it, not the system alone. Default `false`. */
  flush?: boolean | undefined;
  /** Disposes of the sink when aborted. */
  signal?: AbortSignal | undefined;
}

/** A file that elements are written to. */
export interface TextFileSink extends Sink {
  /** Resolves when the file is closed, whatever went wrong with it. Never rejects. */
  readonly done: Promise<void>;
  /**
   * Takes no more elements, writes those that it has been given, and closes the file. Rejects where one of them could not be
   * written or the file not be closed.
   */
  close(): Promise<void>;
}

/**
 * Writes each element of a stream to a text file, in order, as UTF-8.
 *
 * The file is opened at once; an element counts as worked on when it is written, so that an emitter that waits is as slow as
 * the file. Elements of emitters that do not wait are kept, and written together. Where writing fails, the emitters of
 * the elements concerned hear of it, with code `not-available`, and later elements are tried anew; an element that is no string
 * fails with `bad-value`. The file is closed when the sink is disposed of or the stream has ended, and all that was given
 * before is written.
 *
 * @throws `bad-option` for another mode.
 */
export function sinkToTextFile(
  stream: Stream<string>,
  path: string | URL,
  options: TextFileSinkOptions = {},
): TextFileSink {
  return putBelow(stream.node, new TextFileSinkNode(pathOf(path), options));
}

interface Waiting {
  readonly text: string;
  readonly written: () => void;
  readonly failed: (error: MillraceError) => void;
}

class TextFileSinkNode extends Node<string, never> implements TextFileSink {
  override readonly kind: string = 'sinkToTextFile';
  readonly done: Promise<void>;
  readonly #path: string;
  readonly #end: string;
  readonly #flush: boolean;
  readonly #file: Promise<FileHandle>;
  #queue: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  #failure: MillraceError | undefined;
  #resolveDone: () => void = () => {};
  #forget: () => void = () => {};

  static {
    addDisposeSymbol(TextFileSinkNode.prototype);
  }

  constructor(path: string, options: TextFileSinkOptions) {
    const { mode = 'a', end = '\n', flush = false, signal } = options;
    if (mode !== 'a' && mode !== 'w') {
      throw new GraphError('bad-option', `mode must be 'a' or 'w', got ${quote(String(mode))}`);
    }
    super(options);
    this.#path = path;
    this.#end = end;
    this.#flush = flush;
    this.done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
    this.#file = open(path, mode);
    this.#file.catch(() => {}); // whoever writes or closes hears of it
    this.begin();
    this.#forget = onAbort(signal, () => this.dispose());
  }

  override get waiting(): number {
    return this.#queue.length;
  }

  override update(text: string): Flow {
    if (typeof text !== 'string') {
      throw new SchemaError('bad-value', `a text file takes strings, got ${typeof text}`);
    }
    return new Promise((written, failed) => {
      this.#queue.push({ text, written, failed });
      this.#writing ??= this.#write();
    });
  }

  close(): Promise<void> {
    this.dispose();
    return this.#finish();
  }

  protected override get isEnd(): boolean {
    return true;
  }

  protected override onUpstreamEnd(): void {
    this.end();
    this.#finish().catch(() => {}); // emitters have heard of it, and `close` tells it again
  }

  protected override onDispose(): void {
    this.#forget();
    this.#finish().catch(() => {}); // as above
  }

  /** Works off the queue, all that waits in one go. Never rejects. */
  async #write(): Promise<void> {
    await undefined; // what is emitted in one go is written in one go
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        const file = await this.#file;
        await file.appendFile(batch.map(({ text }) => text + this.#end).join(''));
        if (this.#flush) await file.datasync();
        for (const { written } of batch) written();
      } catch (error) {
        const failure = this.#failed('write', error);
        for (const { failed } of batch) failed(failure);
      }
    }
    this.#writing = undefined;
  }

  /** Closes the file, once what is waiting is written. */
  #finish(): Promise<void> {
    this.#closed ??= (async () => {
      try {
        await this.#writing;
        await this.#file.then((file) => file.close());
      } catch (error) {
        this.#failed('close', error);
      }
      this.#resolveDone();
      if (this.#failure !== undefined) throw this.#failure;
    })();
    return this.#closed;
  }

  #failed(deed: 'write' | 'close', cause: unknown): MillraceError {
    const text = `cannot ${deed} ${quote(this.#path)}: ${textOf(cause)}`;
    const failure = new MillraceError('not-available', text, { cause });
    this.#failure ??= failure;
    return failure;
  }
}
