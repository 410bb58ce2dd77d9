import { type Clock, sleep, systemClock } from '../core/clock.ts';
import { unlessAborted } from '../core/dispose.ts';
import type { Flow } from '../core/node.ts';
import { Stint } from '../core/stint.ts';
import { SourceError } from '../errors.ts';
import { Acknowledger, type AckOptions } from './acknowledger.ts';
import { SourceNode, type SourceOptions, textOf } from './source.ts';

/** Options of sources that are read element by element; their positions are numbers of elements. */
export interface ReadingOptions extends SourceOptions, AckOptions<number> {}

/** What a source reads from, and what it is called. */
export interface Readable<T> {
  /** `fromIterable` and the like. */
  readonly kind: string;
  /** What failed, for errors: `iterable threw`. */
  readonly failure: string;
  /** Called each time the source starts. */
  readonly open: () => Iterable<T> | AsyncIterable<T> | Pieces<T>;
}

/** Elements that arrive many at a time. */
export interface Pieces<T> {
  readonly pieces: AsyncIterable<readonly T[]>;
}

/**
 * The node of a source that is read element by element, each after the work on the one before is done. What the
 * iteration throws ends the source as failed, with the number of the element as `position.message`.
 */
export class ReadingNode<T> extends SourceNode<T> {
  override readonly kind: string;
  readonly #readable: Readable<T>;
  readonly #ack: ((count: number) => void) | undefined;
  #acknowledger: Acknowledger<number> | undefined;
  readonly #stint = new Stint();
  /** The clock, without the way up to it for each element. */
  #time: Clock = systemClock;
  #count = 0;

  constructor(readable: Readable<T>, options?: ReadingOptions) {
    super(options);
    this.kind = readable.kind;
    this.#readable = readable;
    this.#ack = options?.ack;
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    this.#count = 0;
    this.#acknowledger = this.#ack === undefined ? undefined : new Acknowledger(this.#ack);
    this.setState('live');
    try {
      const items = this.#readable.open();
      this.#time = this.clock;
      this.#stint.begin(this.#time);
      if (isIterable(items)) await this.#read(items, signal);
      else if ('pieces' in items) {
        const give = (piece: readonly T[]): Promise<void> => this.#read(piece, signal, true);
        await this.#readAsync(items.pieces[Symbol.asyncIterator](), give, signal);
      } else {
        const give = (value: T): Flow => this.#next(value, signal);
        await this.#readAsync(items[Symbol.asyncIterator](), give, signal);
      }
    } catch (error) {
      const position = { message: this.#count };
      const { code, what } =
        error instanceof SourceError
          ? { code: error.code, what: error.message }
          : { code: 'source-failed' as const, what: `${this.#readable.failure}: ${textOf(error)}` };
      throw new SourceError(code, what, { cause: error, position });
    }
  }

  /** Goes on without a pause where the work is synchronous, unless `pauses`. */
  async #read(items: Iterable<T>, signal: AbortSignal, pauses = false): Promise<void> {
    for (const value of items) {
      if (this.stopped(signal)) return;
      const flow = this.#next(value, signal);
      if (flow !== undefined) await flow;
      if (this.stopped(signal)) return;
      if ((flow !== undefined || pauses) && this.#isLong()) await this.#pause(signal);
    }
  }

  /** Does not wait for a value that never comes once it is told to stop. */
  async #readAsync<I>(
    iterator: AsyncIterator<I>,
    give: (item: I) => Flow,
    signal: AbortSignal,
  ): Promise<void> {
    while (true) {
      const result = await unlessAborted(iterator.next(), signal);
      if (result === undefined || this.stopped(signal)) break;
      if (result.done === true) return;
      await give(result.value);
      if (this.stopped(signal)) break;
      if (this.#isLong()) await this.#pause(signal);
    }
    // A generator in the middle of waiting answers only when it is done with that.
    Promise.resolve(iterator.return?.()).catch(() => {});
  }

  /** Whether timers should run now: what is read may be there already, and so go on from promise to promise for ever. */
  #isLong(): boolean {
    return this.#stint.isLong(this.#time);
  }

  #pause(signal: AbortSignal): Promise<void> {
    return sleep(this.#time, 0, signal);
  }

  #next(value: T, signal: AbortSignal): Flow {
    this.#count++;
    if (this.#acknowledger === undefined) return this.deliver(value, signal);
    return this.deliverWith(value, this.#acknowledger.track(this.#count), signal);
  }
}

/** What is both is read asynchronously. A text is an iterable that `in` would not take. */
function isIterable<T>(items: Iterable<T> | AsyncIterable<T> | Pieces<T>): items is Iterable<T> {
  return typeof items !== 'object' || (!('pieces' in items) && !(Symbol.asyncIterator in items));
}
