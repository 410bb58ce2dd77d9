import { Float64, TimestampMillisecond, Utf8 } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { col, type EwmOptions } from '../../src/index.ts';
import { column } from '../support/columns.ts';
import { cuts, type Given, results, rowsBefore } from './run.ts';

interface Oracle {
  readonly mean: number | null;
  readonly var: number | null;
  readonly biased: number | null;
}

/** The weighted mean and variance by their formulas, from the values and their weights. */
function direct(values: readonly number[], weights: readonly number[]): Oracle {
  const total = weights.reduce((a, b) => a + b, 0);
  if (values.length === 0) return { mean: null, var: null, biased: null };
  const origin = values[0]!;
  const shift = values.reduce((sum, x, i) => sum + (x - origin) * weights[i]!, 0) / total;
  const biased = values.reduce((sum, x, i) => sum + weights[i]! * (x - origin - shift) ** 2, 0) / total;
  let pairs = 0;
  for (let i = 0; i < weights.length; i++) for (let k = 0; k < i; k++) pairs += 2 * weights[i]! * weights[k]!;
  return { mean: origin + shift, biased, var: pairs > 0 ? (biased * total * total) / pairs : null };
}

/** The weights of rows as pandas defines them: of the rows `present`, seen from the last of `count` rows. */
function weightsOf(present: readonly number[], count: number, alpha: number, options: EwmOptions): number[] {
  const { adjust = true, ignoreNa = false } = options;
  const ages = present.map((row, i) => (ignoreNa ? present.length - 1 - i : count - 1 - row));
  if (adjust) return ages.map((age) => (1 - alpha) ** age);
  // Each row moves the mean: by alpha against what the old ones have left since the row before.
  let weights: number[] = [];
  for (let i = 0; i < present.length; i++) {
    const gap = i === 0 ? 0 : ignoreNa ? 1 : present[i]! - present[i - 1]!;
    const left = (1 - alpha) ** gap;
    const added = i === 0 ? 1 : alpha;
    const old = i === 0 ? 0 : left;
    weights = [...weights.map((w) => (w * old) / (old + added)), added / (old + added)];
  }
  return weights;
}

const value = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -400, max: 400 }).map((n) => n / 7) },
  { weight: 1, arbitrary: fc.constantFrom(null, Number.NaN, Infinity, -Infinity, 0, -0, 1e6) },
);
const rows = fc.array(fc.record({ x: value, k: fc.constantFrom('a', 'b', null) }), { maxLength: 50 });

/** Near enough, measured by the magnitude of what went in. */
function expectNear(actual: unknown, wanted: readonly (number | null)[], scale: readonly number[]): void {
  const own = actual as (number | null)[];
  expect(own.map((x) => x === null)).toEqual(wanted.map((x) => x === null));
  for (const [i, x] of own.entries()) {
    if (x === null) continue;
    expect(Math.abs(x - wanted[i]!)).toBeLessThanOrEqual(1e-12 * Math.max(Math.abs(wanted[i]!), scale[i]!));
  }
}

function isValue(x: number | null): boolean {
  return x !== null && Number.isFinite(x);
}

describe.each<EwmOptions>([
  { com: 1 },
  { span: 5 },
  { halflife: 2 },
  { alpha: 0.3 },
  { alpha: 1 },
  { com: 0 },
  { alpha: 0.001 },
  { alpha: 0.3, adjust: false },
  { alpha: 0.3, ignoreNa: true },
  { alpha: 0.5, adjust: false, ignoreNa: true, minPeriods: 3 },
])('%j', (options) => {
  const { com, span, halflife, alpha: given, minPeriods = 0 } = options;
  const alpha =
    given ??
    (com === undefined
      ? span === undefined
        ? 1 - 0.5 ** (1 / (halflife as number))
        : 2 / (span + 1)
      : 1 / (1 + com));

  test('mean, variance and deviation are those of the formula', () => {
    fc.assert(
      fc.property(rows, cuts, fc.boolean(), fc.nat(12), (all, lengths, grouped, handOver) => {
        const xs = all.map(({ x }) => x);
        const by = grouped ? all.map(({ k }) => k) : undefined;
        const wanted = xs.map((_, i) => {
          const own = rowsBefore(by, i);
          const present = own.flatMap((row, at) => (isValue(xs[row]!) ? [at] : []));
          const values = present.map((at) => xs[own[at]!] as number);
          if (values.length < minPeriods) return { mean: null, var: null, biased: null, size: 0 };
          // A weight of nothing is left out: alpha 1.
          const weights = weightsOf(present, own.length, alpha, options);
          return {
            ...direct(
              values,
              alpha === 1 ? values.map((__, k) => (k === values.length - 1 ? 1 : 0)) : weights,
            ),
            size: Math.max(0, ...values.map(Math.abs)),
          };
        });
        const result = (fn: string, more: object = {}): unknown => {
          const of: Given = {
            fn,
            options: { ...options, ...more },
            args: [column(new Float64(), xs)],
            by: by === undefined ? [] : [column(new Utf8(), by)],
          };
          return results(of, xs.length, lengths, handOver);
        };
        const size = wanted.map((w) => w.size);
        const squared = size.map((s) => s * s);
        expectNear(
          result('ewm.mean'),
          wanted.map((w) => w.mean),
          size,
        );
        expectNear(
          result('ewm.var'),
          wanted.map((w) => w.var),
          squared,
        );
        expectNear(
          result('ewm.var', { bias: true }),
          wanted.map((w) => w.biased),
          squared,
        );
        expectNear(
          (result('ewm.std') as (number | null)[]).map((x) => (x === null ? null : x * x)),
          wanted.map((w) => w.var),
          squared,
        );
      }),
      { numRuns: 40 },
    );
  });
});

