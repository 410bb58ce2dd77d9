import fc from 'fast-check';
import type { ExprTree } from '../../src/expr/tree.ts';
import { exact } from '../support/exact.ts';

/** A value as rows have it: null is null, int64 a bigint. */
export type Value = number | bigint | boolean | string | null;
export type Row = Readonly<Record<string, Value>>;

/** What an expression is for one row, computed value by value. */
export function evaluate(tree: ExprTree, row: Row): Value {
  if (tree.op === 'column') return row[tree.name]!;
  if (tree.op === 'literal') return tree.value;
  if (tree.op === 'value') throw new Error('not of one row');
  const [a = null, b = null] = tree.args.map((arg) => evaluate(arg, row));
  switch (tree.op) {
    case 'isNull':
      return a === null;
    case 'notNull':
      return a !== null;
    case 'and':
      return a === false || b === false ? false : a === null || b === null ? null : true;
    case 'or':
      return a === true || b === true ? true : a === null || b === null ? null : false;
  }
  if (a === null) return null;
  switch (tree.op) {
    case 'not':
      return !a;
    case 'isNaN':
      return Number.isNaN(a);
    case 'neg':
      return -(a as number);
    case 'abs':
      return (a as number) < 0 || Object.is(a, -0) ? -(a as number) : a;
    case 'round':
      return typeof a === 'bigint' ? a : roundHalfToEven(a as number, tree.decimals);
  }
  if (b === null) return null;
  switch (tree.op) {
    case 'xor':
      return a !== b;
    case 'eq':
      // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number may be equal
      return a == b;
    case 'ne':
      // biome-ignore lint/suspicious/noDoubleEquals: see above
      return a != b;
    case 'lt':
      return less(a, b);
    case 'gt':
      return less(b, a);
    case 'le':
      return less(a, b) || evaluate({ ...tree, op: 'eq' }, row) === true;
    case 'ge':
      return less(b, a) || evaluate({ ...tree, op: 'eq' }, row) === true;
  }
  if (tree.op === 'div') return Number(a) / Number(b);
  return typeof a === 'bigint' && typeof b === 'bigint'
    ? ofIntegers(tree.op, a, b)
    : ofDoubles(tree.op, Number(a), Number(b));
}

/** Strings by code point, which is not JavaScript's order. */
function less(a: Value, b: Value): boolean {
  if (typeof a !== 'string' || typeof b !== 'string') return a! < b!;
  const [x, y] = [[...a], [...b]];
  const at = x.findIndex((char, i) => char !== y[i]);
  if (at < 0) return x.length < y.length;
  return y[at] !== undefined && x[at]!.codePointAt(0)! < y[at].codePointAt(0)!;
}

function ofDoubles(op: string, a: number, b: number): number {
  switch (op) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'pow':
      return a ** b;
    case 'floordiv': {
      if (b === 0) return a / b;
      // As Python has it: an infinity divided has no remainder, so no whole quotient either.
      if (!Number.isFinite(a) || Number.isNaN(b)) return Number.NaN;
      if (!Number.isFinite(b)) return a === 0 || a < 0 === b < 0 ? zeroOf(a, b) : -1;
      return Number(ofIntegers('floordiv', exact(a), exact(b))) || zeroOf(a, b);
    }
    case 'mod': {
      const rest = a % b;
      if (rest === 0) return b < 0 ? -0 : 0;
      return rest < 0 !== b < 0 ? rest + b : rest;
    }
  }
  throw new Error(`no ${op}`);
}

/** Zero with the sign of a / b. */
function zeroOf(a: number, b: number): number {
  const isNegative = (x: number): boolean => x < 0 || Object.is(x, -0);
  return isNegative(a) === isNegative(b) ? 0 : -0;
}

function ofIntegers(op: string, a: bigint, b: bigint): bigint | null {
  switch (op) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'pow':
      return a ** b;
    case 'floordiv':
      if (b === 0n) return null;
      return a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n);
    case 'mod':
      if (b === 0n) return null;
      return ((a % b) + b) % b;
  }
  throw new Error(`no ${op}`);
}

