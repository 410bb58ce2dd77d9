import type { Schema } from 'apache-arrow';
import { didYouMean, quote } from '../errors.ts';
import type { Batch } from './batch.ts';
import { countBits } from './bitmap.ts';
import { logicalTypeName, typeName } from './type-name.ts';

/**
 * How `actual` differs from `expected`, field by field, in words; `undefined` where it does not.
 *
 * Physical forms of one logical type are equal: utf8, large utf8, utf8 view and dictionaries of them.
 * Names and order of the fields count, metadata does not. A field that `expected` declares not nullable
 * may be called nullable by `actual`, but with `batch` given its column must hold no null. O(fields), and
 * O(rows / 8) per field that is not nullable.
 */
export function schemaDifference(expected: Schema, actual: Schema, batch?: Batch): string | undefined {
  const differences: string[] = [];
  const names = actual.fields.map((field) => field.name);
  const wanted = new Set(expected.fields.map((field) => field.name));
  for (const field of expected.fields) {
    const index = names.indexOf(field.name);
    if (index < 0) {
      differences.push(`no field ${quote(field.name)}${didYouMean(field.name, names)}`);
      continue;
    }
    const other = actual.fields[index]!;
    if (logicalTypeName(field.type) !== logicalTypeName(other.type)) {
      differences.push(
        `field ${quote(field.name)} is ${typeName(other.type)} instead of ${typeName(field.type)}`,
      );
    } else if (!field.nullable && batch !== undefined) {
      const nulls = nullsOf(batch, index);
      if (nulls > 0) differences.push(`field ${quote(field.name)} has ${nulls} nulls but is not nullable`);
    }
  }
  for (const name of names) if (!wanted.has(name)) differences.push(`unexpected field ${quote(name)}`);
  if (differences.length === 0 && !expected.fields.every((field, i) => names[i] === field.name)) {
    const order = expected.fields.map((field) => field.name).join(', ');
    differences.push(`fields come as ${names.join(', ')} instead of ${order}`);
  }
  return differences.length === 0 ? undefined : differences.join('; ');
}

function nullsOf(batch: Batch, index: number): number {
  const column = batch.column(index);
  if (column.kind === 'null') return column.length;
  if (column.validity === undefined) return 0;
  return column.length - countBits(column.validity, column.offset, column.length);
}
