import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bool,
  col,
  float64,
  int32,
  int64,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
} from '../../src/index.ts';
import { reduce } from '../frame/oracle.ts';

const S = schema({ t: timestamp('ns'), k: utf8, f: float64, i: int32, w: int64, b: bool });

interface Row {
  readonly t: bigint | null;
  readonly k: string | null;
  readonly f: number | null;
  readonly i: number | null;
  readonly w: bigint | null;
  readonly b: boolean | null;
}

type Value = number | bigint | boolean | null;
type Closed = 'right' | 'left' | 'both' | 'neither';
type Window = number | { readonly value: number; readonly closed: Closed };

/** The rows in view of each row by the definition; `undefined` where the row has no result at all. */
function views(rows: readonly Row[], window: Window, grouped: boolean): (readonly Row[] | undefined)[] {
  return rows.map((row, i) => {
    if (grouped && row.k === null) return undefined;
    const own = rows.slice(0, i + 1).filter(({ k }) => !grouped || k === row.k);
    if (typeof window === 'number') return own.slice(-window);
    if (row.t === null) return undefined;
    const width = BigInt(window.value);
    const left = window.closed === 'left' || window.closed === 'both';
    const right = window.closed === 'right' || window.closed === 'both';
    const isIn = (t: bigint, newest: bigint): boolean => (left ? t >= newest - width : t > newest - width);
    let newest: bigint | undefined;
    const seen: Row[] = [];
    for (const other of own) {
      if (other.t === null) continue;
      if (newest !== undefined && other.t < newest && !isIn(other.t, newest)) continue;
      if (newest === undefined || other.t > newest) newest = other.t;
      seen.push(other);
    }
    return seen.filter(({ t }) => isIn(t!, newest!) && (right || t! < newest!));
  });
}

const isValid = (value: Value): boolean => value !== null && !Number.isNaN(value);

function quantile(values: readonly Value[], q: number): number | null {
  const sorted = (values.filter(isValid) as (number | bigint)[]).map(Number).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const place = (sorted.length - 1) * q;
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  if (below === above) return below;
  const part = place - Math.floor(place);
  return Number.isFinite(above - below)
    ? below + (above - below) * part
    : part === 0
      ? below
      : below * (1 - part) + above * part;
}

const columns = ['f', 'i', 'w', 'b'] as const;
const functions = ['sum', 'mean', 'min', 'max', 'var', 'std', 'count', 'size', 'median', 'quantile'] as const;

function expected(
  rows: readonly Row[],
  window: Window,
  grouped: boolean,
  column: (typeof columns)[number],
  fn: string,
  minPeriods: number | undefined,
): Value[] {
  return views(rows, window, grouped).map((view) => {
    if (view === undefined) return null;
    const values = view.map((row) => row[column]);
    const least = minPeriods ?? (fn === 'count' || fn === 'size' ? 0 : 1);
    if (values.filter(isValid).length < least) return null;
    if (fn === 'median' || fn === 'quantile') return quantile(values, fn === 'median' ? 0.5 : 0.25);
    const whole = values.map((x) => (typeof x === 'boolean' ? BigInt(x) : x));
    const plain = column === 'i' ? whole.map((x) => (x === null ? null : BigInt(x as number))) : whole;
    return reduce(fn, column === 'b' && (fn === 'min' || fn === 'max') ? values : plain);
  });
}

function same(got: unknown, want: Value): boolean {
  if (got === want || Object.is(got, want)) return true;
  if (typeof got === 'bigint' || typeof want === 'bigint') return Number(got) === Number(want);
  if (typeof got !== 'number' || typeof want !== 'number') return false;
  if (got === want) return true; // -0 and 0
  return Math.abs(got - want) <= 1e-12 * Math.abs(want);
}

function check(got: readonly unknown[], want: readonly Value[], what: string): void {
  if (got.length !== want.length) throw new Error(`${what}: ${got.length} rows; wanted ${want.length}`);
  for (let i = 0; i < want.length; i++) {
    if (!same(got[i], want[i]!))
      throw new Error(`${what}, row ${i}: ${String(got[i])}; wanted ${String(want[i])}`);
  }
}

