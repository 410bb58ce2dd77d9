import { Bool, type DataType, Float64, Int32, Int64, TimestampNanosecond, Utf8 } from 'apache-arrow';
import fc from 'fast-check';
import type { AggregationDefinition } from '../../src/aggregate/aggregation.ts';
import * as definitions from '../../src/aggregate/index.ts';
import type {
  AggregateInput,
  AggregateResult,
  AggregateSpec,
  BoundAggregation,
} from '../../src/frame/aggregate-state.ts';
import type { Closed, WindowSpec } from '../../src/window/window-spec.ts';
import { column, valuesOf } from '../support/columns.ts';
import { exactMean, exactSum, exactVariance, quotient } from '../support/exact.ts';

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

const inputs: readonly { readonly name: 'f' | 'i' | 'w' | 'b'; readonly type: DataType }[] = [
  { name: 'f', type: new Float64() },
  { name: 'i', type: new Int32() },
  { name: 'w', type: new Int64() },
  { name: 'b', type: new Bool() },
];

interface Computed extends BoundAggregation {
  readonly method: string;
  /** Number of its first input. */
  readonly input: number;
}

/** Every aggregation over every input that it accepts. */
export const aggregations: readonly Computed[] = Object.values(
  definitions as unknown as Record<string, AggregationDefinition>,
).flatMap((definition) =>
  inputs.flatMap(({ type }, input) =>
    definition.accepts(type)
      ? [
          {
            method: definition.name,
            input,
            inputs: [input],
            bound: definition.bind(type, definition.options?.({}) ?? {}),
          },
        ]
      : [],
  ),
);

export const keyType: DataType = new TimestampNanosecond();

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
      column(
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

type Plain = number | bigint | boolean | null;

/** What one aggregation is over plain values. */
export function reduce(method: string, values: readonly Plain[]): Plain {
  if (method === 'size') return BigInt(values.length);
  const valid = values.filter((x) => x !== null && !Number.isNaN(x)) as (number | bigint | boolean)[];
  if (method === 'count') return BigInt(valid.length);
  if (method === 'min' || method === 'max') {
    if (valid.length === 0) return null;
    return valid.reduce((a, b) => ((method === 'min' ? b < a : b > a) ? b : a));
  }
  const whole = valid.every((x) => typeof x === 'bigint');
  const numbers = valid.map(Number);
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

function wholeVariance(values: readonly bigint[]): number {
  const n = BigInt(values.length);
  const sum = values.reduce((a, b) => a + b);
  const squares = values.reduce((a, b) => a + b * b, 0n);
  return quotient(n * squares - sum * sum, n * (n - 1n));
}

type Table = { keys: unknown[][]; values: Plain[][] };

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
    values: aggregations.map(({ method, input }) =>
      sorted.map((group) =>
        reduce(
          method,
          group.rows.map((row) => row[inputs[input]!.name]),
        ),
      ),
    ),
  };
}

/** Throws where `result` is not `table`: integers exactly, floats to a relative 1e-12. */
export function expectTable(result: AggregateResult, table: Table): void {
  const keys = result.keys.map((key) => valuesOf(key));
  if (JSON.stringify(keys) !== JSON.stringify(table.keys)) {
    throw new Error(`groups ${JSON.stringify(keys)}; wanted ${JSON.stringify(table.keys)}`);
  }
  for (const [k, { method, input }] of aggregations.entries()) {
    const got = valuesOf(result.values[k]!);
    for (const [row, want] of table.values[k]!.entries()) {
      if (isSame(got[row], want)) continue;
      const where = `${method} of ${inputs[input]!.name}, group ${row}`;
      throw new Error(`${where}: ${String(got[row])}; wanted ${String(want)}`);
    }
  }
}

function isSame(got: unknown, want: Plain): boolean {
  if (got === want || Object.is(got, want)) return true;
  if (typeof got === 'bigint' && typeof want === 'number') return isSame(Number(got), want);
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
