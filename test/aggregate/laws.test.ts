import { Bool, type DataType, Float64, Int32, Int64 } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  AggregationDefinition,
  Fields,
  Lanes,
  SlotAggregation,
} from '../../src/aggregate/aggregation.ts';
import * as aggregations from '../../src/aggregate/index.ts';
import { vectorOf } from '../../src/columnar/arrow.ts';
import { laneCount } from '../../src/columnar/lanes.ts';

const slots = 3;

function newState(aggregation: SlotAggregation): Fields {
  return aggregation.initial.map((value) => new Float64Array(slots).fill(value));
}

function lanesOf(type: DataType, rows: readonly number[]): Lanes {
  if (laneCount(type) === 1) return [Float64Array.from(rows)];
  return [
    Float64Array.from(rows, (x) => Math.floor(x / 2 ** 32)),
    Float64Array.from(rows, (x) => x - Math.floor(x / 2 ** 32) * 2 ** 32),
  ];
}

/** Results of all slots, as JavaScript values. */
function resultOf(aggregation: SlotAggregation, state: Fields): unknown[] {
  return [
    ...vectorOf(
      aggregation.result(
        state,
        Int32Array.from({ length: slots }, (_, i) => i),
      ),
    ),
  ];
}

/** Equal, or nearly so beside the size of the values. */
function expectClose(actual: unknown[], expected: unknown[], size: number): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    const other = actual[i];
    if (typeof value !== 'number' || typeof other !== 'number' || !Number.isFinite(value)) {
      expect(other).toEqual(value);
    } else {
      expect(Math.abs(other - value)).toBeLessThanOrEqual(1e-12 * Math.abs(value) + size * 1e-25);
    }
  }
}

const missing = fc.constant(Number.NaN);
const float = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => (Math.abs(x) < 1e-6 ? 0 : x)),
  },
  { weight: 2, arbitrary: fc.integer({ min: -5, max: 5 }).map((x) => 1e9 + x) },
  { weight: 2, arbitrary: missing },
  { weight: 1, arbitrary: fc.constantFrom(Infinity, -Infinity, -0) },
);
const inputs: { name: string; type: DataType; value: fc.Arbitrary<number> }[] = [
  { name: 'float64', type: new Float64(), value: float },
  { name: 'int32', type: new Int32(), value: fc.oneof(fc.integer(), missing) },
  { name: 'int64', type: new Int64(), value: fc.oneof(fc.maxSafeInteger(), missing) },
  { name: 'bool', type: new Bool(), value: fc.oneof(fc.nat(1), missing) },
];

/** Whether all there is of an aggregation are fields that take the values of one column in. */
function isPlain(definition: AggregationDefinition, type: DataType): boolean {
  if ((definition.inputs ?? 1) > 1 || !definition.accepts(type)) return false;
  const bound = definition.bind(type, optionsOf(definition));
  return bound.open === undefined && bound.output.children === null;
}

function optionsOf(definition: AggregationDefinition): object {
  return definition.options?.(definition.name === 'histogram' ? { edges: [0, 1] } : {}) ?? {};
}

const definitions = Object.entries(aggregations as unknown as Record<string, AggregationDefinition>);

describe.each(definitions)('%s', (name, definition) => {
  test('has the name it is exported by', () => {
    expect(definition.name).toBe(name);
  });

  const plain = inputs.filter(({ type }) => isPlain(definition, type));
  if (plain.length === 0) return;
  describe.each(plain)('of $name', ({ type, value }) => {
    const bound = definition.bind(type, optionsOf(definition));
    const size = (rows: readonly number[]) =>
      rows.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0);
    const all = (rows: readonly number[]) => {
      const state = newState(bound);
      bound.onNewAll(state, lanesOf(type, rows), 0, rows.length);
      return state;
    };

    test('does not depend on where the rows are cut', () => {
      fc.assert(
        fc.property(fc.array(fc.array(value)), (parts) => {
          const rows = parts.flat();
          const merged = newState(bound);
          const running = newState(bound);
          for (const part of parts) {
            bound.merge(merged, 0, all(part), 0);
            bound.onNewAll(running, lanesOf(type, part), 0, part.length);
          }
          const whole = resultOf(bound, all(rows));
          expectClose(resultOf(bound, merged), whole, size(rows) ** 2);
          expectClose(resultOf(bound, running), whole, size(rows) ** 2);
        }),
      );
    });

    test('takes rows one at a time like all at once, merged or not', () => {
      fc.assert(
        fc.property(fc.array(value), (rows) => {
          const lanes = lanesOf(type, rows);
          const state = newState(bound);
          const merged = newState(bound);
          for (let i = 0; i < rows.length; i++) {
            bound.onNewRow(state, 0, lanes, i);
            const one = newState(bound);
            bound.onNewRow(one, 2, lanes, i);
            bound.merge(merged, 0, one, 2);
          }
          const whole = resultOf(bound, all(rows));
          expectClose(resultOf(bound, state), whole, size(rows) ** 2);
          expectClose(resultOf(bound, merged), whole, size(rows) ** 2);
        }),
      );
    });

    test('gives each group what its rows alone give', () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(value, fc.integer({ min: -1, max: slots - 1 }))), (pairs) => {
          const rows = pairs.map(([x]) => x);
          const slotOf = Int32Array.from(pairs, ([, slot]) => slot);
          const cut = rows.length >> 1;
          const grouped = newState(bound);
          bound.onNew(grouped, lanesOf(type, rows), slotOf, 0, cut);
          bound.onNew(grouped, lanesOf(type, rows), slotOf, cut, rows.length);
          const alone = Array.from({ length: slots }, (_, slot) => {
            const own = rows.filter((_, i) => slotOf[i] === slot);
            return resultOf(bound, all(own))[0];
          });
          expectClose(resultOf(bound, grouped), alone, size(rows) ** 2);
        }),
      );
    });

    test('does not change by merging an empty slot into it, nor it into an empty slot', () => {
      fc.assert(
        fc.property(fc.array(value), (rows) => {
          const state = all(rows);
          const copy = newState(bound);
          bound.merge(copy, 0, state, 0);
          bound.merge(state, 0, newState(bound), 1);
          const whole = resultOf(bound, all(rows));
          expect(resultOf(bound, state)).toEqual(whole);
          expect(resultOf(bound, copy)).toEqual(whole);
        }),
      );
    });
  });
});
