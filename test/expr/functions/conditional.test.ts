import {
  Bool,
  type DataType,
  Dictionary,
  Float16,
  Float32,
  Float64,
  Int8,
  Int32,
  Int64,
  makeData,
  Null,
  TimestampMillisecond,
  TimestampSecond,
  Uint64,
  Utf8,
  Vector,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coalesce, col, int32, literal, maxOf, minOf, when } from '../../../src/index.ts';
import { columnFor, forms, raw, run, type Tree, vector } from '../run.ts';

const x = col('x');
const y = col('y');
const c = col('c');

type Value = number | bigint | boolean | string | null;

const doubles = fc.option(
  fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(Number.NaN, Infinity, -Infinity, 1e16, -0, 0.5)),
);
const integers = fc.option(
  fc.oneof(fc.bigInt({ min: -3n, max: 3n }), fc.constantFrom(2n ** 53n + 1n, 2n ** 53n)),
);
const texts = fc.option(fc.constantFrom('', 'a', 'bb', '😀', 'longer than any of the others'));
const bools = fc.option(fc.boolean());

const kinds: [string, DataType, fc.Arbitrary<Value>, unknown][] = [
  ['float64', new Float64(), doubles, 1],
  ['float32', new Float32(), doubles.map((v) => (v === 1e16 ? 2 : v)), 1],
  ['int32', new Int32(), fc.option(fc.integer({ min: -5, max: 5 })), 1],
  ['int64', new Int64(), integers, 1n],
  ['bool', new Bool(), bools, true],
  ['utf8', new Utf8(), texts, 'z'],
  ['dictionary', new Dictionary(new Utf8(), new Int32()), texts, 'z'],
];

/** Runs `check` over random columns of one type, whole and sliced. */
function each(
  check: (vectors: { x: never; y: never; c: never }, rows: { x: Value; y: Value; c: Value }[]) => void,
  [, type, values, before]: (typeof kinds)[number],
): void {
  fc.assert(
    fc.property(fc.array(fc.record({ x: values, y: values, c: bools }), { maxLength: 20 }), (rows) => {
      const columns = (name: 'x' | 'y' | 'c', of: DataType, first: unknown) =>
        forms(
          of,
          rows.map((row) => row[name]),
          first,
        );
      const [xs, ys, cs] = [
        columns('x', type, before),
        columns('y', type, null),
        columns('c', new Bool(), true),
      ];
      for (const [i, vector] of xs.entries()) check({ x: vector, y: ys[i], c: cs[i] } as never, rows);
    }),
    { numRuns: 60 },
  );
}

describe.each(kinds)('%s', (...kind) => {
  test('when, then and otherwise', () => {
    const both = when(c.eq(true)).then(x).otherwise(y);
    const half = when(c.eq(true)).then(x);
    const chain = when(c.eq(true)).then(x).when(c.eq(false)).then(y);
    each((vectors, rows) => {
      expect(run(both, vectors)).toEqual(rows.map((row) => (row.c === true ? row.x : row.y)));
      expect(run(half, vectors)).toEqual(rows.map((row) => (row.c === true ? row.x : null)));
      expect(run(chain, vectors)).toEqual(
        rows.map((row) => (row.c === true ? row.x : row.c === false ? row.y : null)),
      );
    }, kind);
  });

  test('coalesce and fillNull', () => {
    each((vectors, rows) => {
      const want = rows.map((row) => row.x ?? row.y);
      expect(run(x.coalesce(y), vectors)).toEqual(want);
      expect(run(coalesce(x, y), vectors)).toEqual(want);
      expect(run(coalesce(null, x, null, y), vectors)).toEqual(want);
      expect(run(x.fillNull(y), vectors)).toEqual(want);
    }, kind);
  });

  test('eqMissing', () => {
    each((vectors, rows) => {
      const equal = (a: Value, b: Value) => a === b || (Number.isNaN(a) && Number.isNaN(b));
      expect(run(x.eqMissing(y), vectors)).toEqual(rows.map((row) => equal(row.x, row.y)));
      expect(run(x.eqMissing(null), vectors)).toEqual(rows.map((row) => row.x === null));
    }, kind);
  });
});

