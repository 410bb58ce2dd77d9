import { Float64, Int32, TimestampNanosecond, TimestampSecond, Utf8 } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import type { SlotAggregation } from '../../src/aggregate/aggregation.ts';
import { count, mean, size, sum, var as variance } from '../../src/aggregate/index.ts';
import { columnOf } from '../../src/columnar/arrow.ts';
import {
  type AggregateInput,
  type AggregateState,
  createAggregateState,
} from '../../src/frame/aggregate-state.ts';
import { WindowedState } from '../../src/frame/windowed-state.ts';
import type { WindowSpec } from '../../src/window/window-spec.ts';
import { column, valuesOf } from '../support/columns.ts';

const float = new Float64();
const bound = {
  sum: sum.bind(float, {}),
  mean: mean.bind(float, {}),
  var: variance.bind(float, variance.options!({})),
  count: count.bind(float, {}),
};

function plain(name: keyof typeof bound, window?: WindowSpec): AggregateState {
  return createAggregateState({
    aggregations: [{ bound: bound[name], inputs: [0] }],
    inputTypes: [float],
    groupTypes: [],
    window,
  });
}

const numbers = (...xs: (number | null)[]): AggregateInput => ({
  length: xs.length,
  keys: [],
  values: [column(float, xs)],
});

const only = (state: AggregateState): unknown => valuesOf(state.result().values[0]!)[0];

function each(state: AggregateState, batches: readonly AggregateInput[]): unknown[] {
  return batches.map((batch) => {
    state.update(batch);
    return only(state);
  });
}

describe('what a window gives', () => {
  test('an empty batch leaves no trace in a mean', () => {
    expect(each(plain('mean'), [numbers(), numbers(10)])).toEqual([null, 10]);
  });

  test('an infinity that has left leaves nothing behind', () => {
    const window = { rows: 1 };
    expect(each(plain('sum', window), [numbers(Infinity), numbers(1), numbers(2)])).toEqual([Infinity, 1, 2]);
  });

  test('a large number that has left took no digits with it', () => {
    const window = { rows: 2 };
    expect(
      each(
        plain('sum', window),
        [1e16, 1, 1, 1].map((x) => numbers(x)),
      ).at(-1),
    ).toBe(2);
  });

  test('the variance of values that are large beside their spread', () => {
    expect(each(plain('var', { rows: 3 }), [numbers(1e9 + 1, 1e9 + 2, 1e9 + 3)])).toEqual([1]);
  });

  const seconds = new TimestampSecond();
  const tenSeconds = { width: 10n, keyType: seconds };
  const timed = (...rows: [number, number][]): AggregateInput => ({
    ...numbers(...rows.map(([, x]) => x)),
    order: column(
      seconds,
      rows.map(([t]) => 1000 * t),
    ),
  });

  test('unsorted keys within a batch', () => {
    expect(each(plain('sum', tenSeconds), [timed([0, 1], [20, 2], [15, 4])])).toEqual([6]);
  });

  test('a late row never enters', () => {
    const state = plain('sum', tenSeconds);
    expect(each(state, [timed([20, 2]), timed([0, 1]), timed([21, 8])])).toEqual([2, 2, 10]);
    expect(state.late).toBe(1);
  });

  test('a nanosecond above the lower end is in view', () => {
    const keyType = new TimestampNanosecond();
    const state = plain('sum', { width: 10_000_000_000n, keyType });
    const keys = BigInt64Array.of(0n, 1n, 10_000_000_000n);
    const order = {
      kind: 'int64',
      type: keyType,
      length: 3,
      validity: undefined,
      offset: 0,
      values: keys,
    } as const;
    state.update({ ...numbers(1, 2, 4), order });
    expect(only(state)).toBe(6);
  });

  test('zero for a group whose non-zero rows have left', () => {
    const state = createAggregateState({
      aggregations: [{ bound: bound.sum, inputs: [0] }],
      inputTypes: [float],
      groupTypes: [new Utf8()],
      window: { rows: 2 },
    });
    for (const x of [0.1, 0.2, 0.3, 0, 0]) {
      state.update({ ...numbers(x), keys: [column(new Utf8(), ['a'])] });
    }
    expect(only(state)).toBe(0);
  });

  test('rows with a null key form no group, but take room in a window of rows', () => {
    const state = createAggregateState({
      aggregations: [{ bound: bound.sum, inputs: [0] }],
      inputTypes: [float],
      groupTypes: [new Utf8()],
      window: { rows: 2 },
    });
    state.update({ ...numbers(1, 2, 4), keys: [column(new Utf8(), ['a', 'b', null])] });
    const { keys, values } = state.result();
    expect([valuesOf(keys[0]!), valuesOf(values[0]!), state.rowsInView]).toEqual([['b'], [2], 2]);
  });

  test('groups in order of appearance where asked, a group that came back last', () => {
    const state = createAggregateState({
      aggregations: [{ bound: bound.sum, inputs: [0] }],
      inputTypes: [float],
      groupTypes: [new Utf8()],
      window: { rows: 3 },
      sort: false,
    });
    for (const key of ['c', 'a', 'b', 'b', 'c'])
      state.update({ ...numbers(1), keys: [column(new Utf8(), [key])] });
    expect(valuesOf(state.result().keys[0]!)).toEqual(['b', 'c']);
  });

  test('a slice of a batch with nulls, whose bits start elsewhere', () => {
    const whole = column(float, [1, null, 4, null, 16, 32]);
    const keys = column(new Utf8(), ['a', 'b', null, 'a', 'b', 'a']);
    const sliced = (of: typeof whole) => columnOf(of.data!.slice(2, 4));
    const state = createAggregateState({
      aggregations: [{ bound: bound.sum, inputs: [0] }],
      inputTypes: [float],
      groupTypes: [new Utf8()],
      window: { rows: 3 },
    });
    state.update({ length: 4, keys: [sliced(keys)], values: [sliced(whole)] });
    expect(valuesOf(state.result().values[0]!)).toEqual([32, 16]);
  });
});