const rowsOf = (jitters: readonly bigint[]): fc.Arbitrary<Row[]> =>
  fc
    .array(
      fc.record({
        step: fc.constantFrom(0n, 0n, 1n, 3n),
        jitter: fc.constantFrom(...jitters),
        keyless: fc.integer({ min: 0, max: 15 }),
        k: fc.constantFrom('a', 'b', 'c', null),
        f: fc.oneof(
          { weight: 6, arbitrary: fc.integer({ min: -1e9, max: 1e9 }).map((x) => x / 1024) },
          { weight: 2, arbitrary: fc.constantFrom(1e9 + 1, 1e9 + 2, 1e16, -1e16, -0) },
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
      let t = 1_700_000_000_000_000_000n;
      return rows.map(({ step, jitter, keyless, ...row }) => {
        t += step;
        return { ...row, t: keyless === 0 ? null : t - jitter };
      });
    });

function cut<T>(rows: readonly T[], cuts: readonly number[]): T[][] {
  const ends = [...cuts.map((at) => at % (rows.length + 1)).sort((a, b) => a - b), rows.length];
  return ends.map((end, k) => rows.slice(k === 0 ? 0 : ends[k - 1]!, end));
}

const cuts = fc.array(fc.nat(60), { maxLength: 30 });

interface Frame {
  readonly stream: { sink(fn: (batch: never) => void): unknown };
}

/** What comes out by columns, and how many rows each emission had. */
function follow(frame: Frame): { readonly columns: Record<string, unknown[]>; readonly lengths: number[] } {
  const out: Record<string, unknown[]> = {};
  const lengths: number[] = [];
  frame.stream.sink((batch: never) => {
    const rows = toRows(batch) as Record<string, unknown>[];
    lengths.push(rows.length);
    for (const row of rows) for (const [name, value] of Object.entries(row)) (out[name] ??= []).push(value);
  });
  return { columns: out, lengths };
}

interface AnyRolling {
  readonly [fn: string]: (...args: unknown[]) => never;
}

function everything(
  df: StreamingDataFrame<(typeof S)['fields'] extends never ? never : never>,
  window: Window,
  grouped: boolean,
  minPeriods?: number,
): Frame {
  return (df as unknown as StreamingDataFrame).assign((row) => {
    const made: Record<string, never> = {};
    for (const column of columns) {
      for (const fn of functions) {
        const options = minPeriods === undefined ? {} : { minPeriods };
        const of = row[column]!.rolling(
          typeof window === 'number'
            ? window
            : { value: `${window.value}ns` as never, closed: window.closed },
          options,
        ) as unknown as AnyRolling;
        const result = fn === 'quantile' ? of.quantile!(0.25) : of[fn]!();
        made[`${column} ${fn}`] = (
          grouped ? (result as { over(k: unknown): never }).over(row.k) : result
        ) as never;
      }
    }
    return made;
  }) as never;
}

const windows = fc.oneof(
  fc.constantFrom(1, 2, 3, 7, 1000),
  fc.record({
    value: fc.constantFrom(1, 2, 5, 20),
    closed: fc.constantFrom<Closed>('right', 'right', 'left', 'both', 'neither'),
  }),
) as fc.Arbitrary<Window>;

describe('rolling', () => {
  test.each([
    ['in order', [0n]],
    ['a little late', [0n, 0n, 1n, 4n]],
    ['anywhere', [0n, 3n, 9n, 15n, 30n]],
  ] as const)('is the aggregation of the rows in view right after each row, keys %s', (_, jitters) => {
    fc.assert(
      fc.property(
        rowsOf(jitters),
        cuts,
        windows,
        fc.boolean(),
        fc.constantFrom(undefined, 0, 1),
        (rows, at, window, grouped, minPeriods) => {
          const df = new StreamingDataFrame({ schema: S, time: 't' });
          const { columns: out, lengths } = follow(everything(df as never, window, grouped, minPeriods));
          const batches = cut(rows, at);
          for (const batch of batches) df.emit(batch);
          expect(lengths).toEqual(batches.map(({ length }) => length));
          for (const column of columns) {
            for (const fn of functions) {
              const want = expected(rows, window, grouped, column, fn, minPeriods);
              check(out[`${column} ${fn}`] ?? [], want, `${column} ${fn}`);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
void [col, int32];
