import type { RecordBatch } from 'apache-arrow';
import {
  type Expr,
  float64,
  int32,
  StreamingDataFrame,
  schema,
  timestamp,
  utf8,
  when,
} from '../src/index.ts';
import type { BenchCase } from './bench.ts';
import { batchRows, plain } from './data.ts';

const used = plain.slice(0, 20);
const rowCount = used.length * batchRows;
const rows = `${rowCount.toLocaleString('en')} rows in batches of ${batchRows.toLocaleString('en')}`;
const texts = used.map(({ name, y }) => Array.from(name, (k, i) => ` sym-${k} of ${y[i]} `));

const columns = { t: timestamp('ms'), s: utf8, x: float64, y: int32 };
const frameSchema = schema(columns);
type Frame = StreamingDataFrame<typeof columns>;

function batchesOf(): RecordBatch[] {
  const df = new StreamingDataFrame({ schema: frameSchema });
  const made: RecordBatch[] = [];
  df.stream.sink((batch) => void made.push(batch as unknown as RecordBatch));
  for (const [b, { t, x, y }] of used.entries()) void df.emit({ t, s: texts[b]!, x, y });
  return made;
}

const batches = batchesOf();

/** A number that depends on all rows of a result: the sum, the number of what is true, or of the bytes. */
function sumOf({
  data: [data],
}: {
  readonly data: readonly { values: unknown; valueOffsets: unknown; length: number }[];
}): number {
  const { values, valueOffsets, length } = data!;
  const offsets = valueOffsets as Int32Array | undefined;
  if (offsets !== undefined) return offsets[length]! - offsets[0]!;
  let sum = 0;
  if (values instanceof Uint8Array) {
    for (let i = 0; i < length; i++) sum += (values[i >> 3]! >> (i & 7)) & 1;
  } else {
    const array = values as ArrayLike<number | bigint>;
    if (values instanceof BigInt64Array) for (let i = 0; i < length; i++) sum += Number(values[i]);
    else for (let i = 0; i < length; i++) sum += array[i] as number;
  }
  return sum;
}

// biome-ignore lint/suspicious/noExplicitAny: an expression of whatever type
type AnyExpr = Expr<any, any>;

function kernel(
  title: string,
  of: (df: Frame) => unknown,
  limit: (batch: (typeof used)[number], texts: readonly string[]) => number,
): BenchCase {
  return {
    title: `${title}, ${rows}`,
    amount: rowCount,
    unit: 'row',
    limit() {
      let sum = 0;
      for (const [b, batch] of used.entries()) sum += limit(batch, texts[b]!);
      return Math.round(sum * 1e3) / 1e3;
    },
    ours() {
      const df = new StreamingDataFrame({ schema: frameSchema, time: 't' });
      let sum = 0;
      (df.assign({ r: of(df) as AnyExpr }) as unknown as Frame).select('r' as never).sink((batch) => {
        sum += sumOf(batch.getChildAt(0) as never);
      });
      for (const batch of batches) void df.emit(batch as never);
      df.dispose();
      return Math.round(sum * 1e3) / 1e3;
    },
  };
}

/** Over the strings: how many fit, or how long the results are. */
function each(fn: (text: string) => string | boolean): (_: unknown, texts: readonly string[]) => number {
  return (_, all) => {
    const results = all.map(fn);
    let sum = 0;
    for (const result of results) sum += typeof result === 'string' ? result.length : +result;
    return sum;
  };
}

function overNumbers<K extends 't' | 'x' | 'y'>(
  name: K,
  fn: (value: (typeof used)[number][K][number]) => number,
): (batch: (typeof used)[number]) => number {
  return (batch) => {
    const values = batch[name] as ArrayLike<(typeof used)[number][K][number]>;
    const results = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) results[i] = fn(values[i]!);
    let sum = 0;
    for (let i = 0; i < results.length; i++) sum += results[i]!;
    return sum;
  };
}

/** A loop that goes on from batch to batch. */
function running(make: () => (value: number) => number): (batch: (typeof used)[number]) => number {
  let next = make();
  return (batch) => {
    if (batch === used[0]) next = make();
    return overNumbers('x', next)(batch);
  };
}

const wanted = Array.from({ length: 20 }, (_, i) => i * 37);
const wantedTexts = Array.from({ length: 20 }, (_, i) => ` sym-${i} of ${i} `);

