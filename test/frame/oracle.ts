import { Bool, type DataType, Field, Float64, Int32, Int64, TimestampNanosecond, Utf8 } from 'apache-arrow';
import fc from 'fast-check';
import type { AggregationDefinition } from '../../src/aggregate/aggregation.ts';
import * as definitions from '../../src/aggregate/index.ts';
import { fieldValue, plainNumber } from '../../src/columnar/nested.ts';
import type {
  AggregateInput,
  AggregateResult,
  AggregateSpec,
  BoundAggregation,
} from '../../src/frame/aggregate-state.ts';
import type { Closed, WindowSpec } from '../../src/window/window-spec.ts';
import { column, valuesOf } from '../support/columns.ts';
import { exact, exactMean, exactSum, exactVariance, quotient } from '../support/exact.ts';

/** One row of the history, in plain JavaScript. */
export interface Row {
  readonly t: bigint | null;
  readonly g: string | null;
  readonly h: number | null;
  readonly f: number | null;
  readonly i: number | null;
  readonly w: bigint | null;
  readonly b: boolean | null;
}

export const keyType: DataType = new TimestampNanosecond();

type InputName = 'f' | 'i' | 'w' | 'b' | 'g' | 't';

const inputs: readonly { readonly name: InputName; readonly type: DataType }[] = [
  { name: 'f', type: new Float64() },
  { name: 'i', type: new Int32() },
  { name: 'w', type: new Int64() },
  { name: 'b', type: new Bool() },
  { name: 'g', type: new Utf8() },
  { name: 't', type: keyType },
];

interface Computed extends BoundAggregation {
  readonly method: string;
  /** Number of its first input. */
  readonly input: number;
}

const edges = [-1e16, -3, 0, 1e6, 1e16];

/** Options without which nothing could be compared, or would be found. */
const optionsOf: Readonly<Record<string, object>> = {
  histogram: { edges },
  quantile: { q: 0.3 },
  approxQuantile: { q: 0.3 },
  topK: { k: 2 },
};

/** Of columns taken together, by name of the aggregation. */
const pairs: Readonly<Record<string, readonly (readonly [InputName, InputName])[]>> = {
  argmax: [
    ['g', 'f'],
    ['w', 'g'],
    ['f', 'w'],
  ],
  argmin: [
    ['g', 'i'],
    ['f', 'g'],
  ],
  corr: [['f', 'i']],
  cov: [
    ['f', 'i'],
    ['w', 'f'],
  ],
  linearFit: [['f', 'i']],
  rate: [['i', 't']],
  weightedMean: [['f', 'i']],
};

/** Estimates that are not those of all values even where these are few. */
const estimated = ['approxDistinct'];

const numberOf = (name: InputName): number => inputs.findIndex((input) => input.name === name);

/** Every aggregation over every input that it accepts. */
export const aggregations: readonly Computed[] = Object.values(
  definitions as unknown as Record<string, AggregationDefinition>,
).flatMap((definition): Computed[] => {
  const { name } = definition;
  if (estimated.includes(name)) return [];
  const given = optionsOf[name] ?? {};
  const options = definition.options?.(given) ?? given;
  const taken =
    (definition.inputs ?? 1) > 1
      ? pairs[name]!.map((pair) => pair.map(numberOf))
      : inputs.flatMap(({ type }, input) => (definition.accepts(type) ? [[input]] : []));
  return taken.map((numbers) => {
    const types = numbers.map((input) => inputs[input]!.type);
    const bound = definition.bind(types[0]!, options, types);
    return { method: name, input: numbers[0]!, inputs: numbers, bound };
  });
});

const groupings = {
  'no group': [],
  'one key': ['g'],
  'a composite key': ['g', 'h'],
} as const satisfies Record<string, readonly ('g' | 'h')[]>;

export type Grouping = keyof typeof groupings;
export const groupingNames = Object.keys(groupings) as Grouping[];

const groupTypes = { g: new Utf8(), h: new Float64() };

export function specOf(grouping: Grouping, window?: WindowSpec): AggregateSpec {
  return {
    aggregations,
    inputTypes: inputs.map(({ type }) => type),
    groupTypes: groupings[grouping].map((name) => groupTypes[name]),
    window,
  };
}

