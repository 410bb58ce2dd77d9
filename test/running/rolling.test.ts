import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bool,
  col,
  decimal,
  float64,
  int32,
  int64,
  type SavedRunning,
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
  seen: readonly (readonly Row[] | undefined)[],
  column: (typeof columns)[number],
  fn: string,
  minPeriods: number | undefined,
): Value[] {
  return seen.map((view) => {
    if (view === undefined) return null;
    const values = view.map((row) => row[column]);
    const least = minPeriods ?? (fn === 'count' || fn === 'size' ? 0 : 1);
    if (values.filter(isValid).length < least) return null;
    if (fn === 'median' || fn === 'quantile') return quantile(values, fn === 'median' ? 0.5 : 0.25);
    const whole = values.map((x) => (typeof x === 'boolean' ? BigInt(x) : x));
    const plain = column === 'i' ? whole.map((x) => (x === null ? null : BigInt(x as number))) : whole;
    return reduce(fn, column === 'b' && (fn === 'min' || fn === 'max') ? values : plain) as Value;
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
function follow(frame: object): { readonly columns: Record<string, unknown[]>; readonly lengths: number[] } {
  const out: Record<string, unknown[]> = {};
  const lengths: number[] = [];
  (frame as Frame).stream.sink((batch: never) => {
    const rows = toRows(batch) as Record<string, unknown>[];
    lengths.push(rows.length);
    for (const row of rows) {
      for (const [name, value] of Object.entries(row)) {
        out[name] ??= [];
        out[name].push(value);
      }
    }
  });
  return { columns: out, lengths };
}

interface AnyRolling {
  readonly [fn: string]: (...args: unknown[]) => never;
}

function everything(df: object, window: Window, grouped: boolean, minPeriods?: number): Frame {
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
          const { columns: out, lengths } = follow(everything(df, window, grouped, minPeriods));
          const batches = cut(rows, at);
          for (const batch of batches) df.emit(batch);
          expect(lengths).toEqual(batches.map(({ length }) => length));
          const seen = views(rows, window, grouped);
          for (const column of columns) {
            for (const fn of functions) {
              const want = expected(seen, column, fn, minPeriods);
              check(out[`${column} ${fn}`] ?? [], want, `${column} ${fn}`);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('of each group is the same as that group by itself', () => {
    const df = new StreamingDataFrame({ schema: schema({ t: int32, k: utf8, x: float64 }), time: 't' });
    const out = follow(df.assign({ m: df.x.rolling(2).sum().over(df.k), n: (r) => r.x.rolling(2).sum() }));
    df.emit([
      { t: 1, k: 'a', x: 1 },
      { t: 2, k: 'b', x: 10 },
    ]);
    df.emit([
      { t: 3, k: 'a', x: 2 },
      { t: 4, k: null, x: 100 },
      { t: 5, k: 'a', x: 4 },
    ]);
    expect(out.columns.m).toEqual([1, 10, 3, null, 6]);
    expect(out.columns.n).toEqual([1, 11, 12, 102, 104]);
  });

  test('needs as many valid values as minPeriods says, by default one, to count none', () => {
    const df = new StreamingDataFrame({ schema: schema({ x: float64 }) });
    const out = follow(
      df.assign({
        a: df.x.rolling(3).mean(),
        b: df.x.rolling(3, { minPeriods: 2 }).mean(),
        c: df.rolling(3).x.count(),
        d: df.x.rolling(3, { minPeriods: 2 }).count(),
        e: df.x.rolling(3, { minPeriods: 0 }).sum(),
      }),
    );
    df.emit([null, 1, Number.NaN, 3, null, null, null].map((x) => ({ x })));
    expect(out.columns).toMatchObject({
      a: [null, 1, 1, 2, 3, 3, null],
      b: [null, null, null, 2, null, null, null],
      c: [0, 1, 1, 2, 1, 1, 0],
      d: [null, null, null, 2, null, null, null],
      e: [0, 1, 1, 4, 3, 3, 0],
    });
  });

  test('of a frame has the time key and each column that the aggregation takes, and feeds what comes after', () => {
    const df = new StreamingDataFrame({
      schema: schema({ k: utf8, x: float64, t: int32, n: int32 }),
      time: 't',
    });
    const mean = df.rolling({ value: 2 }).mean();
    const median = df.rolling(2).median();
    const high = df.rolling(2).agg({ lo: ['x', 'min'], hi: ['x', 'max'], rows: 'size', q: ['n', 'median'] });
    const greatest = mean.x.max();
    const filtered = follow(mean.filter((r) => r.x.gt(1)).assign({ twice: (r) => r.x.mul(2) }));
    expect(mean.columns).toEqual(['t', 'x', 'n']);
    expect(median.columns).toEqual(['t', 'x', 'n']);
    df.emit([
      { k: 'a', x: 1, t: 1, n: 1 },
      { k: 'b', x: 3, t: 2, n: 5 },
      { k: 'c', x: 8, t: 9, n: 7 },
    ]);
    expect(toRows(high.current!)).toEqual([
      { t: 1, lo: 1, hi: 1, rows: 1, q: 1 },
      { t: 2, lo: 1, hi: 3, rows: 2, q: 3 },
      { t: 9, lo: 3, hi: 8, rows: 2, q: 6 },
    ]);
    expect(greatest.current).toBe(8);
    expect(filtered.columns).toEqual({ t: [2, 9], x: [2, 8], n: [3, 7], twice: [4, 16] });
  });

  test('of groups has the keys, too, and one result for each row', () => {
    const df = new StreamingDataFrame({ schema: schema({ k: utf8, x: float64, n: int32 }) });
    const all = follow(df.groupby('k').rolling(2).sum());
    const one = follow(df.assign({ m: df.groupby('k').rolling(2).x.sum() }));
    const kept = follow(df.groupby('k', { dropna: false }).rolling(2).sum());
    const agg = follow(
      df
        .groupby((r) => r.n.mod(2))
        .rolling(2)
        .agg({ last: ['x', 'max'] }),
    );
    df.emit([
      { k: 'a', x: 1, n: 1 },
      { k: null, x: 2, n: 2 },
      { k: 'a', x: 4, n: 3 },
      { k: null, x: 8, n: 4 },
    ]);
    expect(all.columns).toEqual({ k: ['a', null, 'a', null], x: [1, null, 5, null], n: [1, null, 4, null] });
    expect(one.columns.m).toEqual([1, null, 5, null]);
    expect(kept.columns).toEqual({ k: ['a', null, 'a', null], x: [1, 2, 5, 10], n: [1, 2, 4, 6] });
    expect(agg.columns).toEqual({ key: [1, 0, 1, 0], last: [1, 2, 4, 8] });
  });

  test('reads quantiles between rows as it is told to', () => {
    const df = new StreamingDataFrame({ schema: schema({ x: float64 }) });
    const ways = ['linear', 'lower', 'higher', 'nearest', 'midpoint'] as const;
    const out = follow(
      df.assign((r) =>
        Object.fromEntries(
          ways.map((interpolation) => [interpolation, r.x.rolling(4).quantile(0.5, { interpolation })]),
        ),
      ) as never,
    );
    df.emit([4, 1, Infinity, 2].map((x) => ({ x })));
    expect(out.columns).toMatchObject({
      linear: [4, 2.5, 4, 3],
      lower: [4, 1, 4, 2],
      higher: [4, 4, 4, 4],
      nearest: [4, 1, 4, 4],
      midpoint: [4, 2.5, 4, 3],
    });
  });

  test('keeps a number that is far greater than the rest only while it is in view', () => {
    const df = new StreamingDataFrame({ schema: schema({ x: float64 }) });
    const out = follow(df.assign({ s: df.x.rolling(2).sum(), v: df.x.rolling(2).var() }));
    df.emit([Infinity, 1, 2, 1e16, 1, 1].map((x) => ({ x })));
    expect(out.columns.s).toEqual([Infinity, Infinity, 3, 1e16 + 2, 1e16 + 1, 2]);
    expect(out.columns.v?.[2]).toBe(0.5);
    expect(out.columns.v?.[5]).toBe(0);
  });

  test('adds 64-bit integers exactly, and a batch whose total does not fit changes nothing', () => {
    const df = new StreamingDataFrame({ schema: schema({ k: utf8, w: int64, x: float64 }) });
    const out = follow(
      df.assign({
        m: df.x.rolling(2).sum(),
        z: df.w.rolling(2).sum(),
        s: df.w.rolling(2).sum().over(df.k),
        c: df.x.cumsum(),
      }),
    );
    const most = 2n ** 63n - 1n;
    df.emit([{ k: 'a', w: most - 1n, x: 1 }]);
    expect(() =>
      df.emit([
        { k: 'b', w: 1n, x: 1 },
        { k: 'a', w: 2n, x: 1 },
      ]),
    ).toThrow('does not fit');
    df.emit([{ k: 'a', w: 1n, x: 2 }]);
    df.emit([{ k: 'a', w: 2n, x: 4 }]);
    expect(out.columns).toMatchObject({
      s: [most - 1n, most, 3n],
      z: [most - 1n, most, 3n],
      m: [1, 3, 6],
      c: [1, 3, 7],
    });
  });

  test('knows what a restored state could not add up, of decimals too', () => {
    const nines = '9'.repeat(76);
    const frame = (start?: SavedRunning) => {
      const df = new StreamingDataFrame({ schema: schema({ d: decimal(76, 0) }) });
      const out = df.assign({ s: df.d.rolling(3, { start }).agg('sum') });
      const seen: unknown[] = [];
      const states: SavedRunning[] = [];
      out.withState().sink(([state, batch]) => {
        states.push(state);
        seen.push(...toRows(batch).map(({ s }) => s));
      });
      return { df, seen, states };
    };
    const first = frame();
    first.df.emit([{ d: nines }]);
    const second = frame(structuredClone(first.states[0]!));
    for (const { df, seen } of [first, second]) {
      expect(() => df.emit([{ d: nines }])).toThrow('does not fit decimal(76, 0)');
      expect(() => df.emit([{ d: '2' }])).toThrow('does not fit decimal(76, 0)');
      df.emit([{ d: '-2' }]);
      expect(seen.at(-1)).toBe(`${'9'.repeat(75)}7`);
    }
  });

  test('gives the room of a crowd back', () => {
    const df = new StreamingDataFrame({ schema: schema({ t: int32, x: float64 }), time: 't' });
    const out = follow(
      df.assign({ s: df.x.rolling({ value: 10 }).sum(), m: df.x.rolling({ value: 10 }).median() }),
    );
    df.emit(Array.from({ length: 5000 }, (_, i) => ({ t: 1, x: i % 7 })));
    df.emit([{ t: 100, x: 1 }]);
    df.emit([{ t: 101, x: 2 }]);
    expect(out.columns.s?.slice(-2)).toEqual([1, 3]);
    expect(out.columns.m?.slice(-2)).toEqual([1, 1.5]);
  });

  test('goes on from a saved state as if nothing had happened', () => {
    fc.assert(
      fc.property(
        rowsOf([0n, 1n, 4n, 15n]),
        rowsOf([0n, 1n, 4n]),
        cuts,
        windows,
        fc.boolean(),
        (first, second, at, window, grouped) => {
          const given = (
            typeof window === 'number' ? window : { value: `${window.value}ns`, closed: window.closed }
          ) as number;
          const made = (start?: SavedRunning) => {
            const df = new StreamingDataFrame({ schema: S, time: 't' });
            const options = start === undefined ? {} : { start };
            const rolled = grouped ? df.groupby('k').rolling(given, options) : df.rolling(given, options);
            const of = (rolled as ReturnType<typeof df.rolling>).agg({
              w: ['w', 'sum'],
              m: ['f', 'median'],
              s: ['f', 'sum'],
              v: ['f', 'max'],
            });
            return { df, of };
          };
          const whole = made();
          const all = follow(whole.of);
          const before = made();
          let state: SavedRunning | undefined;
          before.of.withState().sink(([newest]) => {
            state = newest;
          });
          for (const batch of [first, ...cut(second, at)]) whole.df.emit(batch);
          before.df.emit(first);
          const after = made(structuredClone(state));
          const rest = follow(after.of);
          for (const batch of cut(second, at)) after.df.emit(batch);
          for (const name of ['t', 'w', 'm', 's', 'v'])
            check(rest.columns[name] ?? [], (all.columns[name] ?? []).slice(first.length) as Value[], name);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('of the same text keep their states apart', () => {
    const frame = (start?: SavedRunning) => {
      const df = new StreamingDataFrame({ schema: schema({ x: float64 }) });
      const options = { start };
      const out = df
        .assign((r) => ({ x: r.x.rolling(3, options).sum() }))
        .assign((r) => ({ x: r.x.rolling(3, options).sum() }));
      const states: SavedRunning[] = [];
      const seen: unknown[] = [];
      out.withState().sink(([state, batch]) => {
        states.push(structuredClone(state));
        seen.push(...toRows(batch).map(({ x }) => x));
      });
      return { df, states, seen };
    };
    const whole = frame();
    for (const x of [1, 2, 3, 4, 5, 6]) whole.df.emit([{ x }]);
    const resumed = frame(whole.states[2]!);
    for (const x of [4, 5, 6]) resumed.df.emit([{ x }]);
    expect(resumed.seen).toEqual(whole.seen.slice(3));
    expect(Object.keys(whole.states[0]!.states)).toEqual(['x.rolling(3).sum()', 'x.rolling(3).sum() (2)']);
  });

  test('below another time key, or beside a running value, are in the state too', () => {
    const df = new StreamingDataFrame({ schema: schema({ t: timestamp('ms'), x: float64 }) });
    const summed = df.assign((r) => ({ s: r.x.rolling(3).sum(), u: r.t }));
    const names: string[][] = [];
    const keep = ([{ states }]: readonly [SavedRunning, unknown]): unknown => names.push(Object.keys(states));
    summed
      .setIndex('u')
      .assign((r) => ({ v: r.x.rolling('5ms').sum() }))
      .withState()
      .sink(keep);
    summed
      .assign({ e: summed.x.sub(summed.x.mean()) })
      .withState()
      .sink(keep);
    df.emit([{ t: 1, x: 1 }]);
    expect(names).toEqual([['x.rolling(3).sum()', "x.rolling('5ms').sum()"], ['x.rolling(3).sum()']]);
  });

  test('says what is wrong with a state to start with', () => {
    const df = new StreamingDataFrame({ schema: schema({ x: float64 }) });
    let state: SavedRunning | undefined;
    df.x
      .rolling(3)
      .sum()
      .withState()
      .sink(([newest]) => {
        state = newest;
      });
    df.emit([{ x: 1 }]);
    expect(() => df.x.rolling(4, { start: state }).sum().cumsum().stream).toThrow(
      'start is the state of x.rolling(3).sum(), not of x.rolling(4).sum()',
    );
    expect(() => df.x.rolling(3, { start: 3 as never }).sum().stream).toThrow(
      'must be a state that withState gave',
    );
    expect(() => df.x.rolling(3, { start: JSON.parse(JSON.stringify(state)) }).sum().stream).toThrow(
      'was it kept as JSON?',
    );
    const other = new StreamingDataFrame({ schema: schema({ x: int64 }) });
    expect(() => other.x.rolling(3, { start: state }).sum().stream).toThrow('a column of another type');
    expect(() => df.x.withState()).toThrow('withState needs a running expression');
  });

  test('says what is wrong with what is asked for', () => {
    const df = new StreamingDataFrame({
      schema: schema({ t: timestamp('ms'), k: utf8, x: float64 }),
      time: 't',
    });
    expect(() => df.rolling(0)).toThrow('at least 1');
    expect(() => df.x.rolling(1.5)).toThrow('at least 1');
    expect(() => df.assign({ m: (r) => r.x.rolling(-1).sum() })).toThrow('at least 1');
    expect(() => df.rolling('2x' as never)).toThrow('2x');
    expect(() => df.rolling(3, { minPeriod: 1 } as never)).toThrow('did you mean "minPeriods"');
    expect(() => df.rolling(3, { minPeriods: -1 })).toThrow(
      'minPeriods must be a whole number of at least 0',
    );
    expect(() => df.rolling(3, { minPeriods: 4 }).x.sum().stream).toThrow(
      'a window of 3 rows never has as many',
    );
    expect(() => df.x.rolling(3).quantile(2).stream).toThrow('must be a number from 0 to 1');
    expect(() => df.x.rolling(3).quantile(0.5, { interpolation: 'liner' as never }).stream).toThrow(
      'did you mean "linear"',
    );
    expect(() => df.x.rolling(3).agg('maen').stream).toThrow('did you mean "max" or "mean"');
    expect(() => df.x.rolling(3).std({ dof: 1 } as never).stream).toThrow('did you mean "ddof"');
    expect(() => (df.k.rolling(3) as unknown as AnyRolling).sum!()).not.toThrow();
    expect(() => df.assign({ m: (r) => (r.k.rolling(3) as unknown as AnyRolling).sum!() })).toThrow(
      'k.rolling(3).sum(): sum is not available on utf8 columns',
    );
    expect(() => df.select('k').rolling(3).mean()).toThrow(
      'mean is available on none of the columns: k (utf8)',
    );
    expect(() => df.groupby('k').sum().groupby('k').rolling(3)).toThrow('snapshot stream');
    expect(() => df.window(3).groupby('k').rolling(3)).toThrow('not of a window on it');
    expect(() => df.rolling({ value: '1s', on: 'tt' as never })).toThrow('no column "tt"');
    expect(() => df.assign({ m: col('x').rolling({ value: 3 }).sum() })).toThrow('whose ranges are');
    expect(() => new StreamingDataFrame({ schema: schema({ x: float64 }) }).rolling('1s').mean()).toThrow(
      'needs a time key',
    );
  });
});

describe('expanding', () => {
  test('has one result for each row as an expression, and one for each batch as a window', () => {
    const df = new StreamingDataFrame({ schema: schema({ k: utf8, x: float64, n: int32 }) });
    const rows = follow(
      df.assign({
        s: df.x.expanding().sum(),
        g: df.x.expanding().max().over(df.k),
        m: (r) => r.x.expanding({ minPeriods: 2 }).median(),
        c: df.n.expanding().count(),
        t: df.n.expanding({ minPeriods: 3 }).sum(),
      }),
    );
    const total = df.expanding().x.sum();
    const means = df.expanding().mean();
    const groups = df.groupby('k').expanding().x.sum();
    df.emit([
      { k: 'a', x: null, n: 1 },
      { k: 'b', x: 5, n: null },
    ]);
    expect(total.current).toBe(5);
    df.emit([
      { k: 'a', x: 2, n: 3 },
      { k: 'b', x: Number.NaN, n: 4 },
    ]);
    expect(rows.columns).toMatchObject({
      s: [null, 5, 7, 7],
      g: [null, 5, 2, 5],
      m: [null, null, 3.5, 3.5],
      c: [1, 1, 2, 3],
      t: [null, null, null, 8],
    });
    expect(total.current).toBe(7);
    expect(means.current).toEqual({ x: 3.5, n: 8 / 3 });
    expect(toRows(groups.current!)).toEqual([
      { k: 'a', x: 2 },
      { k: 'b', x: 5 },
    ]);
  });
});
