import { Field, Float64, Int32, Schema, Table } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { buildBatch } from '../../src/columnar/build.ts';
import { fromPeriodic, type Rows, type Tick } from '../../src/sources/from-periodic.ts';
import { settle, VirtualClock } from '../../src/testing/virtual-clock.ts';
import { collect, rowsOf } from './collect.ts';

const schema = new Schema([new Field('x', new Int32(), true)]);
const batchOf = (...x: number[]) => buildBatch(schema, { x }).batch.toRecordBatch();

function holdsItself(): object {
  const result: Record<string, unknown> = {};
  result.self = result;
  return result;
}

describe('fromPeriodic', () => {
  test('calls at start + k · interval, with ranges that tile time', async () => {
    const clock = new VirtualClock({ now: 1000 });
    const calls: [last: number, now: number][] = [];
    const source = fromPeriodic(({ last, now }) => void calls.push([last, now]), {
      interval: '100ms',
      clock,
    });
    source.sink(() => {});
    await clock.advance('350ms');
    expect(calls).toEqual([
      [1000, 1100],
      [1100, 1200],
      [1200, 1300],
    ]);
  });

  test('passes on its arguments', async () => {
    const clock = new VirtualClock();
    const block = ({ last, now, freq = 50 }: Tick<{ freq?: number }>) => {
      const t: number[] = [];
      for (let at = last + freq; at <= now; at += freq) t.push(at);
      return { t };
    };
    const source = fromPeriodic(block, { interval: '300ms', args: { freq: 100 }, clock });
    const { values } = collect(source);
    await clock.advance('600ms');
    expect(rowsOf(values).map((row) => (row as { t: number }).t)).toEqual([100, 200, 300, 400, 500, 600]);
  });

  test('begins anew for a new sink, whatever never ended for the old one', async () => {
    for (const hanging of ['callback', 'work below']) {
      const clock = new VirtualClock();
      let calls = 0;
      const never = new Promise<undefined>(() => {});
      const source = fromPeriodic(
        () => {
          calls++;
          return calls === 1 && hanging === 'callback' ? never : [{ x: calls }];
        },
        { interval: '1s', clock },
      );
      const old = source.sink(() => never);
      await clock.advance('3s');
      expect(calls).toBe(1);
      old.dispose();
      await settle();
      expect(source.state.status).toBe('idle');
      const { values } = collect(source);
      await clock.advance('2s');
      expect(rowsOf(values)).toEqual([{ x: 2 }, { x: 3 }]);
    }
  });

  test('throws away what a callback gives after the source was stopped', async () => {
    const clock = new VirtualClock();
    const given: ((rows: Rows) => void)[] = [];
    const source = fromPeriodic(() => new Promise<Rows>((resolve) => given.push(resolve)), {
      interval: '1s',
      clock,
    });
    const old = source.sink(() => {});
    await clock.advance('1s');
    old.dispose();
    await settle();
    const { values } = collect(source);
    await clock.advance('1s');
    given[0]!([{ x: 0 }]);
    await settle();
    given[1]!([{ x: 1 }]);
    await settle();
    expect(rowsOf(values)).toEqual([{ x: 1 }]);
  });

  test('can call at once', async () => {
    const clock = new VirtualClock({ now: 1000 });
    const calls: [last: number, now: number][] = [];
    const source = fromPeriodic(({ last, now }) => void calls.push([last, now]), {
      interval: '100ms',
      immediate: true,
      clock,
    });
    source.sink(() => {});
    await clock.advance('100ms');
    expect(calls).toEqual([
      [900, 1000],
      [1000, 1100],
    ]);
  });

  test('never overlaps: a late call leaves out ticks, and ranges still tile time', async () => {
    const clock = new VirtualClock();
    const calls: [last: number, now: number][] = [];
    let running = 0;
    const source = fromPeriodic(
      async ({ last, now }) => {
        expect(++running).toBe(1);
        calls.push([last, now]);
        if (calls.length === 2) await new Promise<void>((resolve) => clock.setTimer(250, resolve));
        running--;
        return undefined;
      },
      { interval: '100ms', clock },
    );
    source.sink(() => {});
    await clock.advance('700ms');
    expect(calls).toEqual([
      [0, 100],
      [100, 200],
      [200, 500],
      [500, 600],
      [600, 700],
    ]);
  });

  test('waits for the work below before it calls again', async () => {
    const clock = new VirtualClock();
    const calls: number[] = [];
    const source = fromPeriodic(({ now }) => [{ now, calls: calls.push(now) }], { interval: '100ms', clock });
    source.sink(() => new Promise<void>((resolve) => clock.setTimer(150, resolve)));
    await clock.advance('600ms');
    expect(calls).toEqual([100, 300, 500]);
  });

  test('takes rows, columns, batches, tables; nothing for nothing; an empty batch for no rows', async () => {
    const clock = new VirtualClock();
    const results: Rows[] = [
      [{ x: 1 }, { x: 2 }],
      { x: Int32Array.of(3) },
      batchOf(4),
      new Table([batchOf(5), batchOf(6)]),
      undefined,
      null,
      [],
    ];
    const source = fromPeriodic(() => results.shift(), { interval: '1s', schema, clock });
    const { values, errors } = collect(source);
    await clock.advance('7s');
    expect(errors).toEqual([]);
    expect(values.map((batch) => rowsOf([batch]).map((row) => (row as { x: number }).x))).toEqual([
      [1, 2],
      [3],
      [4],
      [5],
      [6],
      [],
    ]);
    expect(source.counts).toEqual({ batches: 6, rows: 6, rejectedRows: 0, droppedRows: 0, gaps: 0 });
  });

  test('reports a callback that throws, with its tick, and goes on', async () => {
    const clock = new VirtualClock();
    let tick = 0;
    const source = fromPeriodic(
      () => {
        if (tick++ === 1) throw new Error('sensor off');
        return [{ x: tick }];
      },
      { interval: '1s', clock },
    );
    const { values, errors } = collect(source);
    await clock.advance('3s');
    expect(rowsOf(values)).toEqual([{ x: 1 }, { x: 3 }]);
    expect(errors.map((e) => [e.code, e.message, e.position])).toEqual([
      ['user-code', 'callback threw on tick 1: sensor off', { message: 1 }],
    ]);
  });

  test.each([
    [
      5,
      /callback gave 5 on tick 0, expected an array of rows, an object of columns, a RecordBatch, a Table or nothing$/,
    ],
    [{ x: 1 }, /callback gave {"x":1} on tick 0, .*; one row is an array of one object$/],
    ['text', /callback gave "text"/],
    [new Date(0), /callback gave a Date/],
    [Promise.resolve(true), /callback gave true/],
    [{ x: [1], y: [1, 2] }, /columns differ in length: "x" 1, "y" 2/],
    [10n, /callback gave 10n on tick 0/],
    [Number.NaN, /callback gave NaN/],
    [holdsItself(), /callback gave \[object Object\] on tick 0, expected an array/],
  ])('reports nonsense: %s', async (result, message) => {
    const clock = new VirtualClock();
    const source = fromPeriodic((() => result) as never, { interval: '1s', clock });
    const { values, errors } = collect(source);
    await clock.advance('1s');
    expect(values).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(errors[0]!.message).toMatch(message);
    expect(errors[0]!.position.message).toBe(0);
  });

  test('fixes the schema by the first rows, and rejects rows that do not fit one by one', async () => {
    const clock = new VirtualClock();
    const results: Rows[] = [
      [{ x: 1, s: 'a' }],
      [{ x: 'two', s: 'b' }, { x: 3, extra: true }, { s: null }],
      batchOf(1),
    ];
    const source = fromPeriodic(() => results.shift(), { interval: '1s', clock });
    const { values, errors } = collect(source);
    await clock.advance('3s');
    expect(rowsOf(values)).toEqual([
      { x: 1, s: 'a' },
      { x: 3, s: null },
      { x: null, s: null },
    ]);
    expect(errors.map((e) => [e.code, e.message, e.position])).toEqual([
      [
        'schema-mismatch',
        'field "extra" is not in the schema, which the first rows made, and is left out',
        { message: 1 },
      ],
      ['bad-value', 'row with column "x" rejected: expected float64, got "two"', { message: 1, row: 0 }],
      [
        'schema-mismatch',
        'batch does not fit the schema: field "x" is int32 instead of float64; no field "s"',
        { message: 2 },
      ],
    ]);
    expect(source.counts).toEqual({ batches: 2, rows: 3, rejectedRows: 2, droppedRows: 0, gaps: 0 });
    expect(source.schema!.fields.map((field) => String(field.type))).toEqual([String(new Float64()), 'Utf8']);
  });

  test('stops on abort, in the middle of a call too', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    let given: AbortSignal | undefined;
    const source = fromPeriodic(
      async ({ signal }) => {
        given = signal;
        await new Promise<void>((resolve) => clock.setTimer(50, resolve));
        return [{ x: 1 }];
      },
      { interval: '100ms', clock, signal: controller.signal },
    );
    const { values, errors } = collect(source);
    await clock.advance('120ms');
    controller.abort();
    await source.done;
    expect(given!.aborted).toBe(true);
    await clock.advance('1s');
    expect(values).toEqual([]);
    expect(errors).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  test('stops when nobody listens and starts anew when somebody does', async () => {
    const clock = new VirtualClock();
    const calls: [last: number, now: number][] = [];
    const source = fromPeriodic(({ last, now }) => void calls.push([last, now]), {
      interval: '100ms',
      clock,
    });
    const sink = source.sink(() => {});
    await clock.advance('100ms');
    sink.dispose();
    await clock.advance('1s');
    expect(calls).toEqual([[0, 100]]);
    expect(clock.timers).toBe(0);
    source.sink(() => {});
    await clock.advance('100ms');
    expect(calls).toEqual([
      [0, 100],
      [1100, 1200],
    ]);
  });

  test('refuses an interval that is none', () => {
    expect(() => fromPeriodic(() => [], { interval: '0ms' })).toThrow(
      "interval must be above zero, got '0ms'",
    );
    expect(() => fromPeriodic(() => [], { interval: 'soon' })).toThrow(/not a duration/);
  });

  test('leaves nothing behind after it is disposed of', async () => {
    const clock = new VirtualClock();
    const source = fromPeriodic(() => [{ x: 1 }], { interval: '100ms', clock });
    source.sink(() => {});
    await settle();
    source.dispose();
    await settle();
    expect(clock.timers).toBe(0);
  });
});
