import {
  Bool,
  type DataType,
  DateDay,
  DateMillisecond,
  Dictionary,
  Float32,
  Float64,
  Int8,
  Int32,
  Int64,
  LargeUtf8,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint32,
  Uint64,
  Utf8,
  type Vector,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { col, type Expr, literal } from '../../src/expr/expr.ts';
import type { ExprTree } from '../../src/expr/tree.ts';
import { evaluate, type Row, rows, trees, type Value } from './oracle.ts';
import { raw, run as valuesFor, vector, viewsOf } from './run.ts';

/** Throws where values differ: numbers by more than their last two bits, or more than the sign of a zero. */
function expectValues(actual: readonly unknown[], wanted: readonly unknown[]): void {
  const same = (a: unknown, b: unknown): boolean =>
    a === b ||
    Object.is(a, b) ||
    (typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= 2 * Number.EPSILON * Math.abs(b));
  const wrong = wanted.findIndex((value, i) => !same(actual[i], value));
  if (wrong < 0 && actual.length === wanted.length) return;
  throw new Error(
    `row ${wrong} of ${wanted.length}: ${String(actual[wrong])}, wanted ${String(wanted[wrong])}`,
  );
}

const x = col('x');
const y = col('y');

/** Each value beside each. */
function pairs<T>(values: readonly T[]): { x: T[]; y: T[] } {
  return { x: values.flatMap((value) => values.map(() => value)), y: values.flatMap(() => [...values]) };
}

const binary = [
  'add',
  'sub',
  'mul',
  'div',
  'floordiv',
  'mod',
  'pow',
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
] as const;
const unary = ['neg', 'abs', 'isNull', 'notNull', 'isNaN'] as const;
const numbers = [
  null,
  Number.NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  2.5,
  -2.5,
  7,
  -7,
  3,
  1e16,
  -1e300,
  5e-324,
];

function wanted(
  expr: { readonly tree: ExprTree },
  columns: Readonly<Record<string, readonly Value[]>>,
): Value[] {
  const names = Object.keys(columns);
  return columns[names[0]!]!.map((_, i) =>
    evaluate(expr.tree, Object.fromEntries(names.map((name) => [name, columns[name]![i]!]))),
  );
}

/** The same values whole, behind other rows, and in the middle of a slice. */
function slicesOf(type: DataType, values: readonly unknown[], before: unknown): Vector[] {
  const whole = vector(type, values);
  const sliced = [3, 8, 13].map((offset) =>
    vector(type, [...Array(offset).fill(before), ...values, before, before]).slice(
      offset,
      offset + values.length,
    ),
  );
  return [whole, ...sliced];
}

describe('numbers', () => {
  const columns = pairs(numbers);

  test.each(binary)('x.%s(y), with nulls, NaN, infinities and slices', (op) => {
    const expr = x[op](y as never);
    const want = wanted(expr, columns);
    const ys = slicesOf(new Float64(), columns.y, null);
    for (const [i, xs] of slicesOf(new Float64(), columns.x, 0).entries()) {
      expectValues(valuesFor(expr, { x: xs, y: ys[i]! }), want);
    }
  });

  test.each(binary)('x.%s(literal) and literal.%s(x)', (op) => {
    for (const value of [2, -3, 0, 0.5, Number.NaN, Infinity]) {
      for (const expr of [x[op](value), literal(value)[op](x as never)] as Expr[]) {
        expectValues(valuesFor(expr, { x: vector(new Float64(), numbers) }), wanted(expr, { x: numbers }));
      }
    }
  });

  test.each(unary)('x.%s()', (op) => {
    const expr = x[op]();
    for (const xs of slicesOf(new Float64(), numbers, null)) {
      expectValues(valuesFor(expr, { x: xs }), wanted(expr, { x: numbers }));
    }
  });

  test('smaller types compute as JavaScript does', () => {
    const small = [null, 0, 1, 2, 100, 127];
    for (const type of [new Int8(), new Int32(), new Uint32(), new Float32()]) {
      for (const op of binary) {
        const expr = x[op](y as never);
        const both = pairs(small);
        const values = valuesFor(expr, { x: vector(type, both.x), y: vector(type, both.y) });
        expect(values).toEqual(wanted(expr, both));
      }
    }
    expectValues(valuesFor(x.mul(2), { x: vector(new Int8(), [127]) }), [254]);
    expectValues(valuesFor(x.sub(1), { x: vector(new Uint32(), [0]) }), [-1]);
  });

  test('round takes halves to the even neighbour', () => {
    const values = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2.4, 2.6, 1e300, Number.NaN, Infinity, null];
    expectValues(valuesFor(x.round(), { x: vector(new Float64(), values) }), [
      0,
      2,
      2,
      -0,
      -2,
      -2,
      2,
      3,
      1e300,
      Number.NaN,
      Infinity,
      null,
    ]);
    expectValues(
      valuesFor(x.round(2), { x: vector(new Float64(), [0.125, 0.375, 1.005, -0.125]) }),
      [0.12, 0.38, 1, -0.12],
    );
    expectValues(
      valuesFor(x.round(-2), { x: vector(new Float64(), [149, 150, 250, -250]) }),
      [100, 200, 200, -200],
    );
    expectValues(valuesFor(x.round(), { x: vector(new Int32(), [5, null]) }), [5, null]);
    expectValues(valuesFor(x.round(-1), { x: vector(new Int32(), [15, 25]) }), [20, 20]);
  });

  test('quotients and remainders follow the sign of the divisor', () => {
    const columns = { x: [7, -7, 7, -7], y: [3, 3, -3, -3] };
    const vectors = { x: vector(new Float64(), columns.x), y: vector(new Float64(), columns.y) };
    expectValues(valuesFor(x.floordiv(y), vectors), [2, -3, -3, 2]);
    expectValues(valuesFor(x.mod(y), vectors), [1, 2, -2, -1]);
  });

  test('a whole quotient of zero has the sign of the quotient, a remainder of zero that of the divisor', () => {
    const vectors = {
      x: vector(new Float64(), [0, -0, 0, -0, 1, -1, 6, -6, 5e-324]),
      y: vector(new Float64(), [3, 3, -3, -3, Infinity, -Infinity, -3, 3, 7]),
    };
    expect(valuesFor(x.floordiv(y), vectors)).toEqual([0, -0, -0, 0, 0, 0, -2, -2, 0]);
    expect(valuesFor(x.mod(y), vectors)).toEqual([0, 0, -0, -0, 1, -1, -0, 0, 5e-324]);
  });
});

