import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OrderedMultisets } from '../../src/aggregate/ordered-multiset.ts';

/** Adds and takes away at random, in stretches of one or the other so that slots grow long and short again. */
function exercise(values: readonly number[], steps: number, seed: number): void {
  const sets = new OrderedMultisets();
  const plain: number[][] = [[], [], []];
  let s = seed;
  const random = (below: number): number => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return Math.floor((s / 2 ** 32) * below);
  };
  for (let i = 0; i < steps; i++) {
    const slot = random(8) < 6 ? 0 : 1 + random(2);
    const own = plain[slot]!;
    const grows = Math.floor(i / 3000) % 2 === 0 ? random(8) < 6 : random(8) < 2;
    if (grows || own.length === 0) {
      const x = values.length === 0 ? random(1e9) / 7 : values[random(values.length)]!;
      sets.add(slot, x);
      own.push(x);
    } else {
      const at = random(own.length);
      sets.remove(slot, own[at]!);
      own[at] = own.at(-1)!;
      own.pop();
    }
    if (i % 97 === 0) compare(sets, slot, own);
  }
  for (const [slot, own] of plain.entries()) compare(sets, slot, own);
}

function compare(sets: OrderedMultisets, slot: number, own: readonly number[]): void {
  const sorted = Float64Array.from(own, (x) => x + 0).sort();
  const got = Float64Array.from(own, (_, place) => sets.at(slot, place));
  if (sets.count(slot) !== own.length) throw new Error(`${sets.count(slot)} values; wanted ${own.length}`);
  if (got.some((x, i) => !Object.is(x, sorted[i]))) throw new Error(`slot ${slot} is out of order`);
}

test('holds the values of each slot in order, however many', () => {
  exercise([], 20_000, 1);
  exercise([1, 2, 2, -0, 0, Infinity, -Infinity, 1e300], 20_000, 2);
});

test('finds each place whatever was asked for before', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 1500 }),
      fc.infiniteStream(fc.nat()),
      (values, places) => {
        const sets = new OrderedMultisets();
        for (const x of values) sets.add(0, x);
        const sorted = Float64Array.from(values, (x) => x + 0).sort();
        for (let i = 0; i < 20; i++) {
          const place = places.next().value! % values.length;
          expect(sets.at(0, place)).toBe(sorted[place]);
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('goes on from what it has saved, equal values counted', () => {
  const sets = new OrderedMultisets();
  const values = [2, 2, -0, 0, 7, 2];
  for (const x of values) sets.add(4, x);
  for (let i = 0; i < 3000; i++) sets.add(1, i % 300);
  const saved = sets.save();
  expect([saved.slots.length, saved.values.length, saved.counts.length]).toEqual([303, 303, 303]);
  expect([...saved.counts.subarray(300)]).toEqual([2, 3, 1]);
  const again = new OrderedMultisets();
  again.restore(saved);
  compare(again, 4, values);
  compare(
    again,
    1,
    Array.from({ length: 3000 }, (_, i) => i % 300),
  );
  expect(again.save()).toEqual(saved);
});

test('counts equal values of a slot with many, rather than keeping each', () => {
  const sets = new OrderedMultisets();
  for (let i = 0; i < 200_000; i++) sets.add(0, i % 1000);
  expect([sets.count(0), sets.at(0, 0), sets.at(0, 100_000), sets.at(0, 199_999)]).toEqual([
    200_000, 0, 500, 999,
  ]);
  expect(sets.save().values).toHaveLength(1000);
  for (let i = 0; i < 199_990; i++) sets.remove(0, i % 1000);
  compare(
    sets,
    0,
    Array.from({ length: 10 }, (_, i) => 990 + i),
  );
});

test('gives up the values of a slot at once, and their memory', () => {
  const sets = new OrderedMultisets();
  for (let slot = 0; slot < 5000; slot++) for (let i = 0; i < 20; i++) sets.add(slot, i);
  for (let i = 0; i < 1000; i++) sets.add(7, -i);
  const before = sets.sharedBytes;
  for (let slot = 1; slot < 5000; slot++) sets.drop(slot);
  expect([sets.count(0), sets.count(7), sets.count(4999)]).toEqual([20, 0, 0]);
  expect(sets.sharedBytes).toBeLessThan(before / 10);
  sets.add(7, 3);
  expect([sets.at(7, 0), sets.at(0, 19)]).toEqual([3, 19]);
  expect(sets.save().values).toHaveLength(21);
});