/** The columns of a batch. */
export function inputOf(rows: readonly Row[], grouping: Grouping): AggregateInput {
  return {
    length: rows.length,
    keys: groupings[grouping].map((name) =>
      column(
        groupTypes[name],
        rows.map((row) => row[name]),
      ),
    ),
    values: inputs.map(({ name, type }) =>
      name === 't'
        ? timestamps(rows.map(({ t }) => t))!
        : column(
            type,
            rows.map((row) => row[name]),
          ),
    ),
    order: timestamps(rows.map(({ t }) => t)),
  };
}

/** Without going through doubles, as apache-arrow's builder does. */
export function timestamps(keys: readonly (bigint | null)[]): AggregateInput['order'] {
  return { ...column(new Int64(), keys), type: keyType } as AggregateInput['order'];
}

/** Which rows of the whole history are in view, and how many were late or had no key. */
export function inView(
  history: readonly Row[],
  window: WindowSpec | undefined,
): { rows: readonly Row[]; late: number; rejected: number } {
  if (window === undefined) return { rows: history, late: 0, rejected: 0 };
  if ('rows' in window) return { rows: history.slice(-window.rows), late: 0, rejected: 0 };
  const { closed = 'right' } = window;
  const width = BigInt(window.width);
  const keyed = history.filter(({ t }) => t !== null);
  const above = (t: bigint, newest: bigint): boolean =>
    closed === 'left' || closed === 'both' ? t >= newest - width : t > newest - width;
  let newest: bigint | undefined;
  let late = 0;
  for (const { t } of keyed) {
    if (newest !== undefined && !above(t!, newest)) late++;
    if (newest === undefined || t! > newest) newest = t!;
  }
  const open = (closed as Closed) === 'left' || closed === 'neither';
  const rows = keyed.filter(({ t }) => above(t!, newest!) && !(open && t === newest));
  return { rows, late, rejected: history.length - keyed.length };
}

type Plain = number | bigint | boolean | string | null;
type Value = Exclude<Plain, null>;

const isMissing = (x: Plain): boolean => x === null || Number.isNaN(x);

function compareValues(a: Plain, b: Plain): number {
  return typeof a === 'string' ? compareCodePoints(a, b as string) : a! < b! ? -1 : a! > b! ? 1 : 0;
}

/** The first of those that none is before. */
function best<T>(values: readonly T[], isBefore: (a: T, b: T) => boolean): T | undefined {
  return values.length === 0 ? undefined : values.reduce((a, b) => (isBefore(b, a) ? b : a));
}

