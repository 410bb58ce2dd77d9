import { float64, int32, StreamingDataFrame, schema, toRows } from '../../src/index.ts';
import { randomFrom } from '../../src/testing/random.ts';
import { exact, exactMean, exactSum, exactVariance } from '../support/exact.ts';

const groups = 5;
const S = schema({ g: int32, x: float64, w: float64 });

/** Every aggregation of floats that slides, with what it must be of the rows in view. */
const spec = {
  sum: ['x', 'sum'],
  mean: ['x', 'mean'],
  var: ['x', 'var'],
  std: ['x', 'std'],
  population: ['x', 'var', { ddof: 0 }],
  min: ['x', 'min'],
  max: ['x', 'max'],
  median: ['x', 'median'],
  count: ['x', 'count'],
  first: ['x', 'first'],
  last: ['x', 'last'],
  weighted: [['x', 'w'], 'weightedMean'],
  cov: [['x', 'w'], 'cov'],
  corr: [['x', 'w'], 'corr'],
  fit: [['x', 'w'], 'linearFit'],
} as const;

type Results = Readonly<Record<string, unknown>>;

export interface SlidingOptions {
  readonly rows: number;
  readonly window: number;
  /** How many rows a batch has at most. */
  readonly batch: number;
  /** After how many rows the results are compared. */
  readonly every: number;
  readonly seed: number;
}

/** How many times results were compared, and the greatest relative error. */
export interface Compared {
  readonly times: number;
  readonly error: number;
  readonly where: string;
}

/**
 * Sends rows through a window, plain and by groups: values of all sizes, with stretches of spikes of 1e16, of infinities and of NaN, which
 * are out of view at the places compared, and at some are in view.
 */
export function slide({ rows, window, batch, every, seed }: SlidingOptions): Compared {
  const random = randomFrom(seed);
  const df = new StreamingDataFrame({ schema: S });
  const plain = df.window(window).agg(spec);
  const grouped = df.window(window).groupby('g').agg(spec);
  const [gs, xs, ws] = [new Int32Array(window), new Float64Array(window), new Float64Array(window)];
  let found: Compared = { times: 0, error: 0, where: '' };
  let next = every;
  for (let from = 0; from < rows; ) {
    const length = Math.min(1 + random(batch), rows - from, next - from);
    const g = new Int32Array(length);
    const x = new Float64Array(length);
    const w = new Float64Array(length);
    for (let i = 0; i < length; i++) {
      const at = (from + i) % window;
      g[i] = gs[at] = random(groups);
      x[i] = xs[at] = valueAt(from + i, window, random);
      w[i] = ws[at] = 600 + random(1000) / 64 + (Math.abs(x[i]!) < 1000 ? x[i]! / 2 : 0);
    }
    void df.emit({ g, x, w });
    from += length;
    if (from < next && from < rows) continue;
    next += every;
    const order = Array.from({ length: Math.min(from, window) }, (_, i) =>
      from < window ? i : (from + i) % window,
    );
    found = worst(found, plain.current as Results, order, xs, ws, `row ${from}`);
    for (const row of toRows(grouped.current!) as Results[]) {
      const own = order.filter((at) => gs[at] === row.g);
      found = worst(found, row, own, xs, ws, `row ${from}, group ${String(row.g)}`);
    }
  }
  df.dispose();
  return found;
}

/** Numbers of some size, and in turns of seven windows one with a stretch of great ones, of infinities, or of NaN. */
function valueAt(row: number, window: number, random: (below: number) => number): number {
  const x = (random(2_000_001) - 1_000_000) / 1024;
  const turn = Math.floor(row / window) % 7;
  if (random(window) >= 8) return x;
  if (turn === 1) return random(2) === 0 ? 1e16 : -1e16;
  if (turn === 3) return random(2) === 0 ? Infinity : -Infinity;
  if (turn === 5) return Number.NaN;
  return x;
}

