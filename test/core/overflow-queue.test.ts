import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Overflow, OverflowQueue } from '../../src/core/overflow-queue.ts';

const sized = { sizeOf: (item: number) => item };

describe('a queue with bounds', () => {
  test.each<[Overflow, dropped: number[][], waiting: number[]]>([
    ['dropOldest', [[], [], [1], [2]], [3, 4]],
    ['dropNewest', [[], [], [3], [4]], [1, 2]],
    ['keepLatest', [[], [], [1, 2], []], [3, 4]],
    ['error', [[], [], [3], [4]], [1, 2]],
  ])('by number: %s', (overflow, dropped, waiting) => {
    const queue = new OverflowQueue<number>({ maxItems: 2 });
    expect([1, 2, 3, 4].map((item) => queue.push(item, overflow))).toEqual(dropped);
    expect(queue.items()).toEqual(waiting);
  });

  test.each<[Overflow, dropped: number[][], waiting: number[]]>([
    ['dropOldest', [[], [], [1, 3], []], [2, 2]],
    ['dropNewest', [[], [], [2], [2]], [1, 3]],
    ['keepLatest', [[], [], [1, 3], []], [2, 2]],
  ])('by size: %s', (overflow, dropped, waiting) => {
    const queue = new OverflowQueue<number>({ maxSize: 4, ...sized });
    expect([1, 3, 2, 2].map((item) => queue.push(item, overflow))).toEqual(dropped);
    expect([queue.items(), queue.size]).toEqual([waiting, 4]);
  });

  test('lets an item larger than the bound in when nothing waits', () => {
    const queue = new OverflowQueue<number>({ maxSize: 4, ...sized });
    expect([queue.offer(9), queue.offer(1), queue.size]).toEqual([true, false, 9]);
    expect(queue.push(8, 'dropOldest')).toEqual([9]);
    expect(queue.items()).toEqual([8]);
  });

  test('takes a larger item again once it is empty, whatever the sizes before', () => {
    const queue = new OverflowQueue<number>({ maxSize: 1, ...sized });
    for (const item of [0.1, 0.2, 0.3]) queue.push(item, 'dropOldest');
    for (let i = 0; i < 3; i++) queue.shift();
    expect([queue.length, queue.size, queue.push(5, 'dropOldest')]).toEqual([0, 0, []]);
    expect(queue.push(Number.POSITIVE_INFINITY, 'dropOldest')).toEqual([5]);
    queue.shift();
    expect([queue.size, queue.offer(2)]).toEqual([0, true]);
  });

  test('throws nothing away where the size cannot be told', () => {
    const queue = new OverflowQueue<number>({
      maxSize: 1,
      sizeOf: (item) => {
        if (item === 2) throw new Error('odd');
        return 1;
      },
    });
    queue.push(1, 'keepLatest');
    expect(() => queue.push(2, 'keepLatest')).toThrow('odd');
    expect(queue.items()).toEqual([1]);
  });

  test('keeps its bounds, the order, and count of every item', () => {
    const overflows = fc.constantFrom<Overflow>('dropOldest', 'dropNewest', 'keepLatest', 'error');
    const steps = fc.array(fc.oneof(fc.nat(6), fc.constant('take' as const)), { maxLength: 60 });
    fc.assert(
      fc.property(
        overflows,
        fc.integer({ min: 1, max: 5 }),
        fc.nat(10),
        steps,
        (overflow, maxItems, maxSize, run) => {
          const queue = new OverflowQueue<{ id: number; size: number }>({
            maxItems,
            maxSize,
            sizeOf: ({ size }) => size,
          });
          const gone: number[] = [];
          const taken: number[] = [];
          let pushed = 0;
          for (const step of run) {
            if (step === 'take') taken.push(...[queue.shift()].flatMap((entry) => entry?.item.id ?? []));
            else gone.push(...queue.push({ id: pushed++, size: step }, overflow).map(({ id }) => id));
            const sizes = queue.items().map(({ size }) => size);
            expect(queue.length).toBeLessThanOrEqual(maxItems);
            expect(queue.size).toBe(sizes.reduce((sum, size) => sum + size, 0));
            expect(queue.size <= maxSize || sizes.filter((size) => size > 0).length === 1).toBe(true);
          }
          const left = queue.drain().map(({ id }) => id);
          const kept = [...taken, ...left];
          expect(kept).toEqual(kept.toSorted((a, b) => a - b));
          expect([...kept, ...gone].sort((a, b) => a - b)).toEqual(
            Array.from({ length: pushed }, (_, id) => id),
          );
        },
      ),
    );
  });
});