/** Values by how often they are there, of equal ones the smallest first. */
function frequencies(valid: readonly Value[]): { value: Value; count: number }[] {
  const counts = new Map<Value, number>();
  for (const x of valid) counts.set(x === 0 ? 0 : x, (counts.get(x === 0 ? 0 : x) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || compareValues(a.value, b.value));
}

/** What one aggregation is over plain values; numbers may be as far off as `within` says, of themselves by default. */
export function reduce(method: string, values: readonly Plain[]): unknown {
  if (method === 'size') return BigInt(values.length);
  const valid = values.filter((x) => !isMissing(x)) as Value[];
  const numbers = valid.map(Number);
  const inOrder = [...numbers].sort((a, b) => (a < b ? -1 : Number(a > b)));
  const at = (place: number): number => inOrder[place]! + 0;
  switch (method) {
    case 'count':
      return BigInt(valid.length);
    case 'min':
      return best(valid, (a, b) => compareValues(a, b) < 0) ?? null;
    case 'max':
      return best(valid, (a, b) => compareValues(a, b) > 0) ?? null;
    case 'first':
      return valid[0] ?? null;
    case 'last':
      return valid.at(-1) ?? null;
    case 'any':
      return valid.some(Boolean);
    case 'all':
      return valid.every(Boolean);
    case 'nunique':
      return BigInt(frequencies(valid).length);
    case 'mode':
      return frequencies(valid)[0]?.value ?? null;
    case 'topK':
      return frequencies(valid)
        .slice(0, 2)
        .map((top) => ({ ...top, error: 0 }));
    case 'ohlc':
      if (valid.length === 0) return null;
      return {
        open: valid[0],
        high: reduce('max', valid),
        low: reduce('min', valid),
        close: valid.at(-1),
      };
    case 'histogram':
      return edges
        .slice(1)
        .map(
          (to, k) =>
            numbers.filter((x) => x >= edges[k]! && (x < to || (k === edges.length - 2 && x === to))).length,
        );
    case 'median': {
      if (valid.length === 0) return null;
      const [a, b] = [at((valid.length - 1) >> 1), at(valid.length >> 1)];
      return a === b ? a : (a + b) / 2;
    }
    case 'quantile': {
      if (valid.length === 0) return null;
      const place = 0.3 * (valid.length - 1);
      const [a, b] = [at(Math.floor(place)), at(Math.ceil(place))];
      const part = place - Math.floor(place);
      return a === b ? a : close(part === 0 ? a : a * (1 - part) + b * part, Math.abs(a) + Math.abs(b));
    }
    case 'approxQuantile':
      if (valid.length === 0) return null;
      return { estimate: at(Math.floor(0.3 * (valid.length - 1))), error: 0 };
  }
  const whole = valid.every((x) => typeof x === 'bigint');
  const plus = numbers.includes(Infinity);
  const minus = numbers.includes(-Infinity);
  const infinite = plus || minus;
  const infinity = plus && minus ? Number.NaN : plus ? Infinity : -Infinity;
  if (method === 'sum') {
    if (whole && valid.length > 0) return (valid as bigint[]).reduce((a, b) => a + b, 0n);
    return infinite ? infinity : exactSum(numbers);
  }
  if (method === 'mean') {
    if (valid.length === 0) return null;
    if (whole)
      return quotient(
        (valid as bigint[]).reduce((a, b) => a + b),
        BigInt(valid.length),
      );
    return infinite ? infinity : exactMean(numbers);
  }
  if (valid.length < 2) return null;
  if (infinite) return Number.NaN;
  const variance = whole ? wholeVariance(valid as bigint[]) : exactVariance(numbers, 1);
  return method === 'std' ? Math.sqrt(variance) : variance;
}

/** The mean of times, to the nearest nanosecond, of two the later. */
function meanTime(times: readonly bigint[]): bigint | null {
  const n = BigInt(times.length);
  if (n === 0n) return null;
  return (2n * times.reduce((a, b) => a + b) + n) / (2n * n);
}

/** A number that may be a little off. */
interface Close {
  readonly near: number;
  readonly within: number;
}

const close = (near: number, size: number): Close => ({ near, within: 1e-12 * size });

/** What one aggregation is over the values of two columns. */
function reducePairs(method: string, all: readonly (readonly [Plain, Plain])[]): unknown {
  const rows = all.filter((row) => !row.some(isMissing)) as [Value, Value][];
  switch (method) {
    case 'argmin':
      return best(rows, ([, a], [, b]) => compareValues(a, b) < 0)?.[0] ?? null;
    case 'argmax':
      return best(rows, ([, a], [, b]) => compareValues(a, b) > 0)?.[0] ?? null;
    case 'rate': {
      const start = best(rows, ([, a], [, b]) => a < b);
      const end = best(rows, ([, a], [, b]) => a > b);
      if (start === undefined || start[1] === end![1]) return null;
      const change = Number(end![0]) - Number(start[0]);
      return (
        (change < 0 ? Number(end![0]) : change) / (Number((end![1] as bigint) - (start[1] as bigint)) / 1e9)
      );
    }
  }
  const xs = rows.map(([x]) => Number(x));
  const ys = rows.map(([, y]) => Number(y));
  if (method === 'weightedMean') {
    const weights = ys.reduce((a, b) => a + b, 0);
    if (weights === 0) return null;
    const terms = xs.map((x, k) => x * ys[k]!).filter((x) => !Number.isNaN(x));
    const plus = terms.includes(Infinity);
    const minus = terms.includes(-Infinity);
    if (plus || minus) return plus && minus ? Number.NaN : (plus ? Infinity : -Infinity) / weights;
    return close(exactSum(terms) / weights, Math.max(...terms.map(Math.abs)) / Math.abs(weights));
  }
  if (rows.length < 2) return null;
  const constant = (values: readonly number[]): boolean =>
    values.every((x) => x === values[0] && Number.isFinite(x));
  const infinite = [...xs, ...ys].some((x) => !Number.isFinite(x));
  if (method === 'cov') {
    if (infinite) return Number.NaN;
    return close(exactCovariance(xs, ys), Math.sqrt(exactVariance(xs, 1) * exactVariance(ys, 1)));
  }
  if (method === 'corr') {
    if (constant(xs) || constant(ys)) return null;
    if (infinite) return Number.NaN;
    return close(exactCovariance(xs, ys) / Math.sqrt(exactVariance(xs, 1) * exactVariance(ys, 1)), 1);
  }
  // linearFit of xs over ys
  if (constant(ys)) return null;
  const slope = exactCovariance(xs, ys) / exactVariance(ys, 1);
  const steep = Math.sqrt(exactVariance(xs, 1) / exactVariance(ys, 1));
  if (infinite) {
    return { slope: Number.NaN, intercept: Number.NaN, r2: Number.NaN, n: rows.length };
  }
  const [x, y] = [exactMean(xs), exactMean(ys)];
  return {
    slope: close(slope, steep),
    intercept: close(x - slope * y, Math.abs(x) + steep * Math.abs(y)),
    r2: close(constant(xs) ? 1 : (slope / steep) ** 2, 1),
    n: rows.length,
  };
}

/** (n Σxy - Σx Σy) / (n (n - 1)). */
function exactCovariance(xs: readonly number[], ys: readonly number[]): number {
  const n = BigInt(xs.length);
  const [ex, ey] = [xs, ys].map((values) => values.map((x) => (Number.isFinite(x) ? exact(x) : 0n))) as [
    bigint[],
    bigint[],
  ];
  const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
  return quotient(n * sum(ex.map((x, k) => x * ey[k]!)) - sum(ex) * sum(ey), (n * (n - 1n)) << 2148n);
}

function wholeVariance(values: readonly bigint[]): number {
  const n = BigInt(values.length);
  const sum = values.reduce((a, b) => a + b);
  const squares = values.reduce((a, b) => a + b * b, 0n);
  return quotient(n * squares - sum * sum, n * (n - 1n));
}

type Table = { keys: unknown[][]; values: unknown[][] };

function compareCodePoints(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const order = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
    if (order !== 0) return order;
  }
  return x.length - y.length;
}

