import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  Bool,
  type DataType,
  Dictionary,
  Float64,
  Int32,
  Int64,
  Null,
  TimestampNanosecond,
  Uint64,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GroupIndex } from '../../src/aggregate/group-index.ts';
import { columnOf, vectorOf } from '../../src/columnar/arrow.ts';
import type { Column } from '../../src/columnar/column.ts';

type Value = string | number | bigint | boolean | null;

const utf8 = new Utf8();
const dictionary = () => new Dictionary(new Utf8(), new Int32());

function column(type: DataType, values: readonly Value[]): Column {
  return columnOf(vectorFromArray(values, type).data[0]!);
}

/** The same column as rows `from …` of a longer one, so that validity bits start inside a byte. */
function sliced(type: DataType, values: readonly Value[]): Column {
  const padded = vectorFromArray([values[0] ?? null, null, values[0] ?? null, ...values], type);
  return columnOf(padded.slice(3).data[0]!);
}

function keysOf(index: GroupIndex, slots: Int32Array = index.sorted()): Value[][] {
  const columns = index.keyColumns(slots).map((key) => [...vectorOf(key)] as Value[]);
  return Array.from(slots, (_, i) => columns.map((values) => values[i]!));
}

function oneKey(index: GroupIndex, slots?: Int32Array): Value[] {
  return keysOf(index, slots).map(([key]) => key!);
}

