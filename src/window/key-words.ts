import type { Column } from '../columnar/column.ts';
import { lanesOf } from '../columnar/lanes.ts';
import type { KeyWords } from './value-window.ts';

/** The keys of a column: 64-bit ones in two words, so that no digit is lost. */
export function keyWordsOf(order: Column): KeyWords {
  const [high, low] = lanesOf(order);
  if (low !== undefined) return { high: high!, low };
  return { high: high!, low: new Float64Array(order.length) };
}
