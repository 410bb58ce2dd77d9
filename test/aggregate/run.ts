import { type DataType, vectorFromArray } from 'apache-arrow';
import type {
  AggregationDefinition,
  Fields,
  SlotAggregation,
  TypeFunction,
} from '../../src/aggregate/aggregation.ts';
import { columnOf, vectorOf } from '../../src/columnar/arrow.ts';
import type { Column } from '../../src/columnar/column.ts';
import { type Lanes, lanesOf } from '../../src/columnar/lanes.ts';

/** Binds an aggregation as a frame does: options checked first. */
export function bound<Options extends object>(
  definition: AggregationDefinition<TypeFunction, Options>,
  type: DataType,
  options: Partial<Options> = {},
): SlotAggregation {
  const given = options as Options;
  return definition.bind(type, definition.options?.(given) ?? given);
}

export function newState(aggregation: SlotAggregation, slots = 1): Fields {
  return aggregation.initial.map((value) => new Float64Array(slots).fill(value));
}

export function column(type: DataType, values: readonly unknown[]): Column {
  return columnOf(vectorFromArray(values, type).data[0]!);
}

/** Results of slots `0 … slots - 1` as JavaScript values. */
export function resultsOf(aggregation: SlotAggregation, state: Fields, slots = 1): unknown[] {
  return [
    ...vectorOf(
      aggregation.result(
        state,
        Int32Array.from({ length: slots }, (_, i) => i),
      ),
    ),
  ];
}

/**
 * The result over `lanes` taken in five ways: all at once, row by row, as merged parts of one row, in three batches,
 * and as the second of two groups.
 */
export function inEachWay(aggregation: SlotAggregation, lanes: Lanes): Record<string, unknown> {
  const { length } = lanes[0]!;
  const states = { all: 0, rows: 0, merged: 0, batches: 0, grouped: 0 };
  const made = Object.keys(states).map((way) => [way, newState(aggregation, 2)] as const);
  const { all, rows, merged, batches, grouped } = Object.fromEntries(made) as Record<
    keyof typeof states,
    Fields
  >;
  aggregation.onNewAll(all, lanes, 0, length);
  for (let i = 0; i < length; i++) {
    aggregation.onNewRow(rows, 0, lanes, i);
    const part = newState(aggregation);
    aggregation.onNewAll(part, lanes, i, i + 1);
    aggregation.merge(merged, 0, part, 0);
  }
  const cuts = [0, Math.floor(length / 3), Math.floor(length / 2), length];
  for (let k = 0; k < 3; k++) aggregation.onNewAll(batches, lanes, cuts[k]!, cuts[k + 1]!);
  aggregation.onNew(grouped, lanes, new Int32Array(length).fill(1), 0, length);
  return {
    all: resultsOf(aggregation, all)[0],
    rows: resultsOf(aggregation, rows)[0],
    merged: resultsOf(aggregation, merged)[0],
    batches: resultsOf(aggregation, batches)[0],
    grouped: resultsOf(aggregation, grouped, 2)[1],
  };
}

/** The one result that all ways of `inEachWay` agree on; throws where they do not. */
export function resultOf<Options extends object>(
  definition: AggregationDefinition<TypeFunction, Options>,
  type: DataType,
  values: readonly unknown[],
  options: Partial<Options> = {},
): unknown {
  const results = inEachWay(bound(definition, type, options), lanesOf(column(type, values)));
  const [first] = Object.values(results);
  for (const [way, result] of Object.entries(results)) {
    if (!Object.is(result, first)) throw new Error(`${way}: ${String(result)}, all: ${String(first)}`);
  }
  return first;
}

/** A double as an exact integer multiple of 2^-1074. */
export function exact(x: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, x);
  const word = bits.getBigUint64(0);
  const exponent = Number((word >> 52n) & 2047n);
  const fraction = word & (2n ** 52n - 1n);
  const size = exponent === 0 ? fraction : (fraction + 2n ** 52n) << BigInt(exponent - 1);
  return x < 0 ? -size : size;
}

/** The double next to `numerator / denominator`, to a few units in the last place. */
export function ratio(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  const sign = numerator < 0n ? -1 : 1;
  const a = numerator < 0n ? -numerator : numerator;
  const shift = a.toString(2).length - denominator.toString(2).length - 64;
  const quotient = shift >= 0 ? a / (denominator << BigInt(shift)) : (a << BigInt(-shift)) / denominator;
  const half = Math.trunc(shift / 2);
  return sign * Number(quotient) * 2 ** half * 2 ** (shift - half);
}
