import { Float64, Utf8 } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Aggregation } from '../../src/aggregate/user-aggregation.ts';
import type { ColumnRows } from '../../src/columnar/column-rows.ts';
import type { AggregateInput } from '../../src/frame/aggregate-state.ts';
import {
  type AnyAggregation,
  createUserState,
  type UserSpec,
  type UserState,
} from '../../src/frame/user-state.ts';
import type { WindowSpec } from '../../src/window/window-spec.ts';
import { column, valuesOf } from '../support/columns.ts';
import { batches, inView, keyType, type Row, timestamps } from './oracle.ts';

type Rows = ColumnRows<Float64>;

/** Small whole numbers, so that sums are exact whichever way they are taken. */
const small = (row: Row): number | null => (row.i === null ? null : row.i % 1000);

interface Moments {
  readonly total: number;
  readonly count: number;
}

const add = (s: Moments, rows: Rows, sign: 1 | -1): [Moments, number | null] => {
  const next = { total: s.total + sign * rows.sum(), count: s.count + sign * rows.count() };
  return [next, next.count === 0 ? null : next.total / next.count];
};

class Rerun extends Aggregation<Rows, Moments, number | null> {
  initial(): Moments {
    return { total: 0, count: 0 };
  }
  onNew(s: Moments, rows: Rows): [Moments, number | null] {
    return add(s, rows, 1);
  }
}

class TakingAway extends Rerun {
  override onOld(s: Moments, rows: Rows): [Moments, number | null] {
    return add(s, rows, -1);
  }
}

class Merging extends Rerun {
  override merge(a: Moments, b: Moments): Moments {
    return { total: a.total + b.total, count: a.count + b.count };
  }
}

const kinds = { 'onNew alone': new Rerun(), onOld: new TakingAway(), merge: new Merging() };

const windows: Record<string, WindowSpec | undefined> = {
  'all time': undefined,
  'the last row': { rows: 1 },
  'the last 7 rows': { rows: 7 },
  'a width of 10': { width: 10n, keyType },
  'a width of 10, open at both ends': { width: 10n, keyType, closed: 'neither' },
};

function specOf(aggregation: Rerun, grouped: boolean, window: WindowSpec | undefined): UserSpec {
  return {
    name: 'Mean',
    aggregation,
    inputTypes: [new Float64()],
    groupTypes: grouped ? [new Utf8()] : [],
    window,
  };
}

function inputOf(rows: readonly Row[], grouped: boolean): AggregateInput {
  return {
    length: rows.length,
    keys: grouped
      ? [
          column(
            new Utf8(),
            rows.map(({ g }) => g),
          ),
        ]
      : [],
    values: [column(new Float64(), rows.map(small))],
    order: timestamps(rows.map(({ t }) => t)),
  };
}

function meanOf(rows: readonly Row[]): number | null {
  const values = rows.map(small).filter((x) => x !== null);
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
}