describe.each(kinds.filter(([, , , before]) => typeof before === 'number' || typeof before === 'bigint'))(
  '%s',
  (...kind) => {
    const missing = (value: Value) => value === null || Number.isNaN(value);

    test('minOf and maxOf skip what is missing', () => {
      each((vectors, rows) => {
        const best = (better: (a: never, b: never) => boolean) =>
          rows.map((row) => {
            if (missing(row.x)) return missing(row.y) ? null : row.y;
            return missing(row.y) || !better(row.y as never, row.x as never) ? row.x : row.y;
          });
        expect(run(minOf(x, y), vectors)).toEqual(best((a, b) => a < b));
        expect(run(maxOf(x, y), vectors)).toEqual(best((a, b) => a > b));
      }, kind);
    });

    test('clip', () => {
      each((vectors, rows) => {
        const held = (lower: Value, value: Value, upper: Value) => {
          if (value === null) return null;
          const low = lower !== null && value < lower ? lower : value;
          return upper !== null && low > upper ? upper : low;
        };
        expect(run(x.clip({ lower: y }), vectors)).toEqual(rows.map((row) => held(row.y, row.x, null)));
        expect(run(x.clip({ upper: y }), vectors)).toEqual(rows.map((row) => held(null, row.x, row.y)));
        expect(run(x.clip({ lower: y, upper: y }), vectors)).toEqual(
          rows.map((row) => held(row.y, row.x, row.y)),
        );
      }, kind);
    });

    test('between', () => {
      const closed = ['both', 'left', 'right', 'neither'] as const;
      const [low, high] = (typeof kind[3] === 'bigint' ? [-1n, 2n] : [-1, 2]) as [number, number];
      each((vectors, rows) => {
        for (const side of closed) {
          const want = rows.map(({ x: value }) => {
            if (value === null) return null;
            const of = value as number;
            const above = side === 'both' || side === 'left' ? of >= low : of > low;
            return above && (side === 'both' || side === 'right' ? of <= high : of < high);
          });
          expect(run(x.between(low, high, { closed: side }), vectors), side).toEqual(want);
        }
      }, kind);
    });
  },
);

describe('isIn', () => {
  const lists: Record<string, readonly (readonly Value[])[]> = {
    number: [[], [1], [0, Number.NaN, 3], [-3, -2, -1, 0, 1, 2, 3, 1e16, Infinity]],
    bigint: [[], [1n], [2n ** 53n + 1n], [-3n, -2n, -1n, 0n, 2n ** 53n, 2n ** 63n]],
    boolean: [[], [true], [true, false]],
    string: [[], ['a'], ['', '😀', 'no', 'longer than any of the others']],
  };

  test.each(kinds)('of %s', (...kind) => {
    for (const list of lists[typeof kind[3]]!) {
      each((vectors, rows) => {
        const want = rows.map((row) => (row.x === null ? null : list.some((value) => value === row.x)));
        expect(run(x.isIn(list as never), vectors)).toEqual(want);
      }, kind);
    }
  });

  test('of many strings and integers', () => {
    const many = Array.from({ length: 1000 }, (_, i) => `v${3 * i}`);
    const rows = Array.from({ length: 3000 }, (_, i) => `v${i}`);
    const want = rows.map((_, i) => i % 3 === 0);
    expect(run(x.isIn(many), { x: vector(new Utf8(), rows) })).toEqual(want);
    const ids = Array.from({ length: 3000 }, (_, i) => 2n ** 60n + BigInt(i));
    const some = ids.filter((_, i) => i % 3 === 0);
    expect(run(x.isIn(some), { x: vector(new Int64(), ids) })).toEqual(want);
    expect(run(x.isIn([2n ** 64n - 1n]), { x: vector(new Uint64(), [2n ** 64n - 1n, 1n, null]) })).toEqual([
      true,
      false,
      null,
    ]);
  });

  test('of times takes dates and milliseconds', () => {
    const list = [new Date(1000), 2000];
    expect(run(x.isIn(list), { x: raw(new TimestampSecond(), [1n, 2n, 3n, null]) })).toEqual([
      true,
      true,
      false,
      null,
    ]);
    expect(run(x.isIn([new Date(1500)]), { x: raw(new TimestampSecond(), [1n, 2n]) })).toEqual([
      false,
      false,
    ]);
  });

  test('a null among the values is refused', () => {
    const xs = { x: vector(new Float64(), [1]) };
    expect(() => run(x.isIn([1, null] as never), xs)).toThrow('null is in no list');
    expect(() => x.isIn(5 as never)).toThrow('isIn takes a list of values, got number 5');
    expect(() => run(x.isIn(['a']), xs)).toThrow(
      'cannot look for utf8 literal "a" in column "x" of type float64',
    );
  });
});

