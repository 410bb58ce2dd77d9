import {
  Dictionary,
  Field,
  Float64,
  Int32,
  type RecordBatch,
  Schema,
  TimestampMillisecond,
  Utf8,
} from 'apache-arrow';
import { type Chart, type ChartFrame, chart } from '../src/chart/index.ts';
import { recordBatchOf } from '../src/columnar/arrow.ts';
import type { Column } from '../src/columnar/column.ts';
import { FakeFrame } from '../test/chart/fake-frame.ts';

/** The page that `chart-memory.js` drives: charts of all sorts, fed by `update`. */

/** Columns without apache-arrow's builders, which need `unsafe-eval`. */
const base = (length: number) => ({ length, validity: undefined, offset: 0 });
const numbers = (values: readonly number[]): Column => ({
  ...base(values.length),
  kind: 'number',
  type: new Float64(),
  values: Float64Array.from(values),
});
const times = (values: readonly number[]): Column => ({
  ...base(values.length),
  kind: 'int64',
  type: new TimestampMillisecond(),
  values: BigInt64Array.from(values, BigInt),
});
const words = (list: readonly string[]): Column => {
  const bytes = new TextEncoder().encode(list.join(''));
  const valueOffsets = Int32Array.from([0, ...list.map((_, i) => list.slice(0, i + 1).join('').length)]);
  return { ...base(list.length), kind: 'utf8', type: new Utf8(), valueOffsets, bytes };
};
const codes = (dictionary: Column, values: readonly number[]): Column => ({
  ...base(values.length),
  kind: 'dictionary',
  type: new Dictionary(new Utf8(), new Int32()),
  codes: Int32Array.from(values),
  dictionary,
});
const batchOf = (cells: Record<string, Column>): RecordBatch => {
  const fields = Object.entries(cells).map(([name, column]) => new Field(name, column.type, true));
  return recordBatchOf(new Schema(fields), Object.values(cells)[0]!.length, Object.values(cells));
};

let clock = Date.UTC(2026, 10, 20, 9, 30);
let seed = 7;
const random = (): number => {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  return seed / 0x7fffffff;
};

interface Case {
  readonly frame: ChartFrame;
  readonly chart: Chart;
  update(): void;
}

const add = (
  kind: 'append' | 'snapshot',
  spec: object,
  options: object,
  next: () => ReturnType<typeof batchOf>,
): Case => {
  const element = document.createElement('div');
  document.querySelector('main')!.append(element);
  const frame = new FakeFrame(kind);
  return { frame, chart: chart(element, frame, spec, options), update: () => frame.emit(next()) };
};

const cores = words(Array.from({ length: 8 }, (_, i) => `cpu${i}`));
const lines = (series: number, k: number) => {
  const levels = Array.from({ length: series }, () => 50);
  return () => {
    const t: number[] = [];
    const v: number[] = [];
    const s: number[] = [];
    for (let i = 0; i < k; i++) {
      clock += 250;
      for (let j = 0; j < series; j++) {
        levels[j] = Math.max(0, Math.min(100, levels[j]! + 10 * (random() - 0.5)));
        t.push(clock);
        v.push(levels[j]!);
        s.push(j);
      }
    }
    return batchOf({
      t: times(t),
      v: numbers(v),
      s: codes(cores, s),
    });
  };
};
const airports = ['ABQ', 'ATL', 'BOS', 'DEN', 'DFW', 'JFK', 'LAX', 'MIA', 'ORD', 'SEA', 'SFO', 'TPA'];
const bars = () =>
  batchOf({
    airport: codes(
      words(airports),
      airports.map((_, i) => i),
    ),
    delay: numbers(airports.map(() => 30 * random() - 4)),
  });
const x = { field: 't', type: 'temporal', title: null };
const y = { field: 'v', type: 'quantitative', title: 'load %' };

export const makers: Record<string, () => Case> = {
  line: () => add('append', { mark: 'line', encoding: { x, y } }, { backlog: 200 }, lines(1, 2)),
  lines: () =>
    add(
      'append',
      { title: 'Load per core', mark: 'line', encoding: { x, y, color: { field: 's', title: null } } },
      { backlog: '1m' },
      lines(4, 1),
    ),
  bars: () =>
    add(
      'snapshot',
      {
        mark: 'bar',
        encoding: { x: { field: 'airport' }, y: { field: 'delay', title: 'mean delay, minutes' } },
      },
      { tooltip: true },
      bars,
    ),
  area: () =>
    add(
      'append',
      {
        mark: 'area',
        encoding: { x, y: { field: 'v', title: 'load', stack: 'zero' }, color: { field: 's' } },
      },
      { backlog: 400 },
      lines(4, 1),
    ),
  across: () =>
    add(
      'snapshot',
      { mark: 'bar', encoding: { y: { field: 'airport', sort: '-x' }, x: { field: 'delay' } } },
      {},
      bars,
    ),
  points: () =>
    add(
      'append',
      {
        mark: 'point',
        encoding: { x: { ...x, title: 'time' }, y: { ...y, scale: { zero: false } }, color: { field: 's' } },
      },
      { backlog: 200 },
      lines(2, 1),
    ),
  wide: () =>
    add(
      'append',
      { mark: 'line', encoding: { x, y: { field: 'v', scale: { type: 'log' } } } },
      { backlog: 200 },
      (() => {
        const next = lines(1, 2);
        let n = 1;
        return () => {
          const batch = next();
          n *= 1.05;
          const values = batch.getChildAt(1)!.toArray() as Float64Array;
          for (let i = 0; i < values.length; i++) values[i] = 1 + values[i]! * Math.min(n, 1e7);
          return batch;
        };
      })(),
    ),
  wrong: () =>
    add('append', { mark: 'line', encoding: { x, y: { field: 'lod' } } }, { onError: () => {} }, lines(1, 2)),
  empty: () => add('append', { mark: 'line', encoding: { x, y } }, {}, lines(1, 2)),
};

Object.assign(globalThis, { makers });