describe('a batch that does not fit', () => {
  const keyType = new TimestampSecond();
  const state = plain('sum', { width: 10n, keyType });
  const order = column(keyType, [1000]);
  state.update({ ...numbers(1), order });

  for (const [what, input] of Object.entries({
    'key of the window: 1 rows; wanted 2': { ...numbers(1, 2), order },
    'no column with the key of the window': numbers(1),
    'input columns: type utf8; wanted float64': {
      length: 1,
      keys: [],
      values: [column(new Utf8(), ['a'])],
      order,
    },
    '0 input columns; wanted 1': { length: 1, keys: [], values: [], order },
    'key of the window: type int32': { ...numbers(1), order: column(new Int32(), [1]) },
  })) {
    test(`is refused and changes nothing: ${what}`, () => {
      expect(() => state.update(input)).toThrow(what);
      expect([only(state), state.rowsInView]).toEqual([1, 1]);
    });
  }
});

describe('cost and memory', () => {
  /** Counts the rows and states that it is given. */
  function counting(): { aggregation: SlotAggregation; seen: { rows: number; merges: number } } {
    const seen = { rows: 0, merges: 0 };
    const { sum: inner } = bound;
    const aggregation: SlotAggregation = {
      ...inner,
      onNewAll(state, lanes, from, to) {
        seen.rows += to - from;
        inner.onNewAll(state, lanes, from, to);
      },
      onNew(state, lanes, slotOf, from, to) {
        seen.rows += to - from;
        inner.onNew(state, lanes, slotOf, from, to);
      },
      onNewRow(state, slot, lanes, row) {
        seen.rows++;
        inner.onNewRow(state, slot, lanes, row);
      },
      merge(into, slot, from, fromSlot) {
        seen.merges++;
        inner.merge(into, slot, from, fromSlot);
      },
    };
    return { aggregation, seen };
  }

  const windows: Record<string, (rows: number) => WindowSpec> = {
    'last rows': (rows) => ({ rows }),
    'a width': (rows) => ({ width: BigInt(rows), keyType: new TimestampNanosecond() }),
  };

  for (const [name, windowOf] of Object.entries(windows)) {
    for (const perBatch of [1, 7, 500]) {
      for (const grouped of [false, true]) {
        test(`${name}, ${perBatch} rows a batch, ${grouped ? 'grouped' : 'no group'}: a row is taken in a few times, however many are in view`, () => {
          for (const inView of [10, 1000, 10_000]) {
            const { aggregation, seen } = counting();
            const state = new WindowedState(
              {
                aggregations: [{ bound: aggregation, inputs: [0] }],
                inputTypes: [float],
                groupTypes: grouped ? [new Int32()] : [],
              },
              windowOf(inView),
            );
            const total = 40_000;
            for (let from = 0; from < total; from += perBatch) state.update(counted(from, perBatch, grouped));
            expect(state.rowsInView).toBe(inView);
            expect(seen.rows).toBeLessThanOrEqual(6 * (total + perBatch));
            expect(seen.merges).toBe(0);
            expect(state.capacity).toBeLessThanOrEqual(8 * (inView + perBatch) + 64);
          }
        });
      }
    }
  }

  /** Rows `from …`, keyed by their number in nanoseconds, in ten groups. */
  function counted(from: number, length: number, grouped: boolean): AggregateInput {
    const keys = grouped ? [int32(Int32Array.from({ length }, (_, i) => (from + i) % 10))] : [];
    const values = Float64Array.from({ length }, (_, i) => from + i);
    const order = BigInt64Array.from({ length }, (_, i) => BigInt(from + i));
    const base = { length, validity: undefined, offset: 0 };
    return {
      length,
      keys,
      values: [{ ...base, kind: 'number', type: float, values }],
      order: { ...base, kind: 'int64', type: new TimestampNanosecond(), values: order },
    };
  }

  function int32(values: Int32Array): AggregateInput['keys'][number] {
    return {
      kind: 'number',
      type: new Int32(),
      length: values.length,
      validity: undefined,
      offset: 0,
      values,
    };
  }

  test('rows that come in disorder all through the window are sorted a few times each', () => {
    const { aggregation, seen } = counting();
    const state = new WindowedState(
      { aggregations: [{ bound: aggregation, inputs: [0] }], inputTypes: [float], groupTypes: [] },
      { width: 10_000n, keyType: new TimestampNanosecond() },
    );
    let random = 1;
    const total = 40_000;
    for (let from = 0; from < total; from += 10) {
      const batch = counted(from, 10, false);
      const keys = (batch.order as { values: BigInt64Array }).values;
      for (let i = 0; i < 5; i++) {
        random = (random * 48_271) % 2_147_483_647;
        keys[i]! -= BigInt(random % 10_000);
      }
      state.update(batch);
    }
    expect(seen.rows).toBeLessThanOrEqual(40 * total);
  });

  test('groups that have left leave no room behind', () => {
    const state = createAggregateState({
      aggregations: [{ bound: size.bind(float, {}), inputs: [] }],
      inputTypes: [],
      groupTypes: [new Int32()],
      window: { rows: 1000 },
    });
    for (let from = 0; from < 100_000; from += 250) {
      state.update({
        length: 250,
        keys: [int32(Int32Array.from({ length: 250 }, (_, i) => from + i))],
        values: [],
      });
      expect(state.groups).toBeLessThanOrEqual(1000);
    }
    const { keys, values } = state.result();
    expect([keys[0]!.length, valuesOf(keys[0]!)[0], valuesOf(values[0]!)[0]]).toEqual([1000, 99_000, 1n]);
  });

  test('storage shrinks after a burst', () => {
    const state = new WindowedState(
      { aggregations: [{ bound: bound.count, inputs: [0] }], inputTypes: [float], groupTypes: [] },
      { width: 1000n, keyType: new TimestampNanosecond() },
    );
    const burst = counted(0, 200_000, false);
    (burst.order as { values: BigInt64Array }).values.fill(0n);
    state.update(burst);
    for (let t = 1; t < 4000; t += 10) state.update(counted(t, 1, false));
    expect(state.rowsInView).toBe(100);
    expect(state.capacity).toBeLessThanOrEqual(10_000);
  });
});
