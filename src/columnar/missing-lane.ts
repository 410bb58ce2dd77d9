import { getBit } from './bitmap.ts';
import type { Column } from './column.ts';
import { lanesOf } from './lanes.ts';

/** For each row 0 where there is a value, 1 where it is NaN, 2 where it is null. */
export function missingLane(column: Column): Float64Array {
  const { length, validity, offset } = column;
  const lane = lanesOf(column)[0]!;
  const missing = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    if (!Number.isNaN(lane[i])) continue;
    const isNaNValue = column.kind === 'number' && (validity === undefined || getBit(validity, offset + i));
    missing[i] = isNaNValue ? 1 : 2;
  }
  return missing;
}
