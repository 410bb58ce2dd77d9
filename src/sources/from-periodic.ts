import { RecordBatch, Table } from 'apache-arrow';
import { type ColumnValues, isColumnValues } from '../columnar/build.ts';
import type { AnySchema, ColumnTypes } from '../columnar/type-families.ts';
import type { Duration } from '../core/duration.ts';
import { intervalMs, runTicks } from '../core/ticks.ts';
import { SourceError, type SourcePosition } from '../errors.ts';
import { BatchSource, BatchSourceNode, type BatchSourceOptions } from './batch-source.ts';
import type { Intake } from './intake.ts';
import { textOf } from './source.ts';

/** What a periodic callback is called with: its times, a signal that says when to give up, and arguments of its own. */
export type Tick<A extends object = object> = A & {
  /** `now` of the call before, in milliseconds since 1970; at the first call, `now` less one interval. */
  readonly last: number;
  readonly now: number;
  /** Aborts when the source stops. */
  readonly signal: AbortSignal;
};

/** What a periodic callback may give: rows, columns, Arrow batches, or nothing at all this time. */
export type Rows = readonly object[] | ColumnValues | RecordBatch | Table | undefined | null;

export interface PeriodicOptions<A extends object = object, S extends ColumnTypes = ColumnTypes>
  extends BatchSourceOptions<S> {
  /** Time between calls. Default `'500ms'`. */
  interval?: Duration | undefined;
  /** Passed to the callback beside its times. */
  args?: A | undefined;
  /** Make the first call at once rather than one interval after the start. Default `false`. */
  immediate?: boolean | undefined;
}

/**
 * Record batches of what `callback` gives, called once per interval while something listens.
 *
 * Calls are at start + k · interval, without drift, and never overlap, work below included: a late call delays
 * the next, ticks missed meanwhile are left out, and `last` is always `now` of the call before. Rows, an object of
 * columns, a batch or a table make batches (a table one for each of its own); `undefined` and `null` make none, an
 * empty array makes an empty batch. A callback that throws, or gives something else, is reported with
 * the number of the tick as `position.message`, and the next tick goes on. What it gives after the source was stopped
 * is thrown away, and a source that starts again does not wait for it.
 *
 * @throws `bad-option` for an interval that is none.
 */
export function fromPeriodic<A extends object = object, S extends ColumnTypes = AnySchema>(
  callback: (tick: Tick<A>) => Rows | Promise<Rows>,
  options: PeriodicOptions<A, S> = {},
): BatchSource<S> {
  return new BatchSource(new PeriodicNode(callback, options as object));
}

class PeriodicNode<A extends object> extends BatchSourceNode {
  override readonly kind: string = 'fromPeriodic';
  readonly #callback: (tick: Tick<A>) => Rows | Promise<Rows>;
  readonly #args: A | undefined;
  readonly #intervalMs: number;
  readonly #immediate: boolean;

  constructor(callback: (tick: Tick<A>) => Rows | Promise<Rows>, options: PeriodicOptions<A>) {
    super(options);
    this.#callback = callback;
    this.#args = options.args;
    this.#intervalMs = intervalMs(options.interval ?? '500ms');
    this.#immediate = options.immediate ?? false;
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    this.setState('live');
    const firstMs = this.#immediate ? 0 : this.#intervalMs;
    const options = { intervalMs: this.#intervalMs, clock: this.clock, firstMs, signal };
    await runTicks(options, async ({ last, now, tick }) => {
      const position = { message: tick };
      let batches: RecordBatch[];
      try {
        const result = await this.#callback({ ...this.#args, last, now, signal } as Tick<A>);
        if (this.stopped(signal)) return undefined;
        batches = batchesOf(result, this.intake, position);
      } catch (error) {
        if (!this.stopped(signal)) this.report(failedTick(error, tick));
        return undefined;
      }
      for (const batch of batches) {
        await this.deliver(batch, signal);
        if (this.stopped(signal)) break;
      }
      return undefined;
    });
  }
}

function failedTick(error: unknown, tick: number): SourceError {
  if (error instanceof SourceError) return error;
  return new SourceError('user-code', `callback threw on tick ${tick}: ${textOf(error)}`, {
    cause: error,
    position: { message: tick },
  });
}

/**
 * The batches that a callback's result is.
 *
 * @throws SourceError `bad-value` for what is neither rows, columns, batch, table nor nothing.
 */
export function batchesOf(result: unknown, intake: Intake, position: SourcePosition): RecordBatch[] {
  if (result === undefined || result === null) return [];
  if (result instanceof RecordBatch) return defined(intake.batch(result, position));
  if (result instanceof Table) {
    return result.batches.flatMap((batch, i) => defined(intake.batch(batch, { ...position, batch: i })));
  }
  if (Array.isArray(result)) return defined(intake.rows(result, (row) => ({ ...position, row })));
  if (isColumnValues(result)) return defined(intake.columns(result, position));
  const hint =
    typeof result === 'object' && !ArrayBuffer.isView(result) ? '; one row is an array of one object' : '';
  throw new SourceError(
    'bad-value',
    `callback gave ${shown(result)} on tick ${position.message}, expected an array of rows, an object of columns, a RecordBatch, a Table or nothing${hint}`,
    { position },
  );
}

function defined<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    const name = value.constructor?.name ?? 'Object';
    if (name !== 'Object') return `a ${name}`;
  }
  const text = typeof value === 'function' ? 'a function' : textOfValue(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** JSON where that can be made of it, which it cannot of a bigint or of an object that holds itself. */
function textOfValue(value: unknown): string {
  if (typeof value === 'number') return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return typeof value === 'bigint' ? `${value}n` : String(value);
  }
}
