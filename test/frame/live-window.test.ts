import { describe, expect, test } from 'vitest';
import {
  Aggregation,
  type AggregationState,
  type Column,
  float64,
  PeriodicDataFrame,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
  type WindowArgument,
} from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';

const S = schema({ t: timestamp('ms'), k: utf8, x: float64 });

function frame(clock: VirtualClock, options: object = {}) {
  return new StreamingDataFrame({ schema: S, time: 't', clock, ...options });
}

const row = (t: number, x: number, k = 'a'): { t: number; k: string; x: number } => ({ t, k, x });

/** What comes out of the sum of a window, with the time at which it did. */
function followed(clock: VirtualClock, window: WindowArgument<'t' | 'k' | 'x'>, options?: object) {
  const df = frame(clock, options);
  const seen: [ms: number, sum: unknown][] = [];
  const sum = df.window(window).x.sum();
  const sink = sum.sink((value) => seen.push([clock.monotonic(), value]));
  return { df, seen, sum, sink };
}

/** A sum. */
class Total extends Aggregation<Column<never>, number, number> {
  initial(): number {
    return 0;
  }
  onNew(state: number, rows: Column<never>): [number, number] {
    const sum = state + [...(rows as unknown as Iterable<number>)].reduce((a, b) => a + b, 0);
    return [sum, sum];
  }
  override onOld(state: number, rows: Column<never>): [number, number] {
    const sum = state - [...(rows as unknown as Iterable<number>)].reduce((a, b) => a + b, 0);
    return [sum, sum];
  }
}