describe('GroupIndex', () => {
  test('gives equal keys the same slot, and new ones the next', () => {
    const index = new GroupIndex([utf8]);
    expect([...index.assign([column(utf8, ['b', 'a', 'b', ''])], 4)]).toEqual([0, 1, 0, 2]);
    expect([...index.assign([column(utf8, ['c', 'a'])], 2)]).toEqual([3, 1]);
    expect(index.size).toBe(4);
    expect(oneKey(index)).toEqual(['', 'a', 'b', 'c']);
    expect(oneKey(index, index.inOrderOfAppearance())).toEqual(['b', 'a', '', 'c']);
  });

  test('drops rows with a null key', () => {
    const index = new GroupIndex([utf8]);
    expect([...index.assign([sliced(utf8, ['b', null, 'b', null])], 4)]).toEqual([0, -1, 0, -1]);
  });

  test.each([
    ['utf8', utf8, ['b', null, 'a']],
    ['dictionary', dictionary(), ['b', null, 'a']],
    ['float64', new Float64(), [2, null, 1]],
    ['int64', new Int64(), [2n, null, -(2n ** 63n)]],
    ['bool', new Bool(), [true, null, false]],
  ] as [string, DataType, Value[]][])(
    'makes null a group that sorts last where asked to (%s)',
    (_, type, values) => {
      const index = new GroupIndex([type], { dropna: false });
      for (const key of [sliced(type, values), column(type, [null, ...values])])
        index.assign([key], key.length);
      expect(index.size).toBe(3);
      expect(oneKey(index)).toEqual([values[2], values[0], null]);
      index.release(index.sorted()[2]!);
      expect(oneKey(index)).toEqual([values[2], values[0]]);
      index.assign([column(type, [null])], 1);
      expect(oneKey(index)).toEqual([values[2], values[0], null]);
    },
  );

  test('takes -0 for 0 and NaN for equal to NaN, and sorts NaN behind infinity', () => {
    const index = new GroupIndex([new Float64()], { dropna: false });
    const values = [Number.NaN, 0, -0, Number.NaN, Infinity, -Infinity, -1.5, 1e300, 70000, 3, null];
    expect([...index.assign([column(new Float64(), values)], values.length)]).toEqual([
      0, 1, 1, 0, 2, 3, 4, 5, 6, 7, 8,
    ]);
    expect(oneKey(index)).toEqual([-Infinity, -1.5, 0, 3, 70000, 1e300, Infinity, Number.NaN, null]);
  });

  test('keeps 64-bit keys exact and in order of value', () => {
    const values = [2n ** 63n - 1n, -1n, 0n, 2n ** 53n + 1n, 2n ** 53n, -(2n ** 63n)];
    for (const type of [new Int64(), new TimestampNanosecond()]) {
      const index = new GroupIndex([type]);
      index.assign([column(new Int64(), values)], values.length);
      const [key] = index.keyColumns(index.sorted());
      expect(key!.type).toBe(type);
      expect([...(key as { values: BigInt64Array }).values]).toEqual(
        [...values].sort((a, b) => Number(a - b)),
      );
    }
    const unsigned = new GroupIndex([new Uint64()]);
    unsigned.assign([column(new Uint64(), [2n ** 64n - 1n, 1n, 2n ** 63n])], 3);
    expect(oneKey(unsigned)).toEqual([1n, 2n ** 63n, 2n ** 64n - 1n]);
  });

  test('sorts strings by code point, where UTF-16 order differs', () => {
    const values = ['\u{1F600}', '\uE000', '\uFFFD', 'z', 'é', 'zz', 'z\0', '\u{1F600}a'];
    for (const type of [utf8, dictionary()]) {
      const index = new GroupIndex([type]);
      index.assign([column(type, values)], values.length);
      expect(oneKey(index)).toEqual(['z', 'z\0', 'zz', 'é', '\uE000', '\uFFFD', '\u{1F600}', '\u{1F600}a']);
      expect(index.keyTypes[0]).toBeInstanceOf(Utf8);
    }
  });

  test('compares dictionaries by value, with one another and with plain strings', () => {
    const index = new GroupIndex([dictionary()]);
    const batches = [
      column(dictionary(), ['b', 'a']),
      column(dictionary(), ['a', 'c', 'b', null]),
      column(utf8, ['c', 'a', 'd']),
      sliced(dictionary(), ['d', 'b']),
    ];
    const slots = batches.map((key) => [...index.assign([key], key.length)]);
    expect(slots).toEqual([
      [0, 1],
      [1, 2, 0, -1],
      [2, 1, 3],
      [3, 0],
    ]);
  });

  test('takes only the values that rows have from a dictionary', () => {
    const whole = vectorFromArray(['a', 'b', 'c'], dictionary());
    const index = new GroupIndex([dictionary()]);
    index.assign([columnOf(whole.slice(2).data[0]!)], 1);
    expect(oneKey(index)).toEqual(['c']);
  });

  test('knows a value that its dictionary says twice, or not at all', () => {
    const strings = column(utf8, ['a', 'b', 'a', null]);
    const codes = (...values: number[]): Column => ({
      kind: 'dictionary',
      type: dictionary(),
      length: values.length,
      validity: undefined,
      offset: 0,
      codes: Int32Array.from(values),
      dictionary: strings,
    });
    const index = new GroupIndex([dictionary()]);
    expect([...index.assign([codes(0, 2, 1, 3)], 4)]).toEqual([0, 0, 1, -1]);
    index.release(0);
    expect([...index.assign([codes(1, 2, 0)], 3)]).toEqual([1, 0, 0]);
    index.release(0);
    index.release(1);
    expect([...index.assign([codes(0, 1, 2)], 3)]).toEqual([1, 0, 1]);
    expect(() => index.assign([codes(7)], 1)).toThrow(/code 7 is not in its dictionary/);
  });

  test('gives a released slot to the next key, and a returning key starts afresh', () => {
    const index = new GroupIndex([dictionary()]);
    const ab = column(dictionary(), ['a', 'b']);
    index.assign([ab], 2);
    index.release(0);
    expect(oneKey(index)).toEqual(['b']);
    expect([...index.assign([column(dictionary(), ['c'])], 1)]).toEqual([0]);
    expect([...index.assign([ab], 2)]).toEqual([2, 1]);
    expect(oneKey(index)).toEqual(['a', 'b', 'c']);
    expect(oneKey(index, index.inOrderOfAppearance())).toEqual(['b', 'c', 'a']);
    expect(index.capacity).toBe(3);
  });

  test('changes its version just when groups appear or vanish', () => {
    const index = new GroupIndex([utf8]);
    const ab = column(utf8, ['a', 'b']);
    const { version } = index;
    index.assign([ab], 2);
    const appeared = index.version;
    index.assign([ab], 2);
    expect(index.version).toBe(appeared);
    index.release(0);
    expect(new Set([version, appeared, index.version]).size).toBe(3);
  });

  test('sorts composite keys column by column and keeps each type', () => {
    const types = [dictionary(), new Int64(), new Bool()];
    const index = new GroupIndex(types);
    const columns = [
      column(types[0]!, ['b', 'a', 'b', 'a', null, 'b']),
      column(types[1]!, [1n, 2n, -1n, 2n, 5n, 1n]),
      column(types[2]!, [true, true, false, false, true, false]),
    ];
    expect([...index.assign(columns, 6)]).toEqual([0, 1, 2, 3, -1, 4]);
    expect(keysOf(index)).toEqual([
      ['a', 2n, false],
      ['a', 2n, true],
      ['b', -1n, false],
      ['b', 1n, false],
      ['b', 1n, true],
    ]);
    expect(index.keyTypes.map(String)).toEqual(['Utf8', 'Int64', 'Bool']);
  });

  test('takes out of the order just the slots asked for', () => {
    const index = new GroupIndex([utf8]);
    index.assign([column(utf8, ['d', 'b', 'c', 'a'])], 4);
    expect(oneKey(index, index.sorted(Int32Array.of(0, 3, 1)))).toEqual(['a', 'b', 'd']);
    expect([...index.inOrderOfAppearance(Int32Array.of(3, 0))]).toEqual([0, 3]);
  });

  test('refuses a type that cannot be a key, and a column of another type', () => {
    const list = vectorFromArray([[1], [2]]).type;
    expect(() => new GroupIndex([list])).toThrow(/cannot be a key/);
    const index = new GroupIndex([utf8, utf8]);
    const [text, number] = [column(utf8, ['x']), column(new Float64(), [1])];
    expect(() => index.assign([text, number], 1)).toThrow(/group key is of type Float64, not Utf8/);
    expect(index.size).toBe(0);
  });

  test('keeps no trace of a batch it refuses', () => {
    const index = new GroupIndex([dictionary()]);
    const bad = {
      ...column(dictionary(), ['a', 'b', 'c']),
      codes: Int32Array.of(0, 1, 9),
    } as Column;
    expect(() => index.assign([bad], 3)).toThrow();
    expect(index.size).toBe(0);
    expect(oneKey(index)).toEqual([]);
  });

  test('goes on from plain data with the slots it had', () => {
    const types = [utf8, new Float64()];
    const index = new GroupIndex(types, { dropna: false });
    const rows = [column(utf8, ['x', 'y', null, 'x', 'z']), column(types[1]!, [1, Number.NaN, -0, null, 5])];
    index.assign(rows, 5);
    index.release(1);
    const copy = new GroupIndex(types, { dropna: false });
    copy.restore(structuredClone(index.save()));
    expect([...copy.sorted()]).toEqual([...index.sorted()]);
    expect(keysOf(copy)).toEqual(keysOf(index));
    expect([...copy.inOrderOfAppearance()]).toEqual([...index.inOrderOfAppearance()]);
    expect([...copy.assign(rows, 5)]).toEqual([...index.assign(rows, 5)]);
  });

  test('stays as small as its live groups while a million keys pass', { timeout: 60_000 }, () => {
    const index = new GroupIndex([utf8, new Int32()]);
    const batch = 5000;
    const living: Int32Array[] = [];
    let early = 0;
    for (let start = 0; start < 1e6; start += batch) {
      const numbers = Int32Array.from({ length: batch }, (_, i) => start + i);
      const base = { length: batch, validity: undefined, offset: 0 };
      const valueOffsets = Int32Array.from({ length: batch + 1 }, (_, i) => 16 * i);
      const bytes = new TextEncoder().encode(Array.from(numbers, (x) => `${x}`.padStart(16, 'k')).join(''));
      const names: Column = { ...base, kind: 'utf8', type: utf8, valueOffsets, bytes };
      living.push(
        index.assign([names, { ...base, kind: 'number', type: new Int32(), values: numbers }], batch).slice(),
      );
      if (living.length > 2) for (const slot of living.shift()!) index.release(slot);
      if (start % 200_000 === 0) expect(oneKey(index).length).toBe(index.size);
      if (start === 200_000) early = arrayBytes();
    }
    expect(index.size).toBe(2 * batch);
    expect(index.capacity).toBe(3 * batch);
    expect(arrayBytes()).toBeLessThan(early + 4e6);
  });

  describe('agrees with a map of keys through random batches, releases and orders', () => {
    const order = (a: Value, b: Value): number => {
      if (a === null || b === null) return Number(a === null) - Number(b === null);
      if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
      if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
      return a < b ? -1 : Number(a > b);
    };
    const kinds: [string, () => DataType, fc.Arbitrary<Value>][] = [
      [
        'utf8',
        () => utf8,
        fc.oneof(
          fc.constantFrom('', 'prefix-1', 'prefix-12'),
          fc.string({ unit: 'binary', maxLength: 12 }),
          fc.constant(null),
        ),
      ],
      ['dictionary', dictionary, fc.oneof(fc.constantFrom('a', 'b', 'c', 'd'), fc.constant(null))],
      [
        'float64',
        () => new Float64(),
        fc.oneof(fc.double(), fc.integer({ min: -3, max: 9 }), fc.constant(null)),
      ],
      [
        'int64',
        () => new Int64(),
        fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constant(null)),
      ],
      ['int32', () => new Int32(), fc.oneof(fc.integer(), fc.integer({ min: 0, max: 5 }), fc.constant(null))],
      ['bool', () => new Bool(), fc.oneof(fc.boolean(), fc.constant(null))],
    ];
    const columnKinds = fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 3 });
    const trace = columnKinds.chain((columns) =>
      fc.record({
        columns: fc.constant(columns),
        dropna: fc.boolean(),
        steps: fc.array(
          fc.record({
            rows: fc.array(fc.tuple(...columns.map(([, , value]) => value)), { maxLength: 100 }),
            release: fc.array(fc.nat(), { maxLength: 40 }),
            look: fc.boolean(),
          }),
          { maxLength: 6 },
        ),
      }),
    );

    test('of any types', { timeout: 60_000 }, () => {
      fc.assert(
        fc.property(trace, ({ columns, dropna, steps }) => {
          const types = columns.map(([, type]) => type());
          const index = new GroupIndex(types, { dropna });
          const slotOf = new Map<string, number>();
          const keyOf = new Map<string, Value[]>();
          const nameOf = (row: readonly Value[]) =>
            row
              .map((value) =>
                Object.is(value, -0) ? '0' : `${typeof value} ${value}`.replace('number 0', '0'),
              )
              .join('|');
          for (const { rows, release, look } of steps) {
            const slots = [
              ...index.assign(
                types.map((type, k) =>
                  sliced(
                    type,
                    rows.map((row) => row[k]!),
                  ),
                ),
                rows.length,
              ),
            ];
            for (const [i, row] of rows.entries()) {
              if (dropna && row.includes(null)) {
                expect(slots[i]).toBe(-1);
                continue;
              }
              const name = nameOf(row);
              if (!slotOf.has(name)) {
                expect([...slotOf.values()]).not.toContain(slots[i]);
                slotOf.set(name, slots[i]!);
                keyOf.set(
                  name,
                  row.map((value) => (Object.is(value, -0) ? 0 : value)),
                );
              }
              expect(slots[i]).toBe(slotOf.get(name));
            }
            if (look) index.sorted();
            for (const pick of release) {
              const name = [...slotOf.keys()][pick % Math.max(1, slotOf.size)];
              if (name === undefined) break;
              index.release(slotOf.get(name)!);
              slotOf.delete(name);
              keyOf.delete(name);
            }
            expect(index.size).toBe(slotOf.size);
            expect(oneOfEach(keysOf(index))).toEqual(
              [...keyOf.values()].sort(
                (a, b) => a.map((value, k) => order(value, b[k]!)).find((c) => c !== 0) ?? 0,
              ),
            );
            expect([...index.inOrderOfAppearance()]).toEqual([...slotOf.values()]);
          }
        }),
        { numRuns: 300 },
      );
    });
  });

  test('sorts thousands of keys as a comparing sort does, also after many came and went', () => {
    const random = (i: number) => (Math.imul(i, 0x9e3779b1) >>> 0) % 1_000_003;
    for (const [type, of] of [
      [utf8, (x: number) => `flight-${x}`],
      [new Float64(), (x: number) => x / 7 - 5e4],
    ] as [DataType, (x: number) => Value][]) {
      const index = new GroupIndex([type]);
      const pairs = new GroupIndex([type, new Int32()]);
      const values = Array.from({ length: 20_000 }, (_, i) => of(random(i)));
      const firsts = Array.from({ length: 20_000 }, (_, i) => of(random(i) % 300));
      const seconds = Array.from({ length: 20_000 }, (_, i) => (random(i) % 997) - 500);
      const compare = (a: Value, b: Value) => (a! < b! ? -1 : Number(a! > b!));
      const takeIn = (from: number, to: number) => {
        index.assign([column(type, values.slice(from, to))], to - from);
        pairs.assign(
          [column(type, firsts.slice(from, to)), column(new Int32(), seconds.slice(from, to))],
          to - from,
        );
      };
      const expectSorted = () => {
        const keys = oneKey(index);
        expect(keys).toEqual([...keys].sort(compare));
        expect(keys.length).toBe(index.size);
        const both = keysOf(pairs);
        expect(both).toEqual([...both].sort((a, b) => compare(a[0]!, b[0]!) || compare(a[1]!, b[1]!)));
        expect(both.length).toBe(pairs.size);
      };
      takeIn(0, 8000);
      expectSorted();
      for (let slot = 0; slot < 2000; slot++)
        if (slot % 3 > 0) for (const groups of [index, pairs]) groups.release(slot);
      expectSorted();
      takeIn(8000, 19_980);
      expectSorted();
      takeIn(19_980, 20_000);
      index.assign([column(type, [of(-1), of(2e6)])], 2);
      expectSorted();
    }
  });

  test('makes one group, or none, of a column of nothing but nulls', () => {
    const nulls = column(new Null(), [null, null]);
    expect([...new GroupIndex([nulls.type]).assign([nulls], 2)]).toEqual([-1, -1]);
    const index = new GroupIndex([nulls.type], { dropna: false });
    expect([...index.assign([nulls], 2)]).toEqual([0, 0]);
    expect(oneKey(index)).toEqual([null]);
    expect(index.keyTypes).toEqual([nulls.type]);
  });
});

/** Bytes of all typed arrays that are still reachable. */
function arrayBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().arrayBuffers;
}

function oneOfEach(keys: Value[][]): Value[][] {
  return keys.map((key) => key.map((value) => (Object.is(value, -0) ? 0 : value)));
}
