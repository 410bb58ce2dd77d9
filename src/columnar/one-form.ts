import type { Column } from './column.ts';
import { plainStrings } from './plain-strings.ts';

/** Columns of one logical type in one physical form: strings that are not all encoded alike become plain ones. */
export function oneForm(columns: readonly Column[]): readonly Column[] {
  const [first] = columns;
  if (first === undefined || columns.every((column) => isLike(column, first))) return columns;
  return columns.map(plainStrings);
}

function isLike(a: Column, b: Column): boolean {
  if (a.kind !== b.kind) return false;
  return a.kind !== 'dictionary' || String(a.type) === String(b.type);
}
