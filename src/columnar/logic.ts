import { copyBits } from './bitmap.ts';
import type { BoolColumn } from './column.ts';
import { boolColumn } from './compare.ts';
import { validityBits } from './validity.ts';

/**
 * Logic of three values, as SQL and pandas' nullable booleans: a null is "unknown", so `false and null`
 * is false and `true or null` is true; everything else with a null is null.
 */
export function and(a: BoolColumn, b: BoolColumn): BoolColumn {
  return combine(
    a,
    b,
    (x, y) => x & y,
    (x, y, vx, vy) => (vx & vy) | (vx & ~x) | (vy & ~y),
  );
}

/** See {@link and}. */
export function or(a: BoolColumn, b: BoolColumn): BoolColumn {
  return combine(
    a,
    b,
    (x, y) => x | y,
    (x, y, vx, vy) => (vx & vy) | (vx & x) | (vy & y),
  );
}

/** Null where either is. */
export function xor(a: BoolColumn, b: BoolColumn): BoolColumn {
  return combine(
    a,
    b,
    (x, y) => x ^ y,
    (_x, _y, vx, vy) => vx & vy,
  );
}

/** Null stays null. */
export function not(a: BoolColumn): BoolColumn {
  const values = copyBits(a.values, a.offset, a.length);
  for (let i = 0; i < values.length; i++) values[i] = ~values[i]!;
  return boolColumn(values, a.length, a.validity && copyBits(a.validity, a.offset, a.length));
}

function combine(
  a: BoolColumn,
  b: BoolColumn,
  value: (x: number, y: number) => number,
  valid: (x: number, y: number, validX: number, validY: number) => number,
): BoolColumn {
  const { length } = a;
  const x = copyBits(a.values, a.offset, length);
  const y = copyBits(b.values, b.offset, length);
  const values = new Uint8Array(x.length);
  if (a.validity === undefined && b.validity === undefined) {
    for (let i = 0; i < values.length; i++) values[i] = value(x[i]!, y[i]!);
    return boolColumn(values, length);
  }
  const vx = validityBits(a);
  const vy = validityBits(b);
  const validity = new Uint8Array(x.length);
  for (let i = 0; i < values.length; i++) {
    // A null counts as false in the values, so that `true or null` reads true.
    const left = x[i]! & vx[i]!;
    const right = y[i]! & vy[i]!;
    values[i] = value(left, right);
    validity[i] = valid(x[i]!, y[i]!, vx[i]!, vy[i]!);
  }
  return boolColumn(values, length, validity);
}