function groupBy<K>(rows: readonly Row[], keyOf: (row: Row) => K): Map<K, Row[]> {
  const groups = new Map<K, Row[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}

function tableOf(state: UserState): [unknown, unknown][] {
  const { length, keys, values } = state.result();
  const names = keys.length === 0 ? [''] : valuesOf(keys[0]!);
  return Array.from({ length }, (_, i) => [names[i], values[0]![i]]);
}

describe('a user aggregation, after every batch, is what all rows in view give at once', () => {
  for (const [kind, aggregation] of Object.entries(kinds)) {
    for (const [name, window] of Object.entries(windows)) {
      for (const grouped of [false, true]) {
        test(`${kind}, ${name}, ${grouped ? 'grouped' : 'no group'}`, () => {
          fc.assert(
            fc.property(batches, (cut) => {
              const state = createUserState(specOf(aggregation, grouped, window));
              const seen: Row[] = [];
              for (const batch of cut) {
                seen.push(...batch);
                state.update(inputOf(batch, grouped));
                const view = inView(seen, window);
                const groups = groupBy(view.rows, ({ g }) => (grouped ? g : ''));
                if (!grouped && groups.size === 0) groups.set('', []);
                groups.delete(null);
                const expected = new Map([...groups].map(([key, rows]) => [key, meanOf(rows)]));
                expect(new Map(tableOf(state))).toEqual(expected);
                expect([state.rowsInView, state.late, state.groups]).toEqual([
                  view.rows.length,
                  view.late,
                  grouped ? groups.size : 1,
                ]);
              }
            }),
            { numRuns: 100 },
          );
        });
      }
    }
  }
});

/** Writes down what it is called with. */
class Diary extends Aggregation<ColumnRows, string[], string> {
  initial(rows: ColumnRows): string[] {
    return [`initial ${rows.toArray()}`];
  }
  onNew(state: string[], rows: ColumnRows): [string[], string] {
    return this.write(state, `new ${rows.toArray()}`);
  }
  protected write(state: string[], line: string): [string[], string] {
    return [[...state, line], [...state, line].join('; ')];
  }
}

class DiaryOfOld extends Diary {
  override onOld(state: string[], rows: ColumnRows): [string[], string] {
    return this.write(state, `old ${rows.toArray()}`);
  }
}

const numbers = (...xs: (number | null)[]): AggregateInput => ({
  length: xs.length,
  keys: [],
  values: [column(new Float64(), xs)],
});

const keyed = (...rows: [string | null, number][]): AggregateInput => ({
  length: rows.length,
  keys: [
    column(
      new Utf8(),
      rows.map(([key]) => key),
    ),
  ],
  values: [
    column(
      new Float64(),
      rows.map(([, x]) => x),
    ),
  ],
});

function stateOf(aggregation: AnyAggregation, more: Partial<UserSpec> = {}): UserState {
  return createUserState({
    name: 'Diary',
    aggregation,
    inputTypes: [new Float64()],
    groupTypes: [],
    ...more,
  });
}

const only = (state: UserState): unknown => state.result().values[0]![0];

describe('the functions are called', () => {
  test('initial once with the first rows, onNew per batch, empty ones too', () => {
    const state = stateOf(new Diary());
    expect(only(state)).toBe(null);
    for (const batch of [numbers(), numbers(1, 2), numbers(), numbers(3)]) state.update(batch);
    expect(only(state)).toBe('initial ; new ; new 1,2; new ; new 3');
  });

  test('onNew with the whole batch before onOld with each evicted chunk', () => {
    const state = stateOf(new DiaryOfOld(), { window: { rows: 3 } });
    for (const batch of [numbers(1), numbers(2, 3), numbers(), numbers(4, 5), numbers(6, 7, 8, 9)])
      state.update(batch);
    expect(only(state)).toBe(
      'initial 1; new 1; new 2,3; new ; new 4,5; old 1; old 2; new 6,7,8,9; old 3; old 4,5; old 6',
    );
  });

  test('for each group with its own rows, never for a null key', () => {
    const state = stateOf(new DiaryOfOld(), { groupTypes: [new Utf8()], window: { rows: 3 } });
    state.update(keyed(['a', 1], ['b', 2], ['a', 3]));
    state.update(keyed([null, 4], ['b', 5]));
    const { keys, values } = state.result();
    expect(valuesOf(keys[0]!)).toEqual(['a', 'b']);
    expect(values).toEqual([['initial 1,3; new 1,3; old 1', 'initial 2; new 2; new 5; old 2']]);
  });

  test('afresh for a group that left and came back', () => {
    const state = stateOf(new DiaryOfOld(), { groupTypes: [new Utf8()], window: { rows: 1 } });
    for (const row of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ] as [string, number][])
      state.update(keyed(row));
    expect(state.result().values).toEqual([['initial 3; new 3']]);
  });

  test('on all rows in view at once where there is neither merge nor onOld', () => {
    const state = stateOf(new Diary(), { window: { rows: 3 } });
    for (const batch of [numbers(1, 2), numbers(3, null)]) state.update(batch);
    expect(only(state)).toBe('initial 2,3,; new 2,3,');
  });

  test('for each of several columns', () => {
    const state = stateOf(new Diary(), { inputTypes: [new Float64(), new Utf8()] });
    state.update({ length: 1, keys: [], values: [column(new Float64(), [1]), column(new Utf8(), ['a'])] });
    expect(state.result().values).toEqual([['initial 1; new 1'], ['initial a; new a']]);
  });
});

