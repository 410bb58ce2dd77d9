import { Float64, Int32, Utf8 } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Codes } from '../../src/aggregate/codes.ts';
import { estimateOf, registersFor } from '../../src/aggregate/hyper-log-log.ts';
import { last, nunique } from '../../src/aggregate/index.ts';
import { Kll } from '../../src/aggregate/kll.ts';
import { SpaceSaving } from '../../src/aggregate/space-saving.ts';
import { hashLane } from '../../src/columnar/hash-lane.ts';
import { type AggregateState, createAggregateState } from '../../src/frame/aggregate-state.ts';
import { column, valuesOf } from '../support/columns.ts';

const text = new Utf8();

function words(
  from: number,
  count: number,
): { length: number; keys: []; values: ReturnType<typeof column>[] } {
  const values = Array.from({ length: count }, (_, i) => `word ${from + i}`);
  return { length: count, keys: [], values: [column(text, values)] };
}

/** Number of values that the codes of a saved state hold. */
function coded(state: AggregateState): number {
  const { lanes } = state.save() as { lanes: { codes: [number, { slots: Int32Array }][] } };
  return lanes.codes[0]![1].slots.length;
}

describe('codes', () => {
  test('say nothing of missing values, and the same of equal ones', () => {
    const codes = new Codes(new Float64());
    const [a, b, c, d, e] = codes.of(column(new Float64(), [0, -0, null, Number.NaN, 2]));
    expect([a === b, Number.isNaN(c), Number.isNaN(d), codes.compare(a!, e!) < 0]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(valuesOf(codes.columnOf(Float64Array.of(e!, Number.NaN, a!)))).toEqual([2, null, 0]);
  });

  test('of strings that went by are let go of, over all time', () => {
    const spec = {
      aggregations: [{ bound: last.bind(text, {}), inputs: [0] }],
      inputTypes: [text],
      groupTypes: [],
    };
    const state = createAggregateState(spec);
    for (let i = 0; i < 100; i++) state.update(words(500 * i, 500));
    expect(valuesOf(state.result().values[0]!)).toEqual(['word 49999']);
    expect(coded(state)).toBeLessThan(3000);
  });

  test('of strings that left the window are let go of', () => {
    const spec = {
      aggregations: [
        { bound: last.bind(text, {}), inputs: [0] },
        { bound: nunique.bind(text, {}), inputs: [0] },
      ],
      inputTypes: [text],
      groupTypes: [],
      window: { rows: 1000 },
    };
    const state = createAggregateState(spec);
    for (let i = 0; i < 100; i++) state.update(words(500 * i, 500));
    expect(state.result().values.map((values) => valuesOf(values)[0])).toEqual(['word 49999', 1000n]);
    expect(coded(state)).toBeLessThan(5000);
  });
});

describe('estimates', () => {
  test('the number of different values is within five standard deviations', () => {
    for (const precision of [6, 10, 12]) {
      for (const n of [0, 1, 100, 3000, 100_000]) {
        const registers = new Uint8Array(2 ** precision);
        for (const values of [
          column(
            new Int32(),
            Array.from({ length: n }, (_, i) => i * 7),
          ),
        ]) {
          for (const hash of hashLane(values)) registersFor(registers, precision, hash);
        }
        const deviation = (1.04 * n) / Math.sqrt(registers.length);
        expect(Math.abs(estimateOf(registers, precision) - n)).toBeLessThanOrEqual(5 * deviation + 1e-9);
      }
    }
  });

  test('the same values make the same hash in every form', () => {
    const [a, b] = hashLane(column(text, ['a', 'some longer string']));
    expect([...hashLane(column(text, ['some longer string', null, 'a']))]).toEqual([b, Number.NaN, a]);
  });

  test('a quantile is as near as it says', () => {
    const k = 200;
    const n = 200_000;
    const sketch = new Kll(k, 1);
    for (let i = 0; i < n; i++) sketch.add((i * 7919) % n); // every number below n once
    for (const q of [0, 0.01, 0.25, 0.5, 0.75, 0.99, 1]) {
      expect(Math.abs(sketch.quantile(q) / n - q)).toBeLessThanOrEqual(2.3 / k ** 0.9);
    }
    const { levels } = sketch.save();
    expect(levels.reduce((sum, values) => sum + values.length, 0)).toBeLessThan(4 * k);
  });

  test('a restored sketch goes on as the one that was saved', () => {
    const [a, b] = [new Kll(8, 5), new Kll(8, 5)];
    for (let i = 0; i < 1000; i++) a.add((i * 37) % 101);
    b.restore(structuredClone(a.save()));
    for (let i = 0; i < 1000; i++) for (const sketch of [a, b]) sketch.add((i * 53) % 97);
    expect(b.save()).toEqual(a.save());
  });

  test('a count of a frequent value is too high by no more than its error', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30)), (codes) => {
        const size = 8;
        const sketch = new SpaceSaving(size);
        const exact = new Map<number, number>();
        for (const code of codes) {
          sketch.add(code);
          exact.set(code, (exact.get(code) ?? 0) + 1);
        }
        const counters = sketch.counters();
        for (const { code, count, error } of counters) {
          expect(count).toBeGreaterThanOrEqual(exact.get(code)!);
          expect(count - error).toBeLessThanOrEqual(exact.get(code)!);
          expect(error).toBeLessThanOrEqual(codes.length / size);
        }
        for (const [code, count] of exact) {
          if (count > codes.length / size) expect(counters.map((counter) => counter.code)).toContain(code);
        }
      }),
    );
  });
});
