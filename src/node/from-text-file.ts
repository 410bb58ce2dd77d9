import type { BigIntStats, Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { sleep } from '../core/clock.ts';
import type { Duration } from '../core/duration.ts';
import type { Flow } from '../core/node.ts';
import { SourceError } from '../errors.ts';
import type { AckOptions } from '../sources/acknowledger.ts';
import { Source, SourceNode, type SourceOptions } from '../sources/source.ts';
import { fileError, isMissing, pathOf } from './file-errors.ts';
import type { FrameOptions } from './frame-options.ts';
import { type Framer, Framing, type Part } from './framing.ts';
import { LineAcknowledger, type Mark } from './line-acknowledger.ts';
import { pollMs } from './poll.ts';

/** Options of `fromTextFile`. `maxLine` is 16 MiB unless given. */
export interface TextFileOptions extends SourceOptions, FrameOptions, AckOptions<number> {
  /** Time between looks at the file. Default `'100ms'`. */
  pollInterval?: Duration | undefined;
  /** Begin with what is written after the first look, rather than with what the file holds. Default `false`. */
  fromEnd?: boolean | undefined;
  /**
   * The byte of the file to begin at, as `ack` gave it; goes before `fromEnd`. A file that is shorter is reported and read
   * from its start.
   */
  startAt?: number | undefined;
  /** Wait for more at the end of the file (default), or end there. */
  follow?: boolean | undefined;
  /** Where there is no file at first: the source fails (default), or waits until there is one. */
  missing?: 'error' | 'wait' | undefined;
}

/**
 * The lines of a text file, and from then on those that are written to it. Each keeps the newline, or other delimiter, at
 * its end; a line that has none yet is held back until it is whole.
 *
 * The next line is read when the work on the one before is done. Who stops listening and comes back goes on with the first
 * line not given before. Without `follow` the source ends at the end of the file, and a last line without a delimiter is given.
 *
 * `ack` is given the byte just after the last line up to which all are done, so that a program that begins there the next time, by
 * `startAt`, misses nothing, and gets those lines again that it was in the middle of. With `ack`, who comes back to
 * the source gets those again that failed, and those after them. Whether the file was replaced between two
 * runs of the program, `startAt` does not say.
 *
 * A file that is replaced (rotation) is read to its end, its last line as it is, and the new one from its start; until there
 * is a new one, the old one is followed. A file that becomes shorter is reported and read anew from its start. One that
 * is cut and has grown beyond its old size between two looks cannot be told from one that has grown. A snapshot of the graph
 * has the place in the file. Errors have the offset
 * in the file as `position.byte`. Keeps one line of at most `maxLine` bytes and 64 KiB.
 *
 * @throws `bad-option` for options that cannot be.
 */
export function fromTextFile(path: string | URL, options: TextFileOptions = {}): Source<string> {
  return new Source(new TextFileNode(pathOf(path), options));
}

/** What runs of one source do not share: one that has been stopped may still be coming to its end. */
interface Run {
  readonly signal: AbortSignal;
  file: OpenFile | undefined;
}

class TextFileNode extends SourceNode<string> {
  override readonly kind: string = 'fromTextFile';
  readonly #path: string;
  readonly #options: TextFileOptions;
  readonly #framing: Framing;
  readonly #pollMs: number;
  readonly #ack: ((byte: number) => void) | undefined;
  #acknowledger: LineAcknowledger | undefined;
  /** How far the file has been given out. */
  #mark: Mark | undefined;
  /** Where the first run began. */
  #origin: Mark | undefined;
  #startAt: number | undefined;
  /** Whether what the file holds at the next look is old. */
  #skips: boolean;
  /** Whether there was a file once; that it is gone for a while is no mistake then. */
  #found = false;

  constructor(path: string, options: TextFileOptions) {
    super(options);
    const { ack, startAt } = options;
    if (startAt !== undefined && !(Number.isSafeInteger(startAt) && startAt >= 0)) {
      const text = `startAt must be a number of bytes, whole and from 0, got ${String(startAt)}`;
      throw new SourceError('bad-option', text);
    }
    this.#ack = ack;
    this.#acknowledger = this.#newAcknowledger();
    this.#startAt = startAt;
    this.#path = path;
    this.#options = options;
    this.#framing = new Framing(options, 2 ** 24);
    this.#pollMs = pollMs(options.pollInterval);
    this.#skips = options.fromEnd ?? false;
  }

  override saveState(): { mark: Mark | null } {
    return { mark: this.#mark ?? null };
  }

  override restoreState({ mark }: { mark: Mark | null }): void {
    this.#mark = mark ?? undefined;
    this.#origin = this.#mark;
    this.#acknowledger = this.#newAcknowledger();
    if (mark === null) return;
    this.#skips = false;
    this.#found = true;
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    const { follow = true } = this.#options;
    const run: Run = { signal, file: undefined };
    if (this.#acknowledger !== undefined) {
      this.#mark = this.#acknowledger.restart(this.#mark, this.#origin);
    }
    try {
      for (let looks = 1; !this.stopped(signal); looks++) {
        await this.#look(run, looks);
        if (!follow && run.file !== undefined) {
          await this.#give(run.file.framer.end(), run.file, signal);
          return;
        }
        await sleep(this.clock, this.#pollMs, signal);
      }
    } catch (error) {
      if (error instanceof SourceError) throw error;
      throw fileError('read', this.#path, error, run.file === undefined ? {} : { byte: run.file.readBytes });
    } finally {
      await run.file?.close();
    }
  }

  /** Gives out what is new. */
  async #look(run: Run, looks: number): Promise<void> {
    const { signal } = run;
    const there = await stat(this.#path, { bigint: true }).catch(unlessMissing);
    if (run.file !== undefined) {
      await this.#readOn(run.file, signal);
      if (there === undefined || identityOf(there) === run.file.identity || this.stopped(signal)) return;
      await this.#give(run.file.framer.end(), run.file, signal);
      if (this.stopped(signal)) return;
      this.#mark = undefined;
      await run.file.close();
    }
    run.file = await this.#open();
    if (run.file === undefined) {
      const { missing = 'error', follow = true } = this.#options;
      if (!this.#found && (missing === 'error' || !follow)) throw await this.#absent();
      this.#skips = false; // all that a file will hold is new
      this.#startAt = undefined;
      this.setState('waiting', looks, this.#pollMs);
      return;
    }
    this.#found = true;
    this.setState('live');
    await this.#readOn(run.file, signal);
  }

  async #absent(): Promise<SourceError> {
    const cause = await stat(this.#path).then(
      () => new Error('it has gone'),
      (error: unknown) => error,
    );
    return fileError('read', this.#path, cause);
  }

  async #open(): Promise<OpenFile | undefined> {
    const handle = await open(this.#path, 'r').catch(unlessMissing);
    if (handle === undefined) return undefined;
    try {
      const stats = await handle.stat({ bigint: true });
      const identity = identityOf(stats);
      const byte = this.#startOf(identity, Number(stats.size));
      return new OpenFile(handle, identity, this.#framing.framer(byte), byte);
    } catch (error) {
      await handle.close().catch(() => {}); // the error before counts
      throw error;
    }
  }

  /** Where to begin in a file that has been opened. */
  #startOf(identity: string, size: number): number {
    const mark = this.#mark;
    if (mark === undefined) {
      const byte = this.#startAt ?? (this.#skips ? size : 0);
      this.#startAt = undefined;
      this.#skips = false;
      this.#mark = { file: identity, byte };
      this.#origin ??= this.#mark;
      return byte;
    }
    if (mark.file === identity) return mark.byte;
    this.#mark = undefined;
    this.report(
      new SourceError(
        'source-failed',
        `${this.#path} was replaced while nobody read it; what the old file held from byte ${mark.byte} on is missed`,
        { position: { byte: mark.byte } },
      ),
    );
    return 0;
  }

  /** Reads to the end, and gives out the lines that are whole. */
  async #readOn(file: OpenFile, signal: AbortSignal): Promise<void> {
    const { size } = await file.stat();
    if (this.stopped(signal)) return;
    if (size < file.readBytes) {
      const byte = file.readBytes;
      this.#mark = { file: file.identity, byte: 0 };
      this.#acknowledger?.cut();
      file.rewind(this.#framing.framer());
      const what = `${this.#path} became shorter, from ${byte} bytes to ${size}; it is read anew from its start`;
      this.report(new SourceError('source-failed', what, { position: { byte } }));
    }
    while (!this.stopped(signal)) {
      const bytes = await file.read();
      if (bytes.length === 0 || this.stopped(signal)) return;
      await this.#give(file.framer.push(bytes), file, signal);
    }
  }

  async #give(parts: Iterable<Part>, { identity }: OpenFile, signal: AbortSignal): Promise<void> {
    for (const part of parts) {
      if (this.stopped(signal)) return;
      const mark = { file: identity, byte: part.end };
      this.#mark = mark;
      if (part.bytes === undefined) this.report(this.#framing.tooLong(this.#path, part));
      else await this.#giveLine(this.#framing.textOf(part), mark, signal);
    }
  }

  #giveLine(line: string, mark: Mark, signal: AbortSignal): Flow {
    if (this.#acknowledger === undefined) return this.deliver(line, signal);
    const metadata = this.#acknowledger.track(mark);
    return metadata === undefined ? undefined : this.deliverWith(line, metadata, signal);
  }

  /** Told of by another that was there before, `ack` would hear of places out of order. */
  #newAcknowledger(): LineAcknowledger | undefined {
    const ack = this.#ack;
    if (ack === undefined) return undefined;
    const acknowledger = new LineAcknowledger((byte) => {
      if (this.#acknowledger === acknowledger) ack(byte);
    });
    return acknowledger;
  }
}

/** A file that is being read. */
class OpenFile {
  readonly #handle: FileHandle;
  readonly identity: string;
  readonly #bytes = new Uint8Array(2 ** 16);
  #framer: Framer;
  #readBytes: number;

  constructor(handle: FileHandle, identity: string, framer: Framer, byte: number) {
    this.#handle = handle;
    this.identity = identity;
    this.#framer = framer;
    this.#readBytes = byte;
  }

  get framer(): Framer {
    return this.#framer;
  }

  /** How far it has been read. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /** The bytes that follow, good until the next call; none at the end. */
  async read(): Promise<Uint8Array> {
    const { bytesRead } = await this.#handle.read(this.#bytes, 0, this.#bytes.length, this.#readBytes);
    this.#readBytes += bytesRead;
    return this.#bytes.subarray(0, bytesRead);
  }

  /** Never rejects: nothing was written to the file. */
  async close(): Promise<void> {
    await this.#handle.close().catch(() => {});
  }

  stat(): Promise<Stats> {
    return this.#handle.stat();
  }

  rewind(framer: Framer): void {
    this.#framer = framer;
    this.#readBytes = 0;
  }
}

/** What makes a file the same however it is called. */
function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
