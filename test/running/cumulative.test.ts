import { Dictionary, Float64, Int32, Int64, TimestampMillisecond, Uint64, Utf8 } from 'apache-arrow';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valuesOf } from '../../src/columnar/value.ts';
import { column } from '../support/columns.ts';
import { batchesOf, boundOf, cuts, type Given, results, rowsBefore } from './run.ts';

const text = fc.constantFrom(
  null,
  '',
  'a',
  'Bob',
  '😀',
  '\uffff',
  'a long string that is more than one word',
);
const keys = fc.constantFrom('a', 'b', null);

function codePoints(a: string, b: string): number {
  const [x, y] = [[...a], [...b]].map((chars) => chars.map((char) => char.codePointAt(0)!)) as [
    number[],
    number[],
  ];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return x.length - y.length;
}

test.each([
  ['cummin', 1],
  ['cummax', -1],
] as const)('%s of strings goes by code point, group by group', (fn, sign) => {
  const rows = fc.array(fc.record({ x: text, k: keys }), { maxLength: 50 });
  fc.assert(
    fc.property(
      rows,
      cuts,
      fc.boolean(),
      fc.boolean(),
      fc.nat(12),
      (all, lengths, grouped, coded, handOver) => {
        const by = grouped ? all.map(({ k }) => k) : undefined;
        const wanted = all.map(({ x }, i) => {
          const before = rowsBefore(by, i).flatMap((row) => all[row]!.x ?? []);
          if (x === null || before.length === 0) return null;
          return before.reduce((best, other) => (sign * codePoints(other, best) < 0 ? other : best));
        });
        const type = coded ? new Dictionary(new Utf8(), new Int32()) : new Utf8();
        const given: Given = {
          fn,
          args: [
            column(
              type,
              all.map(({ x }) => x),
            ),
          ],
          by: by === undefined ? [] : [column(new Utf8(), by)],
        };
        expect(results(given, all.length, lengths, handOver)).toEqual(wanted);
      },
    ),
  );
});

test('cumprod of 64-bit integers is exact, and one that does not fit changes nothing', () => {
  const values = [3n, null, 2n ** 40n, 2n ** 40n, 5n, 2n];
  const given: Given = { fn: 'cumprod', args: [column(new Int64(), values)] };
  const state = boundOf(given).create();
  const seen = batchesOf(given, 6, [2, 1, 2, 1]).map((batch) => {
    try {
      return valuesOf(state.update(batch));
    } catch (error) {
      return (error as { code: string }).code;
    }
  });
  expect(seen).toEqual([[3n, null], [3n * 2n ** 40n], 'overflow', [6n * 2n ** 40n], []]);
  expect(results({ fn: 'cumprod', args: [column(new Uint64(), [2n ** 63n, 1n, 0n])] }, 3, [1], 1)).toEqual([
    2n ** 63n,
    2n ** 63n,
    0n,
  ]);
});

test('rowNumber counts from 1 in each group; a null key is a group where it is told so', () => {
  const by = [column(new Utf8(), ['a', 'b', null, 'a', null])];
  const of = (options: Record<string, unknown>): unknown[] =>
    results({ fn: 'rowNumber', options, args: [], by }, 5, [1, 2], 2);
  expect(of({})).toEqual([1n, 1n, null, 2n, null]);
  expect(of({ dropna: false })).toEqual([1n, 1n, 1n, 2n, 2n]);
  expect(results({ fn: 'rowNumber', args: [], by: [] }, 0, [])).toEqual([]);
});

test('firstSeen among the last n keys forgets the one that came longest ago', () => {
  const rows = fc.array(fc.constantFrom('a', 'b', 'c', 'd', null), { maxLength: 60 });
  fc.assert(
    fc.property(rows, cuts, fc.integer({ min: 1, max: 4 }), fc.nat(12), (all, lengths, n, handOver) => {
      let last: (string | null)[] = [];
      const wanted = all.map((key) => {
        const isNew = !last.includes(key);
        last = [...last.filter((other) => other !== key), key].slice(-n);
        return isNew;
      });
      const given: Given = {
        fn: 'firstSeen',
        options: { within: n },
        args: [],
        by: [column(new Utf8(), all)],
      };
      expect(results(given, all.length, lengths, handOver)).toEqual(wanted);
    }),
  );
});

test('firstSeen within a time counts from the row that went through', () => {
  const rows = fc.array(fc.record({ k: keys, t: fc.nat(20) }), { maxLength: 60 });
  fc.assert(
    fc.property(rows, cuts, fc.nat(12), (steps, lengths, handOver) => {
      let now = 0;
      const all = steps.map(({ k, t }) => {
        now += t - 3;
        return { k, t: now };
      });
      const passed = new Map<string | null, number>();
      let newest = Number.NEGATIVE_INFINITY;
      const wanted = all.map(({ k, t }) => {
        newest = Math.max(newest, t);
        const before = passed.get(k) ?? Number.NEGATIVE_INFINITY;
        if (t - before < 25 && newest - before < 50) return false;
        passed.set(k, Math.max(t, before));
        return true;
      });
      const given: Given = {
        fn: 'firstSeen',
        options: { within: '25ms', byTime: true },
        args: [],
        by: [
          column(
            new Utf8(),
            all.map(({ k }) => k),
          ),
        ],
        order: column(
          new TimestampMillisecond(),
          all.map(({ t }) => t),
        ),
      };
      expect(results(given, all.length, lengths, handOver)).toEqual(wanted);
    }),
  );
});

test('firstSeen of late rows does not depend on when memory is given back', () => {
  const rows = Array.from({ length: 4000 }, (_, i) => ({
    k: `k${(i * 7919) % 613}`,
    t: i + ((i * 104_729) % 601) - 300,
  }));
  const of = (lengths: readonly number[]): unknown[] =>
    results(
      {
        fn: 'firstSeen',
        options: { within: '100ms', byTime: true },
        args: [],
        by: [
          column(
            new Utf8(),
            rows.map(({ k }) => k),
          ),
        ],
        order: column(
          new TimestampMillisecond(),
          rows.map(({ t }) => t),
        ),
      },
      rows.length,
      lengths,
      2,
    );
  const whole = of([]);
  expect(of(new Array<number>(400).fill(10))).toEqual(whole);
  expect(of([1, 1, 700, 0, 1300, 3])).toEqual(whole);
});

test('firstSeen keeps no more keys than it was told to', () => {
  const run = (within: number | string): number => {
    const order = column(new TimestampMillisecond(), [0]);
    const given: Given = {
      fn: 'firstSeen',
      options: { within },
      args: [],
      by: [column(new Float64(), [])],
      order,
    };
    const state = boundOf(given).create();
    for (let i = 0; i < 200; i++) {
      const rows = Array.from({ length: 25 }, (_, k) => 25 * i + k);
      state.update({
        length: 25,
        args: [],
        by: [column(new Float64(), rows)],
        order: column(new TimestampMillisecond(), rows),
      });
    }
    return (state.save() as { groups: { slots: Int32Array } }).groups.slots.length;
  };
  expect(run(10)).toBe(10);
  expect(run('100ms')).toBeLessThan(600);
});