function worst(
  found: Compared,
  got: Results,
  order: readonly number[],
  xs: Float64Array,
  ws: Float64Array,
  place: string,
): Compared {
  const wanted = recomputed(
    order.map((at) => xs[at]!),
    order.map((at) => ws[at]!),
  );
  let { times, error, where } = found;
  for (const [name, value] of Object.entries(wanted)) {
    times++;
    const off = errorOf(got[name], value);
    if (off > error || Number.isNaN(off)) {
      error = Number.isNaN(off) ? Infinity : off;
      where = `${place}: ${name} is ${JSON.stringify(got[name])}, recomputed ${JSON.stringify(value)}`;
    }
  }
  return { times, error, where };
}

function errorOf(got: unknown, wanted: unknown): number {
  if (Object.is(got, wanted) || got === wanted) return 0;
  if (typeof got === 'object' && typeof wanted === 'object' && got !== null && wanted !== null) {
    return Math.max(...Object.entries(wanted).map(([key, value]) => errorOf((got as Results)[key], value)));
  }
  if (typeof got !== 'number' || typeof wanted !== 'number') return Infinity;
  const off = Math.abs(got - wanted) / Math.abs(wanted);
  return Number.isFinite(off) ? off : Infinity;
}

/** All of it from the rows in view, without rounding until the end. */
function recomputed(x: readonly number[], w: readonly number[]): Results {
  const at = x.flatMap((value, i) => (Number.isNaN(value) ? [] : [i]));
  const [xs, ws] = [at.map((i) => x[i]!), at.map((i) => w[i]!)];
  const finite = xs.every(Number.isFinite);
  const infinite = xs.filter((value) => !Number.isFinite(value));
  const infinity =
    infinite.length === 0 ? 0 : infinite.every((value) => value === infinite[0]) ? infinite[0]! : Number.NaN;
  const sorted = Float64Array.from(xs).sort();
  const [low, high] = [sorted[(xs.length - 1) >> 1]!, sorted[xs.length >> 1]!];
  const spread = (ddof: number): number => (finite ? exactVariance(xs, ddof) : Number.NaN);
  return {
    sum: finite ? exactSum(xs) : infinity,
    mean: finite ? exactMean(xs) : infinity,
    var: spread(1),
    std: Math.sqrt(spread(1)),
    population: spread(0),
    min: sorted[0],
    max: sorted.at(-1),
    median: low === high ? low : (low + high) / 2,
    count: xs.length,
    first: xs[0],
    last: xs.at(-1),
    weighted: finite ? weightedMean(xs, ws) : infinity,
    ...(finite ? coMoments(xs, ws) : { cov: Number.NaN }),
  };
}

const scale = 1n << 1074n;

function ratio(a: bigint, b: bigint): number {
  // 200 bits beyond the point, whatever the sizes.
  const sign = a < 0n !== b < 0n ? -1 : 1;
  const [n, d] = [a < 0n ? -a : a, b < 0n ? -b : b];
  if (n === 0n) return 0;
  const shift = BigInt(d.toString(16).length * 4 - n.toString(16).length * 4 + 80);
  const q = shift >= 0n ? (n << shift) / d : n / (d << -shift);
  return sign * Number(q) * 2 ** -Number(shift);
}

function weightedMean(xs: readonly number[], ws: readonly number[]): number {
  let [top, bottom] = [0n, 0n];
  for (const [i, x] of xs.entries()) {
    top += exact(x) * exact(ws[i]!);
    bottom += exact(ws[i]!);
  }
  return ratio(top, bottom * scale);
}

function coMoments(xs: readonly number[], ys: readonly number[]): Results {
  const n = BigInt(xs.length);
  let [sx, sy, sxx, syy, sxy] = [0n, 0n, 0n, 0n, 0n];
  for (const [i, x] of xs.entries()) {
    const [a, b] = [exact(x), exact(ys[i]!)];
    sx += a;
    sy += b;
    sxx += a * a;
    syy += b * b;
    sxy += a * b;
  }
  const xy = n * sxy - sx * sy;
  const xx = n * sxx - sx * sx;
  const yy = n * syy - sy * sy;
  return {
    cov: ratio(xy, n * (n - 1n) * scale * scale),
    fit: { slope: ratio(xy, yy), n: xs.length },
    corr: Math.sign(Number(xy > 0n) - 0.5) * Math.sqrt(ratio(xy * xy, xx * yy)),
  };
}