test('a halflife in time weighs by the time key, late rows as if they had come in time', () => {
  const row = fc.record({ x: value, t: fc.nat(5000) });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), cuts, fc.nat(12), (all, lengths, handOver) => {
      const xs = all.map(({ x }) => x);
      const wanted = xs.map((_, i) => {
        const present = all.slice(0, i + 1).filter(({ x }) => isValue(x));
        const values = present.map(({ x }) => x as number);
        return {
          ...direct(
            values,
            present.map(({ t }) => 0.5 ** ((5000 - t) / 500)),
          ),
          size: Math.max(0, ...values.map(Math.abs)),
        };
      });
      const given: Given = {
        fn: 'ewm.mean',
        options: { halflife: '500ms', byTime: true },
        args: [column(new Float64(), xs)],
        order: column(
          new TimestampMillisecond(),
          all.map(({ t }) => t),
        ),
      };
      const size = wanted.map((w) => w.size);
      expectNear(
        results(given, xs.length, lengths, handOver),
        wanted.map((w) => w.mean),
        size,
      );
      const spread = results({ ...given, fn: 'ewm.var' }, xs.length, lengths, handOver);
      expectNear(
        spread,
        wanted.map((w) => w.var),
        size.map((s) => s * s),
      );
    }),
  );
});

test('differences of values far from zero keep their digits', () => {
  const xs = Array.from({ length: 400 }, (_, i) => 1e9 + ((i * 37) % 11) / 8);
  const weights = xs.map((_, i) => 0.9 ** (399 - i));
  const of = (fn: string): number =>
    results({ fn, options: { alpha: 0.1 }, args: [column(new Float64(), xs)] }, 400, []).at(-1) as number;
  const wanted = direct(xs, weights);
  expect(Math.abs(of('ewm.var') / wanted.var! - 1)).toBeLessThan(1e-12);
  expect(of('ewm.mean')).toBe(wanted.mean);
});

test('a series that does not change has no spread', () => {
  const args = [column(new Float64(), [0.1, 0.1, 0.1, 0.1])];
  expect(results({ fn: 'ewm.mean', options: { com: 3 }, args }, 4, [2])).toEqual([0.1, 0.1, 0.1, 0.1]);
  expect(results({ fn: 'ewm.var', options: { com: 3 }, args }, 4, [2])).toEqual([null, 0, 0, 0]);
});

test.each<[object, string]>([
  [{}, 'exactly one of com, span, halflife and alpha, got none'],
  [{ com: 1, alpha: 0.5 }, 'got com and alpha'],
  [{ alpha: 1.5 }, 'alpha of ewm must be above 0 and at most 1, got 1.5'],
  [{ alpha: 0 }, 'alpha of ewm must be above 0'],
  [{ span: 0.5 }, 'span of ewm must be a number from 1 on'],
  [{ com: -1 }, 'com of ewm must be a number from 0 on'],
  [{ com: Number.NaN }, 'com of ewm must be'],
  [{ halflife: 0 }, 'halflife of ewm must be a number of rows above 0, or a duration'],
  [{ halflife: '0s' }, 'halflife of ewm'],
  [{ halflife: 'soon' }, 'is not a duration'],
  [{ halflife: '5m', adjust: false }, 'adjust: false is not available with a halflife in time'],
  [{ halflif: 5 }, 'did you mean "halflife"?'],
  [{ com: 1, minPeriods: -1 }, 'minPeriods of ewm'],
])('refuses %j', (options, text) => {
  expect(() => col('x').ewm(options as EwmOptions)).toThrow(text);
});
