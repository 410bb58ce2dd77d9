import type { Float64, Int32, TimestampMillisecond } from 'apache-arrow';
import { float64, int32, schema, timestamp } from '../columnar/schema.ts';
import { optionsOf } from '../core/check.ts';
import type { Clock } from '../core/clock.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { MillraceError } from '../errors.ts';
import type { Rows } from './from-periodic.ts';
import { PeriodicDataFrame, type PeriodicFrame } from './periodic-data-frame.ts';

export interface RandomOptions {
  /** Time between rows, at least a millisecond. Default `'100ms'`. */
  freq?: Duration | undefined;
  /** Time between batches. Default `'500ms'`. */
  interval?: Duration | undefined;
  /** Ends it when aborted. */
  signal?: AbortSignal | undefined;
  /** Default: the platform. */
  clock?: Clock | undefined;
}

/** The columns of `Random`. */
export type RandomColumns = { t: TimestampMillisecond; x: Float64; y: Int32; z: Float64 };

/**
 * Rows to try things with: `t`, the time key, at every multiple of `freq`; `x` even from 0 to 1; `y` a count that is 10 on
 * average (Poisson); `z` normal around 0 with deviation 1. Rows come while something listens.
 *
 * @throws `bad-option`.
 */
export function Random(options: RandomOptions = {}): PeriodicFrame<RandomColumns> {
  const given = optionsOf(options, ['freq', 'interval', 'signal', 'clock'], 'Random');
  const { freq = '100ms', interval = '500ms', signal, clock } = given;
  const step = durationMs(freq, 'freq of Random');
  if (!(step >= 1))
    throw new MillraceError('bad-option', `freq of Random must be at least '1ms', got ${freq}`);
  const rows = ({ last, now }: { readonly last: number; readonly now: number }): Rows => {
    const first = Math.floor(last / step) + 1;
    const t = Array.from(
      { length: Math.max(0, Math.floor(now / step) - first + 1) },
      (_, i) => (first + i) * step,
    );
    return { t, x: t.map(Math.random), y: t.map(poisson), z: t.map(normal) };
  };
  return new PeriodicDataFrame(rows, {
    schema: schema({ t: timestamp('ms'), x: float64, y: int32, z: float64 }),
    time: 't',
    interval,
    signal,
    clock,
  });
}

/** A count that is 10 on average. */
function poisson(): number {
  let count = 0;
  for (let left = Math.exp(10) * Math.random(); left > 1; left *= Math.random()) count++;
  return count;
}

/** By Box and Muller. */
function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
