import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromJson, type Json, toJson } from '../../src/frame/plan-json.ts';
import { timestamp } from '../../src/index.ts';

const again = (value: unknown, given = {}): unknown =>
  fromJson(JSON.parse(JSON.stringify(toJson(value, 'test'))) as Json, given);

test('plain data comes back as it was', () => {
  const value = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: false,
    key: fc.oneof(fc.string(), fc.constant('$')).filter((key) => key !== '__proto__'),
  });
  fc.assert(
    fc.property(value, (some) => {
      expect(again({ some: [some] })).toEqual({ some: [some] });
    }),
  );
  for (const number of [-0, Number.NaN, Infinity, -Infinity, 0, 1e300]) expect(again(number)).toBe(number);
});

test('types come back, code comes by its name', () => {
  expect(String(again(timestamp('ns', 'Europe/Berlin')))).toBe(String(timestamp('ns', 'Europe/Berlin')));
  const double = (x: number): number => 2 * x;
  class Mean {}
  const mean = new Mean();
  expect(again({ double, mean }, { double, Mean: mean })).toEqual({ double, mean });
  expect(() => again({ double })).toThrow('the plan calls "double", which is code');
  expect(() => toJson([(x: number) => x][0], 'map')).toThrow('map: a function without a name');
});

test('what is of no known form is refused', () => {
  expect(() => fromJson({ $: 'soup', value: 1 }, {})).toThrow('a plan has no "soup"');
});
