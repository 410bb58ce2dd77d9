import type { Duration } from '../core/duration.ts';
import type { MillraceError } from '../errors.ts';
import type { ChartTheme } from './theme.ts';

export interface ChartOptions {
  /**
   * How much of an append frame the chart keeps: a number of rows, or a duration such as `'2m'` back from the newest
   * time (not from the wall clock). Default: 1000 rows. A snapshot frame is drawn whole.
   */
  backlog?: number | Duration;
  /** The field that a duration is measured along. Default: the field on the temporal x axis. */
  time?: string;
  /** Most rows the chart takes, whatever `backlog` or a snapshot asks for. Default: 20 000. */
  maxRows?: number;
  /** What draws. Default: `'canvas'`. `'svg'` can be styled and read by screen readers, and is slower beyond some hundred marks. */
  renderer?: 'canvas' | 'svg';
  /** Colour of axes and text: that of the page's text around the chart (the default), or a fixed one. */
  theme?: ChartTheme;
  /**
   * Zone of time axes. Default: UTC for timestamps and dates, so nothing is shifted; the reader's own for plain numbers
   * of milliseconds such as `Date.now()`.
   */
  zone?: 'UTC' | 'local';
  /** `true`: shows the row under the pointer, for marks of one row. `false`: none. Default: what the specification says. */
  tooltip?: boolean;
  /** Width in pixels. Default: that of the specification, else of the element. */
  width?: number;
  /** Height in pixels. Default: that of the specification, else of the element where it has one, else 240. */
  height?: number;
  /** Shown until there are rows. Default: `'waiting for rows'`. */
  emptyText?: string;
  /**
   * Lets Vega compile its expressions to JavaScript, which needs `'unsafe-eval'` in the content security policy and is
   * up to twice as fast. Default `false`: expressions are interpreted.
   */
  compiled?: boolean;
  /** Removes the chart when aborted. */
  signal?: AbortSignal;
  /**
   * Told of each failure: a specification that does not compile, a batch that does not fit. The chart shows it too and
   * keeps its last picture; the next good batch clears it. Default: the global error event.
   */
  onError?: (error: MillraceError) => void;
  /** Told of what is drawn but unwise, once each. Default: `console.warn`. */
  onWarning?: (text: string) => void;
}