test('an infinity that has left leaves nothing in a state that takes away', () => {
  const state = stateOf(new TakingAway(), { window: { rows: 2 } });
  const seen = [];
  for (const x of [Infinity, 1, 2, 3]) {
    state.update(numbers(x));
    seen.push(only(state));
  }
  expect(seen).toEqual([Infinity, Infinity, 1.5, 2.5]);
});

test('merging takes each batch in once and merges a few times per batch', () => {
  let merges = 0;
  let rowsSeen = 0;
  class Counting extends Merging {
    override onNew(s: Moments, rows: Rows): [Moments, number | null] {
      rowsSeen += rows.length;
      return super.onNew(s, rows);
    }
    override merge(a: Moments, b: Moments): Moments {
      merges++;
      return super.merge(a, b);
    }
  }
  const state = stateOf(new Counting(), {
    window: { rows: 1000 },
  });
  for (let k = 0; k < 5000; k++) state.update(numbers(k, k + 1));
  expect(only(state)).toBe((4500 + 5000) / 2);
  expect(rowsSeen).toBeLessThanOrEqual(10_000);
  expect(merges).toBeLessThanOrEqual(4 * 5000);
});

describe('a function that fails', () => {
  const failing = (verb: 'initial' | 'onNew' | 'onOld' | 'merge', fail: () => unknown): UserState => {
    class Failing extends Merging {
      override initial(): Moments {
        if (verb === 'initial' && armed) return fail() as Moments;
        return super.initial();
      }
      override onNew(s: Moments, rows: Rows): [Moments, number | null] {
        if (verb === 'onNew' && armed) return fail() as [Moments, number];
        return super.onNew(s, rows);
      }
    }
    if (verb === 'merge') {
      Failing.prototype.merge = function (a, b) {
        return armed ? (fail() as Moments) : Merging.prototype.merge.call(this, a, b);
      };
    } else Object.defineProperty(Failing.prototype, 'merge', { value: undefined });
    if (verb === 'onOld') {
      Object.defineProperty(Failing.prototype, 'onOld', {
        value: (s: Moments, rows: Rows) => (armed ? fail() : add(s, rows, -1)),
      });
    }
    return createUserState({ ...specOf(new Failing(), true, { rows: 2 }), name: 'My mean' });
  };
  let armed = false;

  for (const verb of ['initial', 'onNew', 'onOld', 'merge'] as const) {
    test(`in ${verb} is named, changes nothing, and the next batch goes on`, () => {
      armed = false;
      const state = failing(verb, () => {
        throw new RangeError('no');
      });
      state.update(keyed(['a', 1], ['a', 3]));
      armed = true;
      expect(() => state.update(keyed(['b', 5], ['b', 6], ['a', 4]))).toThrow(
        `${verb} of "My mean" threw: no`,
      );
      expect([tableOf(state), state.rowsInView, state.groups]).toEqual([[['a', 2]], 2, 1]);
      armed = false;
      state.update(keyed(['a', 5]));
      expect(tableOf(state)).toEqual([['a', 4]]);
    });
  }

  test('by returning no state says so', () => {
    armed = true;
    const cases: ['initial' | 'onNew' | 'merge', unknown, string][] = [
      ['initial', undefined, 'initial of "My mean" returned undefined; wanted a state'],
      ['onNew', { total: 1 }, 'onNew of "My mean" returned object; wanted [state, result]'],
      ['onNew', [undefined, 1], 'onNew of "My mean" returned undefined as its state; wanted [state, result]'],
      ['onNew', [1, 2, 3], 'onNew of "My mean" returned an array of 3; wanted [state, result]'],
    ];
    for (const [verb, value, text] of cases) {
      expect(() => failing(verb, () => value).update(keyed(['a', 1]))).toThrow(text);
    }
  });
});