describe('types', () => {
  const typeOf = (expr: Tree, a: DataType, b: DataType) =>
    String(
      columnFor(expr, { x: vector(a, [null]), y: vector(b, [null]), c: vector(new Bool(), [true]) }).type,
    );

  test.each([
    [new Int32(), new Int32(), 'Int32'],
    [new Float32(), new Float32(), 'Float32'],
    [new Int8(), new Int32(), 'Float64'],
    [new Int64(), new Int32(), 'Int64'],
    [new Int64(), new Float64(), 'Float64'],
    [new Null(), new Int8(), 'Int8'],
    [new Utf8(), new Dictionary(new Utf8(), new Int32()), 'Utf8'],
  ])('%s and %s are %s', (a, b, wanted) => {
    expect(typeOf(coalesce(x, y), a, b)).toBe(wanted);
    expect(typeOf(when(c.eq(true)).then(y).otherwise(x), a, b)).toBe(wanted);
  });

  test('values mix as arithmetic has it', () => {
    const xs = vector(new Int64(), [1n, null, 2n ** 53n + 1n]);
    expect(run(x.coalesce(y), { x: xs, y: vector(new Int32(), [7, 8, 9]) })).toEqual([
      1n,
      8n,
      2n ** 53n + 1n,
    ]);
    expect(
      run(minOf(x, y), { x: vector(new Int64(), [1n, 5n]), y: vector(new Float64(), [1.5, 4.5]) }),
    ).toEqual([1, 4.5]);
    expect(run(x.fillNull(0), { x: vector(new Int32(), [1, null]) })).toEqual([1, 0]);
    expect(run(x.fillNull(0.5), { x: vector(new Int32(), [1, null]) })).toEqual([1, 0.5]);
    expect(run(x.fillNull('?'), { x: vector(new Utf8(), ['a', null]) })).toEqual(['a', '?']);
    expect(
      run(when(x.gt(1)).then('high').otherwise('low'), { x: vector(new Float64(), [2, 1, null]) }),
    ).toEqual(['high', 'low', 'low']);
    expect(run(x.fillNull(3n), { x: vector(new Uint64(), [2n ** 63n, null]) })).toEqual([2n ** 63n, 3n]);
  });

  test('times take literals', () => {
    const xs = raw(new TimestampMillisecond('Europe/Berlin'), [5n, null]);
    expect(run(x.fillNull(new Date(1000)), { x: xs })).toEqual([5, 1000]);
    expect(run(x.clip({ upper: 3 }), { x: xs })).toEqual([3, null]);
    expect(() => run(x.fillNull(new Date(500)), { x: raw(new TimestampSecond(), [null]) })).toThrow(
      'finer than the unit',
    );
  });

  test.each([
    [() => x.coalesce(y), 'column "y" of type utf8 is of another type than column "x" of type float64'],
    [() => when(c.eq(true)).then(x).otherwise('a'), 'utf8 literal "a" is of another type than column "x"'],
    [() => x.coalesce(1n), 'column "x" of type float64 needs a number, got bigint 1n'],
    [() => minOf(y, y), 'minOf needs numbers or times, got column "y" of type utf8'],
    [() => y.clip({ lower: 'a' }), 'clip needs numbers or times, got column "y" of type utf8'],
    [() => when(x as never).then(1), 'when needs booleans, got column "x" of type float64'],
  ])('that do not fit: %s', (expr, says) => {
    const vectors = {
      x: vector(new Float64(), [1]),
      y: vector(new Utf8(), ['a']),
      c: vector(new Bool(), [true]),
    };
    expect(() => run(expr(), vectors)).toThrow(says);
  });
});

test('expressions are written as they were called', () => {
  expect(when(c.eq(true)).then(x).when(x.gt(1)).then(2).otherwise(y).toString()).toBe(
    'when(c.eq(true)).then(x).when(x.gt(1)).then(2).otherwise(y)',
  );
  expect(when(c.eq(true)).then(x).toString()).toBe('when(c.eq(true)).then(x)');
  expect(minOf(x, 3).toString()).toBe('minOf(x, 3)');
  expect(x.clip({ upper: 5 }).toString()).toBe('x.clip({ upper: 5 })');
  expect(x.clip({ lower: y, upper: 5 }).toString()).toBe('x.clip({ lower: y, upper: 5 })');
  expect(x.isIn([1, 2]).toString()).toBe('x.isIn([1, 2])');
  expect(x.between(1, 2, { closed: 'left' }).toString()).toBe('x.between(1, 2, { closed: "left" })');
  expect(coalesce(literal(1), x).toString()).toBe('1.coalesce(x)');
});

test('a when is not to be awaited', async () => {
  await expect(Promise.resolve(when(c.eq(true)) as unknown)).rejects.toThrow('cannot be awaited');
});

test('half floats and dictionaries of numbers are chosen among, and compared, as the values they are', () => {
  const halves = new Vector([
    makeData({ type: new Float16(), length: 4, data: Uint16Array.of(0x3800, 0xc200, 0x8000, 0x0001) }),
  ]);
  const wanted = [0.5, -3, -0, 2 ** -24];
  expect(run(coalesce(x, x), { x: halves })).toEqual(wanted);
  expect(run(when(x.gt(0)).then(x).otherwise(x), { x: halves })).toEqual(wanted);
  const numbers = vector(new Dictionary(new Float64(), new Int32()), [1.5, null, 2.5, 1.5]);
  expect(run(x.fillNull(0), { x: numbers })).toEqual([1.5, 0, 2.5, 1.5]);
  expect(run(x.isIn([1.5]), { x: numbers })).toEqual([true, null, false, true]);
  expect(run(x.clip({ lower: 2 }), { x: numbers })).toEqual([2, null, 2.5, 2]);
  expect(run(x.eqMissing(x), { x: numbers })).toEqual([true, true, true, true]);
  expect(run(x.between(2, 3), { x: numbers })).toEqual([false, null, true, false]);
  expect(run(x.cast(int32, { onError: 'null' }), { x: numbers })).toEqual([null, null, null, null]);
});