describe('a live window', () => {
  test('goes on by the clock when no rows come, and emits when some have left', async () => {
    const clock = new VirtualClock();
    const { df, seen } = followed(clock, { value: '10s', live: true });
    const start = clock.monotonic();
    df.emit([row(1000, 1), row(4000, 2)]);
    await clock.advance('4999ms');
    expect(seen.map(([, sum]) => sum)).toEqual([3]);
    await clock.advance('20000ms');
    // 1000 leaves when the end is 11 s, 7 s after 4000 came; 4000 when it is 14 s.
    expect(seen.slice(1)).toEqual([
      [start + 7000, 2],
      [start + 10_000, 0],
    ]);
  });

  test('goes on by the clock from a state that was saved, though no rows come', async () => {
    const clock = new VirtualClock();
    const states: AggregationState[] = [];
    const df = frame(clock);
    const sum = df.window({ value: '10s', live: true }).x.sum({ withState: true });
    const sink = sum.sink(([state]) => states.push(state));
    df.emit([row(1000, 1), row(4000, 2)]);
    sink.dispose();
    for (const isUser of [false, true]) {
      const other = frame(clock);
      const seen: unknown[] = [];
      const window = other.window({ value: '10s', live: true }).x;
      if (isUser) {
        const made = frame(clock);
        made
          .window({ value: '10s', live: true })
          .x.aggregate(new Total(), { withState: true })
          .sink(([state]) => states.push(state));
        made.emit([row(1000, 1), row(4000, 2)]);
      }
      const start = structuredClone(states.at(-1)!);
      const result = isUser ? window.aggregate(new Total(), { start }) : window.sum({ start });
      const following = result.sink((value) => seen.push(value));
      await clock.advance('6s');
      expect(seen).toEqual([]);
      await clock.advance('10s');
      expect(seen).toEqual([2, 0]);
      following.dispose();
    }
  });

  test('does not move while rows come', async () => {
    const clock = new VirtualClock();
    const { df, seen } = followed(clock, { value: '10s', live: { idle: '2s', tick: '500ms' } });
    df.emit([row(0, 1)]);
    for (let i = 1; i <= 20; i++) {
      await clock.advance('1000ms');
      df.emit([row(100, 1)]);
    }
    expect(seen.at(-1)![1]).toBe(21);
    const quiet = clock.monotonic();
    await clock.advance('1999ms');
    expect(seen).toHaveLength(21);
    await clock.advance('1000ms');
    // Far behind by now, so that everything leaves at once.
    expect(seen.slice(21)).toEqual([[quiet + 2000, 0]]);
  });

  test('takes rows that come later as if the end that the clock made had come with rows', async () => {
    const clock = new VirtualClock();
    const { df, sum } = followed(clock, { value: '10s', live: true });
    df.emit([row(0, 1), row(9000, 2)]);
    await clock.advance('9000ms');
    expect(sum.current).toBe(2);
    df.emit([row(7000, 4), row(10_000, 8), row(20_000, 16)]);
    // The end was 18000, so that 7000 was late; 20000 moves it on.
    expect(sum.current).toBe(16);
    await clock.advance('10000ms');
    expect(sum.current).toBe(0);
  });

  test('has a timer only while it holds rows and somebody needs it', async () => {
    const clock = new VirtualClock();
    const { df, sum, sink } = followed(clock, { value: '10s', live: true });
    expect(clock.timers).toBe(0);
    df.emit([row(0, 1)]);
    expect(clock.timers).toBe(1);
    await clock.advance('60000ms');
    expect(clock.timers).toBe(0);
    df.emit([row(100_000, 1)]);
    expect(clock.timers).toBe(1);
    sink.dispose();
    sum.dispose();
    expect(clock.timers).toBe(0);
  });

  test('lets the groups vanish, and rows that wait at an open end come in', async () => {
    const clock = new VirtualClock();
    const df = frame(clock, { live: true });
    const groups = df.window('10s').groupby('k').x.sum();
    const open = df.window({ value: '10s', closed: 'left' }).x.sum();
    df.emit([row(0, 1, 'a'), row(5000, 2, 'b')]);
    expect([toRows(groups.current!), open.current]).toEqual([
      [
        { k: 'a', x: 1 },
        { k: 'b', x: 2 },
      ],
      1,
    ]);
    await clock.advance('5000ms');
    expect([toRows(groups.current!), open.current]).toEqual([[{ k: 'b', x: 2 }], 3]);
    await clock.advance('6000ms');
    expect([toRows(groups.current!), open.current]).toEqual([[], 0]);
  });

  test('takes rows out of aggregations of users', async () => {
    const clock = new VirtualClock();
    const df = frame(clock, { live: true });
    const total = df.window('10s').x.aggregate(new Total() as never);
    const seen: unknown[] = [];
    total.sink((value) => seen.push(value));
    df.emit([row(0, 1), row(5000, 2)]);
    await clock.advance('12000ms');
    expect(seen).toEqual([3, 2, 0]);
    expect(clock.timers).toBe(0);
  });

  test('stands still where it is not asked for, and where the source has ended', async () => {
    const clock = new VirtualClock();
    const still = followed(clock, '10s');
    const refused = followed(clock, { value: '10s', live: false }, { live: true });
    const ended = followed(clock, '10s', { live: true });
    for (const { df } of [still, refused, ended]) df.emit([row(0, 1)]);
    ended.df.dispose();
    await clock.advance('60000ms');
    expect([still, refused, ended].map(({ sum }) => sum.current)).toEqual([1, 1, 1]);
  });

  test('keeps the digits of nanoseconds', async () => {
    const clock = new VirtualClock();
    const df = new StreamingDataFrame({
      schema: schema({ t: timestamp('ns'), x: float64 }),
      time: 't',
      clock,
      live: true,
    });
    const count = df.window('10s').numRows();
    const origin = 1_700_000_000_000_000_000n;
    df.emit([
      { t: origin, x: 1 },
      { t: origin + 1n, x: 1 },
      { t: origin + 4_000_000_000n, x: 1 },
    ]);
    await clock.advance('5999ms');
    expect(count.current).toBe(3);
    await clock.advance('1ms');
    expect(count.current).toBe(2);
  });

  test('is refused over what is no time, and with options that there are not', () => {
    const df = new StreamingDataFrame({ schema: S, time: 't' });
    expect(() => df.window({ value: 5, on: 'x', live: true }).x.sum()).toThrow(
      'only a window over times goes by the clock, but "x" is float64',
    );
    expect(() => df.window({ value: '5s', live: { idel: '1s' } as never })).toThrow('did you mean "idle"?');
    expect(() => df.window({ value: '5s', live: { tick: '0s' } })).toThrow('tick of live must be above zero');
    expect(() => new StreamingDataFrame({ schema: S, live: 'yes' as never })).toThrow(
      'live of a frame must be',
    );
    expect(() => df.window({ n: 5, live: true } as never)).toThrow('window has no option "live"');
  });

  test('is an option of frames that ask for their rows', async () => {
    const clock = new VirtualClock();
    let calls = 0;
    const df = new PeriodicDataFrame(() => (calls++ === 0 ? [row(0, 1), row(1000, 2)] : []), {
      schema: S,
      time: 't',
      interval: '1s',
      live: true,
      clock,
    });
    const sum = df.window('10s').x.sum();
    await clock.advance('2000ms');
    expect(sum.current).toBe(3);
    await clock.advance('20000ms');
    expect(sum.current).toBe(0);
    df.dispose();
  });
});
