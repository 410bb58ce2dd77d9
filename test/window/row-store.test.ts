import { describe, expect, test } from 'vitest';
import { gatherRows, RowStore, sliceRows } from '../../src/window/row-store.ts';

const rows = (...xs: number[]) => ({
  length: xs.length,
  slots: Int32Array.from(xs),
  keys: { high: Float64Array.from(xs), low: Float64Array.from(xs, (x) => -x) },
  lanes: [Float64Array.from(xs, (x) => 10 * x)],
});

const lanesOf = (store: RowStore) => [...store.lanes[0]!.subarray(0, store.length)];

describe('a row store', () => {
  test('keeps what is appended, in order, by ones and by many', () => {
    const store = new RowStore();
    for (let i = 0; i < 20; i++) store.append(rows(i));
    store.append(rows(...Array.from({ length: 30 }, (_, i) => 20 + i)));
    expect(lanesOf(store)).toEqual(Array.from({ length: 50 }, (_, i) => 10 * i));
    expect([store.slots![49], store.keys!.high[49], store.keys!.low[49]]).toEqual([49, 49, -49]);
  });

  test('takes no more than the given number of rows from longer arrays', () => {
    const store = new RowStore();
    store.append({ ...rows(1, 2, 3), length: 2 });
    store.append(rows(4));
    expect(lanesOf(store)).toEqual([10, 20, 40]);
  });

  test('gives back memory that it is told is not needed', () => {
    const store = new RowStore();
    store.append(rows(...new Array<number>(1000).fill(1)));
    store.clear();
    store.append(rows(7));
    store.reserve(20);
    expect(store.capacity).toBe(20);
    expect(lanesOf(store)).toEqual([70]);
  });

  test('has at most a quarter more room than it is told is needed', () => {
    const store = new RowStore();
    store.append(rows(...new Array<number>(1000).fill(1)));
    store.append(rows(2));
    expect(store.capacity).toBe(1250);
    store.clear();
    store.reserve(1001);
    expect(store.capacity).toBe(1250);
    store.reserve(900);
    expect(store.capacity).toBe(900);
    store.reserve(800);
    expect(store.capacity).toBe(900);
  });

  test('can be sliced and gathered', () => {
    const store = new RowStore();
    store.append(rows(0, 1, 2, 3));
    expect([...sliceRows(store, 1, 3).lanes[0]!]).toEqual([10, 20]);
    expect([...gatherRows(store, Int32Array.of(3, 0)).slots!]).toEqual([3, 0]);
  });
});
