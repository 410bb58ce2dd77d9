import type { DataType } from 'apache-arrow';
import { DataType as Type } from 'apache-arrow';
import type { Column, NumberColumn } from '../columnar/column.ts';
import { lanesOf } from '../columnar/lanes.ts';
import { withNulls } from '../columnar/nulls.ts';
import { isNull } from '../columnar/value.ts';
import type { SlotAggregation } from './aggregation.ts';
import { composite } from './composite.ts';
import { exactInteger, exactIntegers } from './exact-integer.ts';

/**
 * The same aggregation where missing values show: null if any value in view is null, else NaN (null where the result
 * is no float) if any is NaN.
 */
export function strict(aggregation: SlotAggregation, types: readonly DataType[]): SlotAggregation {
  const parts = [aggregation];
  for (const input of types.keys()) parts.push(missing(input, 2), missing(input, 1));
  const { output, plainNumber = false, largestTotal } = aggregation;
  return composite(parts, types, {
    output,
    plainNumber,
    ...(largestTotal === undefined ? {} : { largestTotal }),
    finish([result, ...counts], length) {
      const flags = counts.map((column) => lanesOf(column)[1]!);
      const some = (row: number, nulls: boolean): boolean =>
        flags.some((flag, k) => (k % 2 === 0) === nulls && flag[row]! > 0);
      return blanked(
        result!,
        Uint8Array.from({ length }, (_, row) => (some(row, true) ? 2 : some(row, false) ? 1 : 0)),
      );
    },
  });
}

/** How many values are missing as `kind` says: 1 as NaN, 2 as null. */
function missing(input: number, kind: 1 | 2): SlotAggregation {
  return {
    output: exactInteger,
    reads: [{ input, as: 'missing' }],
    initial: [0],
    onNewAll(state, lanes, from, to) {
      for (let i = from; i < to; i++) if (lanes[0]![i] === kind) state[0]![0]! += 1;
    },
    onNew(state, lanes, slotOf, from, to) {
      for (let i = from; i < to; i++)
        if (lanes[0]![i] === kind && slotOf[i]! >= 0) state[0]![slotOf[i]!]! += 1;
    },
    onNewRow(state, slot, lanes, row) {
      if (lanes[0]![row] === kind) state[0]![slot]! += 1;
    },
    merge(into, slot, from, fromSlot) {
      into[0]![slot]! += from[0]![fromSlot]!;
    },
    result: (state, slots) => exactIntegers(state[0]!, slots),
  };
}

/** A result with NaN where `missing` is 1 and null where it is 2. */
function blanked(column: Column, missing: Uint8Array): Column {
  if (!missing.some((flag) => flag > 0)) return column;
  const floats = Type.isFloat(column.type);
  const present = Uint8Array.from(missing, (flag, row) =>
    Number(flag === 0 ? !isNull(column, row) : flag === 1 && floats),
  );
  if (!floats) return withNulls(column, present);
  const values = (column as NumberColumn).values.slice();
  for (let i = 0; i < missing.length; i++) if (missing[i] === 1) values[i] = Number.NaN;
  return withNulls({ ...(column as NumberColumn), values }, present);
}
