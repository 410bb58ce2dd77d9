import { type DataType, Float64, Int64, Utf8 } from 'apache-arrow';
import { expect, test } from 'vitest';
import { checkWindow, type WindowSpec } from '../../src/window/window-spec.ts';

const float = new Float64();

test('windows that hold nothing or make no sense are refused', () => {
  const refused: [WindowSpec, string][] = [
    [{ rows: 0 }, 'a window of 0 rows; wanted a whole number from 1 on'],
    [{ rows: -3 }, 'a window of -3 rows'],
    [{ rows: 1.5 }, 'a window of 1.5 rows'],
    [{ rows: Number.NaN }, 'a window of NaN rows'],
    [{ width: 0n, keyType: new Int64() }, 'a window of width 0'],
    [{ width: -1, keyType: float }, 'a window of width -1'],
    [{ width: 0.5, keyType: new Int64() }, 'a window of width 0.5'],
    [{ width: Infinity, keyType: float }, 'a window of width Infinity'],
    [{ width: 1, keyType: new Utf8() as DataType }, 'a window over keys of type Utf8'],
    [{ width: 1, keyType: float, closed: 'up' as 'left' }, 'closed: "up"; wanted right, left, both, neither'],
  ];
  for (const [window, text] of refused) expect(() => checkWindow(window)).toThrow(text);
});

test('windows of rows, and of a width that the key can hold, are accepted', () => {
  for (const window of [{ rows: 1 }, { width: 0.5, keyType: float }, { width: 5, keyType: new Int64() }]) {
    expect(() => checkWindow(window)).not.toThrow();
  }
});