function compareKeys(a: unknown, b: unknown): number {
  const rank = (x: unknown): number => (x === null ? 2 : Number.isNaN(x) ? 1 : 0);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (rank(a) > 0) return 0;
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

/** The answer, computed from all rows in view at once. */
export function expected(rows: readonly Row[], grouping: Grouping): Table {
  const names = groupings[grouping];
  const groups = new Map<string, { key: unknown[]; rows: Row[] }>();
  if (names.length === 0) groups.set('', { key: [], rows: [] });
  for (const row of rows) {
    const key = names.map((name) => (row[name] === 0 ? 0 : row[name]));
    if (key.includes(null)) continue;
    const id = key.map(String).join('|');
    const group = groups.get(id) ?? { key, rows: [] };
    group.rows.push(row);
    groups.set(id, group);
  }
  const sorted = [...groups.values()].sort(
    (a, b) => a.key.map((key, k) => compareKeys(key, b.key[k])).find((order) => order !== 0) ?? 0,
  );
  return {
    keys: names.map((_, k) => sorted.map(({ key }) => key[k])),
    values: aggregations.map(({ method, inputs: numbers }) =>
      sorted.map((group) => {
        const [x, y] = numbers.map((input) => group.rows.map((row) => row[inputs[input]!.name]));
        if (y !== undefined) {
          return reducePairs(
            method,
            x!.map((value, k) => [value, y[k]!]),
          );
        }
        if (method === 'mean' && inputs[numbers[0]!]!.name === 't')
          return meanTime(x!.filter((t) => t !== null) as bigint[]);
        return reduce(method, x!);
      }),
    ),
  };
}

/** Throws where `result` is not `table`: integers exactly, floats to a relative 1e-12. */
export function expectTable(result: AggregateResult, table: Table): void {
  const keys = result.keys.map((key) => valuesOf(key));
  if (JSON.stringify(keys) !== JSON.stringify(table.keys)) {
    throw new Error(`groups ${JSON.stringify(keys)}; wanted ${JSON.stringify(table.keys)}`);
  }
  for (const [k, { method, inputs: numbers, bound }] of aggregations.entries()) {
    const values = result.values[k]!;
    const field = new Field(
      '',
      bound.output,
      true,
      bound.output.children === null ? undefined : plainNumber(),
    );
    for (const [row, want] of table.values[k]!.entries()) {
      const got = fieldValue(field, values, row);
      if (isSame(got, want)) continue;
      const where = `${method} of ${numbers.map((input) => inputs[input]!.name).join(', ')}, group ${row}`;
      throw new Error(`${where}: ${show(got)}; wanted ${show(want)}`);
    }
  }
}

function show(value: unknown): string {
  if (typeof value !== 'object') return String(value);
  return JSON.stringify(value, (_, x: unknown) =>
    typeof x === 'bigint' ? `${x}n` : Number.isNaN(x) ? 'NaN' : x,
  );
}

function isClose(want: object): want is Close {
  return 'near' in want;
}

function isSame(got: unknown, want: unknown): boolean {
  if (got === want || Object.is(got, want)) return true;
  if (typeof want === 'object' && want !== null) {
    if (isClose(want))
      return (
        Object.is(got, want.near) || got === want.near || Math.abs((got as number) - want.near) <= want.within
      );
    if (typeof got !== 'object' || got === null) return false;
    const entries = Object.entries(want);
    return (
      Object.keys(got).length === entries.length &&
      entries.every(([name, value]) => isSame((got as Record<string, unknown>)[name], value))
    );
  }
  if (typeof got === 'bigint' && typeof want === 'number') return isSame(Number(got), want);
  if (typeof got === 'number' && typeof want === 'bigint') return BigInt(got) === want;
  if (typeof got !== 'number' || typeof want !== 'number') return false;
  return Math.abs(got - want) <= 1e-12 * Math.abs(want);
}

const start = 1_700_000_000_000_000_000n;

/** Rows whose keys go up with a jitter, with missing values of every kind, infinities and magnitudes apart. */
export const history: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      step: fc.constantFrom(0n, 0n, 1n, 3n),
      jitter: fc.constantFrom(0n, 0n, 0n, 1n, 4n, 15n),
      keyless: fc.integer({ min: 0, max: 15 }),
      g: fc.constantFrom('a', 'b', 'c', '😀', '\uE000', null),
      h: fc.constantFrom(0, -0, 1.5, Number.NaN, null),
      f: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: -1e9, max: 1e9 }).map((x) => x / 1024) },
        { weight: 2, arbitrary: fc.constantFrom(1e9 + 1, 1e9 + 2, 1e9 + 3, 1e16, -1e16) },
        { weight: 2, arbitrary: fc.constantFrom(null, Number.NaN) },
        { weight: 1, arbitrary: fc.constantFrom(Infinity, -Infinity) },
      ),
      i: fc.option(fc.integer()),
      w: fc.option(fc.bigInt({ min: -(2n ** 52n), max: 2n ** 52n })),
      b: fc.option(fc.boolean()),
    }),
    { maxLength: 60 },
  )
  .map((rows) => {
    let t = start;
    return rows.map(({ step, jitter, keyless, ...row }) => {
      t += step;
      return { ...row, t: keyless === 0 ? null : t - jitter };
    });
  });

/** Batches of these rows: empty ones, of one row, of many. */
export const batches: fc.Arbitrary<Row[][]> = history.chain((rows) =>
  fc.array(fc.nat(rows.length), { maxLength: 40 }).map((cuts) => {
    const ends = [...cuts.sort((a, b) => a - b), rows.length];
    return ends.map((end, k) => rows.slice(k === 0 ? 0 : ends[k - 1]!, end));
  }),
);
