import { DataType } from 'apache-arrow';
import { columnOf, dataOf } from './arrow.ts';
import type { Column } from './column.ts';
import { takeOrNull } from './take-or-null.ts';
import { isNull } from './value.ts';

/** The elements of a column of lists, one under the other. */
export interface Exploded {
  /** The row that each element is from. */
  readonly rows: Int32Array;
  readonly items: Column;
}

/** O(elements). @param dropsEmpty whether a list that is empty or null gives no row; else it gives a null. */
export function explodedColumn(lists: Column, dropsEmpty: boolean): Exploded {
  const { length } = lists;
  const data = dataOf(lists);
  const { type } = lists;
  const size = DataType.isFixedSizeList(type) ? type.listSize : 0;
  const offsets = DataType.isFixedSizeList(type)
    ? undefined
    : (data.valueOffsets as Int32Array | BigInt64Array);
  const startOf = (row: number): number => (offsets === undefined ? row * size : Number(offsets[row]!));
  const countOf = (row: number): number =>
    isNull(lists, row) ? 0 : offsets === undefined ? size : Number(offsets[row + 1]!) - startOf(row);
  let total = 0;
  let blanks = 0;
  for (let row = 0; row < length; row++) {
    const count = countOf(row);
    total += count;
    if (count === 0) blanks++;
  }
  if (dropsEmpty) blanks = 0;
  const rows = new Int32Array(total + blanks);
  const picked = new Int32Array(total + blanks);
  let at = 0;
  for (let row = 0; row < length; row++) {
    const start = startOf(row);
    const count = countOf(row);
    if (count === 0 && !dropsEmpty) {
      rows[at] = row;
      picked[at++] = -1;
    }
    for (let k = 0; k < count; k++) {
      rows[at] = row;
      picked[at++] = start + k;
    }
  }
  return { rows, items: takeOrNull(columnOf(data.children[0]!), picked) };
}