function roundHalfToEven(value: number, decimals: number): number {
  const scale = 10 ** Math.abs(decimals);
  const scaled = decimals < 0 ? value / scale : value * scale;
  if (!Number.isFinite(scaled)) return value;
  const up = Math.round(scaled);
  const whole = Math.abs(scaled % 1) === 0.5 && up % 2 !== 0 ? up - 1 : up;
  return decimals < 0 ? whole * scale : whole / scale;
}

const doubles = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -1000, max: 1000 }).map((x) => x / 8) },
  { weight: 2, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 63)) },
);
const integers = fc.oneof(
  { weight: 3, arbitrary: fc.bigInt({ min: -50n, max: 50n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 61n), max: 2n ** 61n }) },
  { weight: 1, arbitrary: fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n) },
);
const texts = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'ab', 'é', '\uE000', '😀', 'a\u0000', 'longer than twelve bytes'),
  fc.string({ unit: 'binary', maxLength: 15 }),
);

/** Rows of the columns that random expressions read. */
export const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({
    f: fc.option(doubles),
    g: fc.option(doubles),
    n: fc.option(fc.integer({ min: -100, max: 100 })),
    i: fc.option(integers),
    j: fc.option(integers),
    b: fc.option(fc.boolean()),
    s: fc.option(texts),
    u: fc.option(texts),
  }),
  { maxLength: 20 },
);

const column = (name: string): ExprTree => ({ op: 'column', name });
const ops = <T>(...names: T[]) => fc.constantFrom(...names);
type Trees = Record<'double' | 'integer' | 'boolean' | 'text', ExprTree>;

/** Random expressions by what they give. Products and powers of 64-bit integers overflow and are tried apart. */
export const trees: { readonly [K in keyof Trees]: fc.Arbitrary<ExprTree> } = fc.letrec<Trees>((tie) => {
  const pair = (op: fc.Arbitrary<string>, a: keyof Trees, b: keyof Trees) =>
    fc.tuple(op, tie(a), tie(b)).map(([name, x, y]) => ({ op: name, args: [x, y] }) as ExprTree);
  const one = (op: fc.Arbitrary<string>, a: keyof Trees) =>
    fc.tuple(op, tie(a)).map(([name, x]) => ({ op: name, args: [x] }) as ExprTree);
  const comparison = ops('eq', 'ne', 'lt', 'le', 'gt', 'ge');
  return {
    double: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'trees' },
      ops('f', 'g', 'n').map(column),
      doubles.map((value): ExprTree => ({ op: 'literal', type: 'float64', value, explicit: true })),
      pair(ops('add', 'sub', 'mul', 'div', 'floordiv', 'mod', 'pow'), 'double', 'double'),
      pair(ops('div'), 'integer', 'integer'),
      one(ops('neg', 'abs'), 'double'),
    ),
    integer: fc.oneof(
      { maxDepth: 2, depthIdentifier: 'trees' },
      ops('i', 'j').map(column),
      fc
        .bigInt({ min: -9n, max: 9n })
        .map((value): ExprTree => ({ op: 'literal', type: 'int64', value, explicit: true })),
      pair(ops('floordiv', 'mod'), 'integer', 'integer'),
      one(ops('neg', 'abs'), 'integer'),
    ),
    boolean: fc.oneof(
      { maxDepth: 5, depthIdentifier: 'trees' },
      fc.constant(column('b')),
      fc.boolean().map((value): ExprTree => ({ op: 'literal', type: 'bool', value })),
      pair(comparison, 'double', 'double'),
      pair(comparison, 'integer', 'integer'),
      pair(comparison, 'integer', 'double'),
      pair(comparison, 'text', 'text'),
      pair(comparison, 'boolean', 'boolean'),
      pair(ops('and', 'or', 'xor'), 'boolean', 'boolean'),
      one(ops('not'), 'boolean'),
      one(ops('isNull', 'notNull'), 'text'),
      one(ops('isNull', 'notNull', 'isNaN'), 'double'),
    ),
    text: fc.oneof(
      ops('s', 'u').map(column),
      texts.map((value): ExprTree => ({ op: 'literal', type: 'utf8', value })),
    ),
  };
});
