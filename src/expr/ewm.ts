import { shown } from '../core/check.ts';
import { type Duration, parseDuration } from '../core/duration.ts';
import { didYouMean, MillraceError, quote } from '../errors.ts';

/** How much weight rows lose with age: one of four ways to say it. */
type EwmDecay =
  | { readonly com: number; readonly span?: never; readonly halflife?: never; readonly alpha?: never }
  | { readonly span: number; readonly com?: never; readonly halflife?: never; readonly alpha?: never }
  | {
      readonly halflife: number | Duration;
      readonly com?: never;
      readonly span?: never;
      readonly alpha?: never;
    }
  | { readonly alpha: number; readonly com?: never; readonly span?: never; readonly halflife?: never };

/**
 * How fast rows lose weight, by exactly one of: `com`, the centre of mass, from 0 on: alpha = 1 / (1 + com); `span`, from 1 on:
 * alpha = 2 / (span + 1); `halflife`, above 0: the number of rows in which a weight halves, or, as a duration such as
 * `'5m'`, the time by the time key; `alpha`, above 0 up to 1: what a weight loses with each row.
 */
export type EwmOptions = EwmDecay & {
  /**
   * Default `true`: the mean is divided by the weights of the rows there have been. `false`: each row moves it by alpha of the
   * way; not with a halflife in time.
   */
  readonly adjust?: boolean | undefined;
  /** Whether rows without a value leave the weights as they are. Default `false`: they count as rows. */
  readonly ignoreNa?: boolean | undefined;
  /** Rows with a value before there is a result. Default 0, which is as good as 1. */
  readonly minPeriods?: number | undefined;
};

/** Options of `var` and `std`. */
export interface EwmSpreadOptions {
  /** Default `false`: corrected for what the mean takes up, as of a sample. */
  readonly bias?: boolean | undefined;
}

const decays = ['com', 'span', 'halflife', 'alpha'];
const others = ['adjust', 'ignoreNa', 'minPeriods'];

/** Exponentially weighted results, one for each row: of a column an expression or series, of a frame a frame. */
export class Ewm<R, Spread = R> {
  /** Not private, as frames are proxies. @internal */
  readonly $make: (fn: string, options: Readonly<Record<string, unknown>>) => unknown;
  /** @internal */
  readonly $options: Readonly<Record<string, unknown>>;

  /**
   * @param make makes the result of a running function.
   * @throws `bad-option`.
   */
  constructor(given: EwmOptions, make: (fn: string, options: Readonly<Record<string, unknown>>) => unknown) {
    this.$make = make;
    this.$options = ewmOptions(given);
  }

  /** The weighted mean. */
  mean(): R {
    return this.$make('ewm.mean', this.$options) as R;
  }

  /** The weighted variance; null for one row alone, of which only the biased one is known: 0. */
  var(options?: EwmSpreadOptions): Spread {
    return this.$spread('var', options);
  }

  /** The root of the variance. */
  std(options?: EwmSpreadOptions): Spread {
    return this.$spread('std', options);
  }

  /** @internal */
  $spread(name: string, options: EwmSpreadOptions = {}): Spread {
    for (const option of Object.keys(options)) {
      if (option === 'bias') continue;
      throw new MillraceError('bad-option', `${name} of ewm has no option ${quote(option)}; there is bias`);
    }
    return this.$make(`ewm.${name}`, { ...this.$options, ...options }) as Spread;
  }
}

function ewmOptions(given: EwmOptions): Record<string, unknown> {
  const of = given as Readonly<Record<string, unknown>>;
  if (typeof of !== 'object' || of === null) {
    throw new MillraceError('bad-option', `ewm takes an object of options, got ${shown(of)}`);
  }
  const all = [...decays, ...others];
  for (const name of Object.keys(of)) {
    if (all.includes(name)) continue;
    throw new MillraceError(
      'bad-option',
      `ewm has no option ${quote(name)}${didYouMean(name, all) || ';'} there are ${all.join(', ')}`,
    );
  }
  const asked = decays.filter((name) => of[name] !== undefined);
  if (asked.length !== 1) {
    throw new MillraceError(
      'bad-option',
      `ewm takes exactly one of com, span, halflife and alpha, got ${asked.join(' and ') || 'none'}`,
    );
  }
  checkDecay(asked[0]!, of[asked[0]!]);
  const { adjust, minPeriods } = given;
  const byTime = typeof given.halflife === 'string';
  if (byTime && adjust === false) {
    throw new MillraceError('bad-option', 'ewm: adjust: false is not available with a halflife in time');
  }
  if (minPeriods !== undefined && !(Number.isInteger(minPeriods) && minPeriods >= 0)) {
    throw new MillraceError(
      'bad-option',
      `minPeriods of ewm must be a whole number from 0 on, got ${shown(minPeriods)}`,
    );
  }
  return byTime ? { ...of, byTime } : { ...of };
}

const domains: Readonly<Record<string, readonly [isIn: (value: number) => boolean, text: string]>> = {
  com: [(value) => value >= 0, 'a number from 0 on'],
  span: [(value) => value >= 1, 'a number from 1 on'],
  halflife: [(value) => value > 0, 'a number of rows above 0, or a duration'],
  alpha: [(value) => value > 0 && value <= 1, 'above 0 and at most 1'],
};

function checkDecay(name: string, value: unknown): void {
  const [isIn, text] = domains[name]!;
  if (name === 'halflife' && typeof value === 'string') {
    if (parseDuration(value, 'halflife of ewm') > 0n) return;
  } else if (typeof value === 'number' && Number.isFinite(value) && isIn(value)) return;
  throw new MillraceError('bad-option', `${name} of ewm must be ${text}, got ${shown(value)}`);
}
