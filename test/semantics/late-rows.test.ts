import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAggregateState } from '../../src/frame/aggregate-state.ts';
import { inputOf, inView, keyType, specOf } from '../frame/oracle.ts';

const row = { g: 'a', h: 1, f: 1, i: 1, w: 1n, b: true };

test('every row is in the window, late, or without a key, and counted as that', () => {
  const times = fc.array(fc.option(fc.bigInt({ min: 0n, max: 60n }), { freq: 8 }), { maxLength: 80 });
  fc.assert(
    fc.property(
      times,
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(5n, 20n, 1000n),
      (all, size, width) => {
        const history = all.map((t) => ({ ...row, t }));
        const window = { width, closed: 'both', keyType } as const;
        const state = createAggregateState(specOf('no group', window));
        for (let from = 0; from < history.length; from += size)
          state.update(inputOf(history.slice(from, from + size), 'no group'));
        const { late, rejected } = state as unknown as { readonly late: number; readonly rejected: number };
        const wanted = inView(history, window);
        expect({ late, rejected }).toEqual({ late: wanted.late, rejected: wanted.rejected });
        // Nothing has left a window this wide, so what is in view is all that was accepted.
        if (width === 1000n) expect(wanted.rows.length + late + rejected).toBe(all.length);
      },
    ),
  );
});
