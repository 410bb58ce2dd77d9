import type { DataType, Float64 } from 'apache-arrow';
import type { ExactInteger, FamilyOf, Unavailable } from '../columnar/type-families.ts';
import type { Duration } from '../core/duration.ts';
import { didYouMean, quote, SchemaError } from '../errors.ts';
import type { ExprFamily, Of, Totalled } from './operands.ts';

/** How long a rolling window is: rows, a range of the time key, or a range of another ordered column. */
export type RollingWindow<Name extends string = string> =
  | number
  | Duration
  | { readonly n: number }
  | {
      /** A duration such as `'2h'` where the key is a time; a number, or for 64-bit keys a bigint, in the key's unit else. */
      readonly value: Duration | number | bigint;
      /** Which ends belong to the window. Default `'right'`: (newest - value, newest]. */
      readonly closed?: 'right' | 'left' | 'both' | 'neither';
      /** The key. Default: the time key of the frame. */
      readonly on?: Name;
    };

export interface ExpandingOptions {
  /** A result of fewer valid values than this is null. Default 1; of `count` and `size` 0. */
  readonly minPeriods?: number | undefined;
}

export interface RollingOptions extends ExpandingOptions {
  /** The state to begin with, in place of no rows: one that `withState` of the same expression gave. */
  readonly start?: SavedRunning | undefined;
}

/**
 * What running expressions remember, by their texts (of equal ones the later are numbered), as plain data for `structuredClone`, `postMessage` and IndexedDB; JSON would lose the typed arrays.
 */
export interface SavedRunning {
  readonly version: 1;
  readonly states: Readonly<Record<string, unknown>>;
}

/** Where the values in a quantile lie between two rows: on a straight line (default), at one of them, or in their middle. */
export interface RollingQuantileOptions {
  readonly interpolation?: 'linear' | 'lower' | 'higher' | 'nearest' | 'midpoint' | undefined;
}

type NumbersOnly<D extends DataType, Method> = {
  unknown: Method;
  number: Method;
  int64: Method;
  bool: Method;
  'time-ms': Unavailable<'this aggregation is not available on columns of times'>;
  time: Unavailable<'this aggregation is not available on columns of times'>;
  string: Unavailable<'this aggregation is not available on utf8 columns'>;
  null: Unavailable<'this aggregation is not available on columns of nulls'>;
}[FamilyOf<D>];

type Ordered<D extends DataType, Method> =
  FamilyOf<D> extends 'string' | 'null' ? Unavailable<'this aggregation needs values in order'> : Method;

/**
 * The rows in a window that ends at each row: its aggregations are running expressions, with one result for each row, wherever the batches
 * are cut. The result of a row is the aggregation of the rows in view right after it came, itself included: the last rows, or those whose key lies
 * in the range below the greatest key so far. A late row counts while it is in view; one that is out of view already does not, and its result
 * is that of the window as it stands. A row whose key is null has none. Null and NaN are skipped, and are no valid values.
 *
 * `over` gives each group a window of its own. Keeps the rows in view, of one column; a few merges of states a row, whatever the
 * length of the window; O(log) for `median` and `quantile`.
 */
export interface Rolling<D extends DataType, F extends ExprFamily> {
  /** Sum, exact for integers. */
  readonly sum: NumbersOnly<D, () => Of<F, Totalled<D>>>;
  /** Mean. */
  readonly mean: NumbersOnly<D, () => Of<F, Float64>>;
  /** Smallest value. */
  readonly min: Ordered<D, () => Of<F, D>>;
  /** Largest value. */
  readonly max: Ordered<D, () => Of<F, D>>;
  /** Variance; null of fewer than `ddof` + 1 values. Default `ddof` 1. */
  readonly var: NumbersOnly<D, (options?: { readonly ddof?: number | undefined }) => Of<F, Float64>>;
  /** Standard deviation, by the rules of `var`. */
  readonly std: NumbersOnly<D, (options?: { readonly ddof?: number | undefined }) => Of<F, Float64>>;
  /** Middle one of the values in order, or the mean of the two in the middle; 64-bit integers as the nearest doubles. */
  readonly median: NumbersOnly<D, () => Of<F, Float64>>;
  /** The value that a part `q` of the values lies below; `q` from 0 to 1. */
  readonly quantile: NumbersOnly<D, (q: number, options?: RollingQuantileOptions) => Of<F, Float64>>;
  /** Number of valid values. */
  count(): Of<F, ExactInteger>;
  /** Number of rows in view, missing values included. */
  size(): Of<F, ExactInteger>;
  /** Any built-in aggregation of one column, by its name. */
  agg(name: string, options?: object): Of<F, DataType>;
}

/** Makes the running expression of an aggregation. */
export type MakeRolling = (options: Readonly<Record<string, unknown>>) => unknown;

class RollingMethods {
  readonly #make: MakeRolling;
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(options: Readonly<Record<string, unknown>>, make: MakeRolling) {
    this.#options = options;
    this.#make = make;
  }

  sum(options?: object): unknown {
    return this.agg('sum', options);
  }
  mean(options?: object): unknown {
    return this.agg('mean', options);
  }
  min(options?: object): unknown {
    return this.agg('min', options);
  }
  max(options?: object): unknown {
    return this.agg('max', options);
  }
  var(options?: object): unknown {
    return this.agg('var', options);
  }
  std(options?: object): unknown {
    return this.agg('std', options);
  }
  count(options?: object): unknown {
    return this.agg('count', options);
  }
  size(options?: object): unknown {
    return this.agg('size', options);
  }
  median(options?: object): unknown {
    return this.agg('median', options);
  }
  quantile(q: number, options?: object): unknown {
    return this.agg('quantile', { q, ...options });
  }
  agg(aggregation: string, options: object = {}): unknown {
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    return this.#make({
      ...this.#options,
      aggregation,
      ...(given.length === 0 ? {} : { options: Object.fromEntries(given) }),
    });
  }
}

/** The aggregations over a window whose options are `options`. */
export function rollingOf<D extends DataType, F extends ExprFamily>(
  options: Readonly<Record<string, unknown>>,
  make: MakeRolling,
): Rolling<D, F> {
  return new RollingMethods(options, make) as unknown as Rolling<D, F>;
}

/** The options of a rolling function as an expression keeps them. @throws `bad-option`. */
export function rollingOptions(
  window: RollingWindow,
  options: RollingOptions = {},
): Readonly<Record<string, unknown>> {
  return {
    window:
      typeof window === 'number' ? { n: window } : typeof window === 'string' ? { value: window } : window,
    ...checkedOptions('rolling', options, ['minPeriods', 'start']),
  };
}

/** The same without a window. */
export function expandingOptions(options: ExpandingOptions = {}): Readonly<Record<string, unknown>> {
  return checkedOptions('expanding', options, ['minPeriods']);
}

function checkedOptions(
  name: string,
  options: ExpandingOptions,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof options !== 'object' || options === null)
    throw new SchemaError('bad-option', `${name} takes an object of options, got ${String(options)}`);
  for (const option of Object.keys(options)) {
    if (known.includes(option)) continue;
    throw new SchemaError(
      'bad-option',
      `${name} has no option ${quote(option)}${didYouMean(option, known) || ';'} there are ${known.join(', ')}`,
    );
  }
  const { minPeriods } = options;
  if (minPeriods !== undefined && !(Number.isSafeInteger(minPeriods) && minPeriods >= 0)) {
    throw new SchemaError(
      'bad-option',
      `${name}: minPeriods must be a whole number of at least 0, got ${String(minPeriods)}`,
    );
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
