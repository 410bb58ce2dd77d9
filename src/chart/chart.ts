import type { LoggerInterface, View } from 'vega';
import type { Result } from 'vega-embed';
import type { Batch } from '../columnar/batch.ts';
import type { PlainText } from '../columnar/plain.ts';
import { type Disposes, disposeSymbol, onAbort } from '../core/dispose.ts';
import { quietly, reportUnheard } from '../core/report.ts';
import { asMillraceError, didYouMean, MillraceError, quote, SchemaError } from '../errors.ts';
import { Backlog } from './backlog.ts';
import { type BacklogSize, backlogSize } from './backlog-size.ts';
import { type ChartField, chartField, plainField } from './field.ts';
import type { ChartOptions } from './options.ts';
import { dataName, type PreparedSpec, prepareSpec, rowNumber } from './prepare-spec.ts';
import { type Drawable, type FrameScheduler, schedulerOf } from './scheduler.ts';
import { type ChartFrame, type ChartValues, rowsGiven } from './source.ts';
import type { ChartSpec, Json } from './spec.ts';
import { Stage } from './stage.ts';
import { inkSignal, inks, themeConfig } from './theme.ts';
import { fieldText, Tooltip } from './tooltip.ts';
import { TuplePool } from './tuple-pool.ts';
import { applyChanges, embedOptions, loadVega, overflows, shortenTests, type Vega } from './vega.ts';

/** What a chart has done so far. */
export interface ChartCounters {
  /** Batches taken. */
  readonly updates: number;
  /** Times it was drawn; updates between two frames are drawn once. */
  readonly drawn: number;
  /** Rows taken. */
  readonly rows: number;
}

/** A chart in the page that follows a frame until it is disposed of. */
export interface Chart extends Disposes {
  /**
   * Resolves when the chart is built, which needs the frame's schema: where that comes with the first batch,
   * it waits for it. Rejects with what is shown when it cannot be built. A chart that is disposed of before
   * resolves.
   */
  readonly ready: Promise<void>;
  /** The Vega view, once `ready`. */
  readonly view: View | undefined;
  readonly counters: ChartCounters;
  readonly paused: boolean;
  /** Keeps the picture as it is. Rows are still taken. */
  pause(): void;
  /** Shows the newest state, and goes on from there. */
  resume(): void;
  /** A data URL of the picture. @throws `not-available` before `ready`. */
  toImage(format?: 'png' | 'svg', scale?: number): Promise<string>;
}

/**
 * Draws `frame` in `element` by a Vega-Lite specification, and goes on as the frame does.
 *
 * An append frame slides: the chart keeps its backlog. A snapshot frame replaces what was drawn. The newest state is drawn
 * once per animation frame, and not at all while the page is hidden or the chart out of sight; nothing is caught up
 * with afterwards. Memory is that of the backlog, however long it runs.
 *
 * Integers of 64 bits are drawn as the nearest double, missing and infinite numbers as gaps.
 *
 * @throws `bad-option`, and, where the frame's schema is known, `no-such-column` and `type-mismatch` for a
 * specification that does not fit it; else `ready` rejects with these.
 */
export function chart(
  element: HTMLElement | string,
  frame: ChartFrame | ChartValues,
  spec: ChartSpec,
  options: ChartOptions = {},
): Chart {
  return new LiveChart(elementOf(element), frame, spec, options);
}

function elementOf(element: HTMLElement | string): HTMLElement {
  if (typeof element !== 'string') {
    if (element?.ownerDocument?.defaultView) return element;
    throw new MillraceError('bad-option', `a chart needs an element or its selector, got ${String(element)}`);
  }
  const found = document.querySelector<HTMLElement>(element);
  if (found !== null) return found;
  throw new MillraceError('bad-option', `no element matches ${quote(element)}`);
}

class LiveChart implements Chart, Drawable {
  readonly ready: Promise<void>;
  view: View | undefined;
  visible = true;
  readonly #spec: ChartSpec;
  readonly #options: ChartOptions;
  readonly #size: BacklogSize;
  readonly #stage: Stage;
  readonly #scheduler: FrameScheduler;
  readonly #replaces: boolean;
  readonly #warned = new Set<string>();
  readonly #cleanups: (() => void)[] = [];
  #settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  #prepared: PreparedSpec | undefined;
  #backlog: Backlog | undefined;
  #pool = new TuplePool();
  #vega: Vega | undefined;
  #result: Result | undefined;
  #tooltip: Tooltip | undefined;
  #counters = { updates: 0, drawn: 0, rows: 0 };
  #paused = false;
  #disposed = false;
  #broken = false;
  /** Whether there are rows that the view does not have. */
  #stale = false;
  #resized = false;
  #drawnRows = false;
  #ink = '';

