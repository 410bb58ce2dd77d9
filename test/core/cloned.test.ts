import { expect, test } from 'vitest';
import { cloned } from '../../src/core/cloned.ts';

class Box {
  readonly inner = 1;
}

test('plain data is copied deeply, loops and typed arrays in it too', () => {
  const state: Record<string, unknown> = {
    list: [1, { a: null }],
    map: new Map([[1, 2]]),
    x: new Float64Array(2),
  };
  state.self = state;
  const copy = cloned(state, 'it');
  expect(copy).toEqual(state);
  expect(copy).not.toBe(state);
  expect(copy.list).not.toBe(state.list);
});

test('what would not be the same is refused, saying whose it is', () => {
  expect(() => cloned(() => 1, 'total')).toThrow('the state of total cannot be cloned');
  expect(() => cloned(new Box(), 'total')).toThrow(
    'the state of total cannot be cloned: it is a Box, of which only the fields would be left',
  );
  expect(() => cloned({ list: [new Box()] }, 'total')).toThrow('it holds a Box');
});