describe('64-bit integers', () => {
  const big = 2n ** 53n;
  const integers = [null, 0n, 1n, -1n, 7n, -7n, 3n, big, big + 1n, -big - 1n, 2n ** 61n, -(2n ** 61n)];
  const columns = pairs(integers);
  const whole = ['add', 'sub', 'floordiv', 'mod', 'div', 'eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const;

  test.each(whole)('x.%s(y) is exact beyond 2⁵³', (op) => {
    const expr = x[op](y as never);
    const want = wanted(expr, columns);
    const ys = slicesOf(new Int64(), columns.y, 1n);
    for (const [i, xs] of slicesOf(new Int64(), columns.x, null).entries()) {
      expectValues(valuesFor(expr, { x: xs, y: ys[i]! }), want);
    }
  });

  test('products and powers are exact as far as they fit', () => {
    const some = [null, 0n, 1n, -1n, 3n, -3n, 94906267n, 2n ** 31n];
    const both = pairs(some);
    expectValues(
      valuesFor(x.mul(y), { x: vector(new Int64(), both.x), y: vector(new Int64(), both.y) }),
      wanted(x.mul(y), both),
    );
    const bases = { x: [3n, -3n, 10n, 2n, 2n, 0n, null], y: [39n, 33n, 18n, 62n, 0n, 0n, 5n] };
    expectValues(
      valuesFor(x.pow(y), { x: vector(new Int64(), bases.x), y: vector(new Int64(), bases.y) }),
      wanted(x.pow(y), bases),
    );
  });

  test('a negative exponent is refused, beside a null it is not looked at', () => {
    const run = (a: bigint | null, b: bigint) => () =>
      valuesFor(x.pow(y), { x: vector(new Int64(), [a]), y: vector(new Int64(), [b]) });
    expect(run(2n, -1n)).toThrow('needs exponents of at least 0');
    expect(run(1n, -1n)).toThrow('needs exponents of at least 0');
    expect(run(null, -1n)()).toEqual([null]);
  });

  test('what does not fit is refused, saying where', () => {
    const most = 2n ** 63n - 1n;
    const of = (values: (bigint | null)[]) => ({ x: vector(new Int64(), values) });
    expect(() => valuesFor(x.add(1n), of([null, 1n, most]))).toThrow(
      '9223372036854775808 in row 2 does not fit int64',
    );
    expect(() => valuesFor(x.mul(x), of([2n ** 32n]))).toThrow('in row 0 does not fit int64');
    expect(() => valuesFor(x.neg(), of([-(2n ** 63n)]))).toThrow('does not fit int64');
    expect(() => valuesFor(x.abs(), of([-(2n ** 63n)]))).toThrow('does not fit int64');
    expectValues(valuesFor(x.sub(1n), of([most, null, -most])), [most - 1n, null, -most - 1n]);
  });

  test('neg, abs and round keep the type', () => {
    const xs = { x: vector(new Int64(), integers) };
    for (const expr of [x.neg(), x.abs(), x.round(), x.round(2)]) {
      expectValues(valuesFor(expr, xs), wanted(expr, { x: integers }));
    }
  });

  test('beside floats they are compared exactly and computed with as floats', () => {
    const vectors = {
      x: vector(new Int64(), [big, big + 1n, 1n, 2n, null]),
      y: vector(new Float64(), [2 ** 53, 2 ** 53, 1.5, Number.NaN, 1]),
    };
    expectValues(valuesFor(x.eq(y), vectors), [true, false, false, false, null]);
    expectValues(valuesFor(x.gt(y), vectors), [false, true, false, false, null]);
    expectValues(valuesFor(y.lt(x), vectors), [false, true, false, false, null]);
    expectValues(valuesFor(x.ne(y), vectors), [false, true, true, true, null]);
    expectValues(valuesFor(x.add(y), vectors), [2 ** 54, 2 ** 54, 2.5, Number.NaN, null]);
    expectValues(valuesFor(x.mul(literal(0.5, 'float64')), vectors), [2 ** 52, 2 ** 52, 0.5, 1, null]);
  });

  test('unsigned ones go up to 2⁶⁴', () => {
    const most = 2n ** 64n - 1n;
    const vectors = {
      x: vector(new Uint64(), [0n, 5n, most, null]),
      y: vector(new Int64(), [-1n, 5n, 1n, 1n]),
    };
    expectValues(valuesFor(x.gt(y), vectors), [true, false, true, null]);
    expectValues(valuesFor(x.eq(most), vectors), [false, false, true, null]);
    expectValues(valuesFor(x.floordiv(4n), vectors), [0n, 1n, most / 4n, null]);
    expectValues(valuesFor(x.sub(6n), { x: vector(new Uint64(), [0n, 9n]) }), [-6n, 3n]);
  });
});

describe('booleans', () => {
  const columns = pairs([true, false, null]);

  test.each(['and', 'or', 'xor', 'eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const)('x.%s(y)', (op) => {
    const expr = x[op](y as never);
    const ys = slicesOf(new Bool(), columns.y, true);
    for (const [i, xs] of slicesOf(new Bool(), columns.x, null).entries()) {
      expectValues(valuesFor(expr, { x: xs, y: ys[i]! }), wanted(expr, columns));
    }
    for (const value of [true, false]) {
      const withLiteral = x[op](value);
      expectValues(
        valuesFor(withLiteral, { x: vector(new Bool(), columns.x) }),
        wanted(withLiteral, columns),
      );
    }
  });

  test('null is unknown', () => {
    const vectors = { x: vector(new Bool(), [null, null, null]), y: vector(new Bool(), [true, false, null]) };
    expectValues(valuesFor(x.and(y), vectors), [null, false, null]);
    expectValues(valuesFor(x.or(y), vectors), [true, null, null]);
    expectValues(valuesFor(x.xor(y), vectors), [null, null, null]);
    expectValues(valuesFor(x.not(), vectors), [null, null, null]);
    expectValues(valuesFor(x.eq(null), vectors), [true, true, true]);
    expectValues(valuesFor(y.ne(null), vectors), [true, true, false]);
    expectValues(valuesFor(literal(null).eq(y), vectors), [null, null, null]);
  });

  test('not of a slice', () => {
    for (const xs of slicesOf(new Bool(), [true, false, null, true], true)) {
      expectValues(valuesFor(x.not(), { x: xs }), [false, true, null, false]);
    }
  });
});

describe('strings', () => {
  const texts = [
    '',
    'a',
    'ab',
    'b',
    null,
    'é',
    '\uE000',
    '😀',
    'a string of more than twelve bytes',
    'a string of more',
  ];
  const columns = pairs(texts);
  const forms: [string, DataType][] = [
    ['utf8', new Utf8()],
    ['large utf8', new LargeUtf8()],
    ['dictionary', new Dictionary(new Utf8(), new Int32())],
  ];
  const comparisons = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const;

  test.each(forms)('%s compares by code point', (_, type) => {
    for (const op of comparisons) {
      const expr = x[op](y as never);
      const want = wanted(expr, columns);
      const ys = slicesOf(type, columns.y, 'z');
      for (const [i, xs] of slicesOf(type, columns.x, null).entries()) {
        expectValues(valuesFor(expr, { x: xs, y: ys[i]! }), want);
        expectValues(valuesFor(expr, { x: xs, y: vector(new Utf8(), columns.y) }), want);
      }
      for (const text of ['', 'ab', '\uE000', '😀', 'nowhere']) {
        for (const withText of [x[op](text), literal(text)[op](x as never)] as Expr[]) {
          for (const xs of slicesOf(type, texts, 'ab')) {
            expectValues(valuesFor(withText, { x: xs }), wanted(withText, { x: texts }));
          }
        }
      }
    }
  });

  test('views compare alike', () => {
    const views = viewsOf(texts);
    expectValues(valuesFor(x.eq('ab'), { x: views }), wanted(x.eq('ab'), { x: texts }));
    expectValues(
      valuesFor(x.lt(y), { x: views, y: views.slice(0) }),
      wanted(x.lt(y), { x: texts, y: texts }),
    );
    const slice = views.slice(3, 9);
    expectValues(valuesFor(x.ge('é'), { x: slice }), wanted(x.ge('é'), { x: texts.slice(3, 9) }));
    expectValues(valuesFor(x.isNull(), { x: slice }), [false, true, false, false, false, false]);
  });
});

describe('times', () => {
  const times = [-1, 0, 86_400_000, 1_700_000_000_123, null];
  const at = new Date(86_400_000);
  const per: [string, DataType, bigint][] = [
    ['ms', new TimestampMillisecond(), 1n],
    ['us', new TimestampMicrosecond(), 1000n],
    ['ns', new TimestampNanosecond(), 1_000_000n],
    ['date(ms)', new DateMillisecond(), 1n],
  ];
  const units = per.map(
    ([name, type, each]) =>
      [
        name,
        raw(
          type,
          times.map((t) => (t === null ? null : BigInt(t) * each)),
        ),
      ] as const,
  );

  test.each(units)('of unit %s compare with dates and milliseconds', (_, vector) => {
    for (const value of [at, 86_400_000]) {
      expectValues(valuesFor(x.lt(value), { x: vector }), [true, true, false, false, null]);
      expectValues(valuesFor(x.eq(value), { x: vector }), [false, false, true, false, null]);
      expectValues(valuesFor(x.ge(value), { x: vector }), [false, false, true, true, null]);
      expectValues(valuesFor((literal(value) as Expr).gt(x), { x: vector }), [
        true,
        true,
        false,
        false,
        null,
      ]);
    }
  });

  test('of seconds and days compare with dates between them', () => {
    const seconds = raw(new TimestampSecond(), [-1n, 0n, 1n, null]);
    expectValues(valuesFor(x.lt(new Date(500)), { x: seconds }), [true, true, false, null]);
    expectValues(valuesFor(x.gt(new Date(-500)), { x: seconds }), [false, true, true, null]);
    const days = vector(new DateDay(), [new Date(-86_400_000), new Date(0), new Date(86_400_000), null]);
    expectValues(valuesFor(x.lt(new Date(3_600_000)), { x: days }), [true, true, false, null]);
    expectValues(valuesFor(x.eq(new Date(0)), { x: days }), [false, true, false, null]);
  });

  test('are told apart by one nanosecond, and compare with each other', () => {
    const t = 1_700_000_000_000_000_000n;
    const vectors = {
      x: raw(new TimestampNanosecond(), [t, t + 1n, t - 1n]),
      y: raw(new TimestampNanosecond(), [t, t, t]),
    };
    expectValues(valuesFor(x.gt(y), vectors), [false, true, false]);
    expectValues(valuesFor(x.eq(t + 1n), vectors), [false, true, false]);
    expectValues(valuesFor(x.le(new Date(1_700_000_000_000)), vectors), [true, false, true]);
  });
});

describe('random expressions', () => {
  const types: Record<string, DataType> = {
    f: new Float64(),
    g: new Float64(),
    n: new Int32(),
    i: new Int64(),
    j: new Int64(),
    b: new Bool(),
    s: new Utf8(),
    u: new Dictionary(new Utf8(), new Int32()),
  };

  const check = (tree: ExprTree, all: readonly Row[], from: number) => {
    const vectors = Object.fromEntries(
      Object.entries(types).map(([name, type]) => [
        name,
        vector(
          type,
          all.map((row) => row[name]),
        ).slice(from),
      ]),
    );
    expectValues(
      valuesFor({ tree }, vectors),
      all.slice(from).map((row) => evaluate(tree, row)),
    );
  };

  test.each(['double', 'integer', 'boolean'] as const)(
    'give the %ss that an interpreter of rows gives',
    (what) => {
      fc.assert(
        fc.property(trees[what], rows, fc.nat(9), (tree, all, from) =>
          check(tree, all, Math.min(from, all.length)),
        ),
        { numRuns: 500 },
      );
    },
  );
});