  constructor(element: HTMLElement, frame: ChartFrame | ChartValues, spec: ChartSpec, options: ChartOptions) {
    if (typeof frame?.sink !== 'function') {
      throw new MillraceError('bad-option', `a chart needs a frame, got ${String(frame)}`);
    }
    this.#spec = spec;
    this.#options = options;
    this.#size = backlogSize(options.backlog, options.maxRows);
    this.#replaces = frame.kind !== 'append';
    this.#stage = new Stage(element);
    this.#scheduler = schedulerOf(element.ownerDocument);
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.ready.catch(() => {}); // who does not ask hears of it by onError
    this.#stage.wait(options.emptyText ?? 'waiting for rows');
    let subscription: { dispose(): void };
    try {
      const schema = 'schema' in frame ? frame.schema : undefined;
      if (schema !== undefined) this.#prepare(schema.fields.map(chartField));
      subscription = (frame as ChartValues).sink((given) => this.#take(given));
    } catch (error) {
      this.#disposed = true; // what was begun goes no further
      this.#stage.fail(asMillraceError(error).message);
      throw error;
    }
    this.#scheduler.join(this);
    if (this.#replaces && frame.current !== undefined) this.#take(frame.current);
    this.#cleanups.push(
      () => subscription.dispose(),
      () => this.#scheduler.leave(this),
      this.#stage.onVisible((visible) => {
        this.visible = visible;
        if (visible) this.#scheduler.renew();
      }),
      this.#stage.onResize(() => {
        this.#resized = true;
        this.#redraw();
      }),
    );
    if (options.theme === undefined || options.theme === 'auto') {
      this.#cleanups.push(this.#stage.onInk(() => this.#redraw()));
    }
    this.#cleanups.push(onAbort(options.signal, () => this.dispose()));
    if (this.#disposed) this.#cleanUp();
  }

  get counters(): ChartCounters {
    return { ...this.#counters };
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#redraw();
  }

  async toImage(format: 'png' | 'svg' = 'png', scale = 1): Promise<string> {
    if (this.view === undefined) {
      throw new MillraceError('not-available', 'the chart is not ready; await chart.ready first');
    }
    return await this.view.toImageURL(format, scale);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#cleanUp();
    this.#tooltip?.dispose();
    this.#result?.finalize();
    this.#result = undefined;
    this.view = undefined;
    this.#backlog?.clear();
    this.#pool = new TuplePool();
    this.#stage.remove();
    this.#settle?.resolve();
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  /** Brings the newest rows to the screen. Called by the scheduler. */
  async draw(): Promise<void> {
    const { view } = this;
    if (view === undefined || this.#broken || (this.#paused && this.#drawnRows && !this.#resized)) return;
    try {
      const drew = this.#bringUpToDate(view);
      if (!drew) return;
      await view.runAsync();
      const { width, height } = this.#stage.size();
      if (this.view === view && this.#prepared!.single && overflows(view, width, height)) {
        await view.resize().runAsync();
      }
      if (this.view !== view) return;
      this.#tooltip?.refresh();
      this.#counters.drawn++;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Whether there is anything for the view to do. */
  #bringUpToDate(view: View): boolean {
    let dirty = false;
    if (this.#stale && !(this.#paused && this.#drawnRows)) {
      this.#stale = false;
      const backlog = this.#backlog!;
      const changes = this.#pool.renew(backlog, backlog.rows());
      if (changes.inserted.length + changes.removed.length + changes.modified.size > 0) {
        applyChanges(this.#vega!, view, dataName, changes);
        dirty = true;
      }
      if (!this.#drawnRows && this.#pool.size > 0) {
        this.#drawnRows = true;
        this.#stage.showPicture();
        this.#stage.clear();
        view.resize(); // laid out without labels until now
      }
    }
    if (this.#resized) {
      this.#resized = false;
      const { width, height } = this.#stage.size();
      if (this.#prepared!.single && (this.#width !== width || this.#height !== height)) {
        this.#width = width;
        this.#height = height;
        view.width(width).height(height).resize();
        dirty = true;
      }
    }
    const ink = this.#inkNow();
    if (ink !== this.#ink) {
      this.#ink = ink;
      view.signal(inkSignal, ink);
      dirty = true;
    }
    return dirty;
  }

  #width = 0;
  #height = 0;

  #inkNow(): string {
    const { theme = 'auto' } = this.#options;
    return theme === 'auto' ? this.#stage.ink : inks[theme];
  }

  #take(given: unknown): void {
    if (this.#disposed) return;
    this.#counters.updates++;
    try {
      const rows = rowsGiven(given);
      if ('record' in rows) {
        this.#counters.rows++;
        const values = [...rows.record.values()];
        // A first value of null does not say of which type the others will be.
        if (this.#broken || (this.#prepared === undefined && values.every((value) => value === null))) return;
        if (this.#prepared === undefined)
          this.#prepare([...rows.record].map(([name, value]) => plainField(name, value)));
        this.#backlog!.replaceByRecord(rows.record);
      } else for (const batch of rows.batches) this.#takeBatch(batch);
      if (!this.#broken && this.#prepared !== undefined) this.#took();
    } catch (error) {
      this.#fail(error, this.#prepared === undefined);
    }
  }

  #takeBatch(batch: Batch): void {
    this.#counters.rows += batch.length;
    if (this.#broken) return;
    if (this.#prepared === undefined) this.#prepare(batch.schema.fields.map(chartField));
    const backlog = this.#backlog!;
    if (this.#replaces) backlog.replace(batch);
    else backlog.append(batch);
    this.#warnOf(backlog, batch.length);
  }

  #took(): void {
    if (this.#drawnRows) this.#stage.clear();
    this.#redraw(true);
  }

  #redraw(stale = false): void {
    if (stale) this.#stale = true;
    if (!this.#disposed && this.view !== undefined) this.#scheduler.request(this);
  }

  /** Reads the specification against the fields of the frame, once, and starts to build the chart. */
  #prepare(fields: readonly ChartField[]): void {
    const { time, zone, tooltip, width, height } = this.#options;
    const names = fields.map((field) => field.name);
    if (time !== undefined && !names.includes(time)) {
      throw new SchemaError(
        'no-such-column',
        `no column ${quote(time)} for time among ${names.join(', ')}${didYouMean(time, names)}`,
      );
    }
    const byTime = this.#size.milliseconds !== undefined && !this.#replaces;
    const prepared = prepareSpec(this.#spec, {
      fields,
      zone,
      tooltip,
      keep: time === undefined ? [] : [time],
    });
    const key = time ?? prepared.time;
    if (byTime && key === undefined) {
      throw new MillraceError(
        'bad-option',
        `backlog ${quote(String(this.#options.backlog))} needs a time: put a temporal field on x, or name one by the option time`,
      );
    }
    this.#backlog = new Backlog({
      ...this.#size,
      rows: this.#replaces ? (this.#options.maxRows ?? 20_000) : this.#size.rows,
      milliseconds: byTime ? this.#size.milliseconds : undefined,
      fields: prepared.fields,
      time: key,
      orderBy: prepared.orderBy,
    });
    this.#pool = new TuplePool(prepared.groups, prepared.numbered ? rowNumber : undefined);
    this.#prepared = prepared;
    const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
    this.#stage.arrange({
      width: width ?? number(this.#spec.width),
      height: height ?? number(this.#spec.height),
      fitted: prepared.single,
    });
    this.#stage.describe(describe(this.#spec));
    for (const text of prepared.warnings) this.#warn(text);
    void this.#build(prepared); // reports failures itself
  }

  async #build(prepared: PreparedSpec): Promise<void> {
    try {
      const vega = await loadVega();
      if (this.#disposed) return;
      const { renderer = 'canvas', compiled = false } = this.#options;
      const { width, height } = this.#stage.size();
      this.#width = width;
      this.#height = height;
      this.#ink = this.#inkNow();
      const { spec } = prepared;
      for (const param of spec.params as { name: string; value: unknown }[]) {
        if (param.name === inkSignal) param.value = this.#ink;
      }
      if (prepared.single) {
        Object.assign(spec, { width, height, autosize: { type: 'fit', contains: 'padding' } });
      } else spec.autosize ??= { type: 'pad', resize: true };
      const names = new Set(prepared.fields.map(({ name }) => name));
      this.#tooltip = new Tooltip(this.#stage.host.ownerDocument, fieldText(prepared.utc));
      const result = await vega.embed(
        this.#stage.canvas,
        spec as never,
        embedOptions(
          {
            renderer,
            config: themeConfig(this.#stage.font, renderer === 'svg') as never,
            tooltip: this.#options.tooltip === false ? false : this.#tooltip.handler,
            logger: this.#logger(),
            patch: (vegaSpec) => shortenTests(vegaSpec as Json, names) as typeof vegaSpec,
          },
          compiled,
        ),
      );
      if (this.#disposed) {
        result.finalize();
        return;
      }
      if (this.#broken) throw new MillraceError('chart-failed', 'the chart could not be built');
      this.#vega = vega;
      this.#result = result;
      // Ticks of a sliding axis are forgotten after so many instead of ten thousand.
      (result.view as unknown as { cleanThreshold: number }).cleanThreshold = 200;
      this.view = result.view;
      this.#settle?.resolve();
      this.#resized = true;
      this.#redraw();
    } catch (error) {
      if (!this.#disposed) this.#fail(notDrawn(error), true);
    }
  }

  /** What Vega reports: errors are shown, warnings about empty data are no news. */
  #logger(): LoggerInterface {
    const logger: LoggerInterface = {
      level: ((level?: number) => (level === undefined ? 2 : logger)) as LoggerInterface['level'],
      error: (...args: readonly unknown[]) => {
        this.#fail(args[0]);
        return logger;
      },
      warn: (...args: readonly unknown[]) => {
        const text = args.map(String).join(' ');
        // Without rows, scales complain about their domains.
        if (this.#drawnRows && !text.startsWith('Infinite extent')) this.#warn(text);
        return logger;
      },
      info: () => logger,
      debug: () => logger,
    };
    return logger;
  }

  /** Shows and reports a failure; a final one ends the chart. */
  #fail(error: unknown, final = false): void {
    const failure =
      error instanceof MillraceError
        ? error
        : new MillraceError('chart-failed', asMillraceError(error).message, { cause: error });
    if (final) {
      this.#broken = true;
      this.#settle?.reject(failure);
    }
    if (this.#disposed) return;
    this.#stage.fail(failure.message);
    quietly(() => (this.#options.onError ?? reportUnheard)(failure));
  }

  #warnOf(backlog: Backlog, added: number): void {
    if (backlog.cut > 0) {
      const { maxRows = 20_000 } = this.#options;
      this.#warn(
        this.#replaces
          ? `a snapshot has more than ${maxRows} rows (maxRows); the chart draws the first ones`
          : `backlog ${quote(String(this.#options.backlog))} holds more than ${maxRows} rows (maxRows); the chart draws the newest`,
      );
    }
    for (const [k, { name, wide }] of this.#prepared!.fields.entries()) {
      if (!wide || this.#warned.has(wideText(name)) || added === 0) continue;
      const { numbers } = backlog.columns[k]!;
      for (let row = Math.max(backlog.start, backlog.end - added); row < backlog.end; row++) {
        if (Math.abs(numbers[row]!) > Number.MAX_SAFE_INTEGER) {
          this.#warn(wideText(name));
          break;
        }
      }
    }
  }

  #warn(text: string): void {
    if (this.#warned.has(text) || this.#warned.size > 50) return;
    this.#warned.add(text);
    const { onWarning = (warning: string) => console.warn(`millrace chart: ${warning}`) } = this.#options;
    onWarning(text);
  }

  #cleanUp(): void {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
  }
}

/** What Vega throws says nothing of where it comes from. */
function notDrawn(error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  const text = `Vega-Lite cannot draw this specification: ${asMillraceError(error).message}`;
  return new MillraceError('chart-failed', text, { cause: error });
}

function wideText(name: string): string {
  return `column ${quote(name)} has integers beyond 2^53, drawn as the nearest number`;
}

/** The text for those who do not see the picture. */
function describe({ description, title }: ChartSpec): string {
  if (typeof description === 'string') return description;
  const text = typeof title === 'object' && title !== null ? (title as { text?: PlainText }).text : title;
  return typeof text === 'string' ? `chart: ${text}` : 'chart';
}
