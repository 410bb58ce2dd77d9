import { Int64 } from 'apache-arrow';
import { type Arithmetic, bigArithmetic } from './arithmetic.ts';
import { newBitmap, setBit } from './bitmap.ts';
import type { Column, Int64Column, NumberColumn } from './column.ts';
import { doublesOf, exactDoubles, int64OfDoubles } from './numbers.ts';
import { commonValidity } from './validity.ts';
import { isNull } from './value.ts';

/** Operations that stay in 64-bit integers. */
export type Int64Op = 'add' | 'sub' | 'mul' | 'floordiv' | 'mod' | 'pow';

/** Told of a row whose result is not a 64-bit integer; throws. */
export type Int64Failure = (problem: 'overflow' | 'negative-exponent', row: number, result?: bigint) => never;

/** An int64 column over `values`, null where one of `from` is. */
function int64Column(values: BigInt64Array, from: readonly Column[]): Int64Column {
  const { length } = values;
  return {
    kind: 'int64',
    type: new Int64(),
    length,
    validity: commonValidity(from, length),
    offset: 0,
    values,
  };
}

/**
 * 64-bit integers, exactly: through doubles while all lies within 2⁵³, else through bigints. A quotient
 * or remainder by zero is null.
 */
export function int64Arithmetic(
  op: Int64Op,
  compute: Arithmetic,
  a: NumberColumn | Int64Column,
  b: NumberColumn | Int64Column,
  fail: Int64Failure,
): Int64Column {
  const x = integers(a);
  const y = integers(b);
  if (x !== undefined && y !== undefined) {
    const out = new Float64Array(a.length);
    compute(x, y, out);
    const values = int64OfDoubles(out);
    if (values !== undefined) return int64Column(values, [a, b]);
  }
  return byBigint(op, a, b, fail);
}

function integers(column: NumberColumn | Int64Column): Float64Array | undefined {
  return column.kind === 'int64' ? exactDoubles(column) : doublesOf(column);
}

function byBigint(
  op: Int64Op,
  a: NumberColumn | Int64Column,
  b: NumberColumn | Int64Column,
  fail: Int64Failure,
): Int64Column {
  const { length } = a;
  const values = new BigInt64Array(length);
  const validity = newBitmap(length);
  const apply = bigArithmetic[op]!;
  for (let i = 0; i < length; i++) {
    if (isNull(a, i) || isNull(b, i)) continue;
    const p = BigInt(a.values[i]!);
    const q = BigInt(b.values[i]!);
    if (q === 0n && (op === 'floordiv' || op === 'mod')) continue;
    if (q < 0n && op === 'pow') fail('negative-exponent', i);
    // Nothing but -1, 0 and 1 has so high a power in 64 bits; it would take for ever to find out.
    if (q > 63n && op === 'pow' && p * p > 1n) fail('overflow', i);
    const result = apply(p, q);
    if (BigInt.asIntN(64, result) !== result) fail('overflow', i, result);
    values[i] = result;
    setBit(validity, i);
  }
  return { kind: 'int64', type: new Int64(), length, validity, offset: 0, values };
}

/** The larger of each value and its negation, which the caller has computed exactly. */
export function int64Abs(column: Int64Column, negated: Int64Column): Int64Column {
  const values = new BigInt64Array(column.length);
  for (let i = 0; i < values.length; i++) {
    values[i] = column.values[i]! < 0n ? negated.values[i]! : column.values[i]!;
  }
  return int64Column(values, [column]);
}