export const cases: readonly BenchCase[] = [
  kernel(
    'x * 2 + y',
    (df) => df.x.mul(2).add(df.y),
    ({ x, y }) => {
      const results = x.map((value, i) => value * 2 + y[i]!);
      return results.reduce((a, b) => a + b, 0);
    },
  ),
  kernel(
    'x.cumsum()',
    (df) => df.x.cumsum(),
    running(() => {
      let sum = 0;
      return (x) => (sum += x);
    }),
  ),
  kernel(
    'x.cummax()',
    (df) => df.x.cummax(),
    running(() => {
      let most = Number.NEGATIVE_INFINITY;
      return (x) => (most = Math.max(most, x));
    }),
  ),
  kernel(
    'x.shift(3), missing as 0',
    (df) => df.x.shift(3).fillNull(0),
    running(() => {
      const ring = [0, 0, 0];
      let at = 0;
      return (x) => {
        const before = ring[at]!;
        ring[at] = x;
        at = (at + 1) % 3;
        return before;
      };
    }),
  ),
  kernel(
    'x.diff(), missing as 0',
    (df) => df.x.diff().fillNull(0),
    running(() => {
      let last: number | undefined;
      return (x) => {
        const change = last === undefined ? 0 : x - last;
        last = x;
        return change;
      };
    }),
  ),
  kernel(
    'x.ewm({ span: 20 }).mean()',
    (df) => df.x.ewm({ span: 20 }).mean(),
    running(() => {
      const keep = 1 - 2 / 21;
      let sum = 0;
      let weight = 0;
      return (x) => {
        sum = sum * keep + x;
        weight = weight * keep + 1;
        return sum / weight;
      };
    }),
  ),
  kernel(
    'y.isIn() of 20',
    (df) => df.y.isIn(wanted),
    (() => {
      const set = new Set(wanted);
      return overNumbers('y', (y) => +set.has(y));
    })(),
  ),
  kernel(
    'when(x > 50).then(x).otherwise(0)',
    (df) => when(df.x.gt(50)).then(df.x).otherwise(0),
    overNumbers('x', (x) => (x > 50 ? x : 0)),
  ),
  kernel(
    'x.clip(10, 90)',
    (df) => df.x.clip({ lower: 10, upper: 90 }),
    overNumbers('x', (x) => Math.min(90, Math.max(10, x))),
  ),
  kernel(
    'x.round(1)',
    (df) => df.x.round(1),
    overNumbers('x', (x) => Math.round(x * 10) / 10),
  ),
  kernel(
    't.dt.hour()',
    (df) => df.t.dt.hour(),
    overNumbers('t', (t) => new Date(Number(t)).getUTCHours()),
  ),
  kernel(
    "t.dt.hour(), zone 'Europe/Berlin'",
    (df) => df.t.dt.hour({ zone: 'Europe/Berlin' }),
    overNumbers('t', (t) => new Date(Number(t) + 3_600_000).getUTCHours()),
  ),
  kernel(
    "t.dt.floor('hour')",
    (df) => df.t.dt.floor('hour').dt.minute(),
    overNumbers('t', (t) => new Date(Math.floor(Number(t) / 3_600_000) * 3_600_000).getUTCMinutes()),
  ),
  kernel(
    's.str.trim()',
    (df) => df.s.str.trim(),
    each((s) => s.trim()),
  ),
  kernel(
    's.str.upper()',
    (df) => df.s.str.upper(),
    each((s) => s.toUpperCase()),
  ),
  kernel(
    "s.str.contains('7 of')",
    (df) => df.s.str.contains('7 of'),
    each((s) => s.includes('7 of')),
  ),
  kernel(
    "s.str.replaceAll(' ', '_')",
    (df) => df.s.str.replaceAll(' ', '_'),
    each((s) => s.replaceAll(' ', '_')),
  ),
  kernel(
    "s.str.matches('[0-4] of')",
    (df) => df.s.str.matches('[0-4] of'),
    (() => {
      const regex = /[0-4] of/u;
      return each((s) => regex.test(s));
    })(),
  ),
  kernel(
    's.isIn() of 20',
    (df) => df.s.isIn(wantedTexts),
    (() => {
      const set = new Set(wantedTexts);
      return each((s) => set.has(s));
    })(),
  ),
];
