import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recency } from '../../src/aggregate/recency.ts';

const inOrder = (recency: Recency): [number, number][] => {
  const all: [number, number][] = [];
  for (let slot = recency.oldest; slot >= 0; slot = recency.nextOf(slot))
    all.push([slot, recency.stampOf(slot)]);
  return all;
};

test('slots are in the order in which they were last touched, however they come and go', () => {
  const action = fc.tuple(fc.constantFrom('touch', 'touch', 'remove'), fc.integer({ min: 0, max: 40 }));
  fc.assert(
    fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
      const recency = new Recency();
      const plain = new Map<number, number>();
      for (const [i, [verb, slot]] of actions.entries()) {
        if (verb === 'remove') {
          if (!plain.has(slot)) continue;
          recency.remove(slot);
          plain.delete(slot);
        } else {
          recency.grow(slot + 1);
          recency.touch(slot, i);
          plain.delete(slot);
          plain.set(slot, i);
        }
        expect(inOrder(recency)).toEqual([...plain]);
      }
    }),
  );
});
