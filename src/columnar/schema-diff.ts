import type { Field, Schema } from 'apache-arrow';
import { didYouMean, quote } from '../errors.ts';
import type { Batch } from './batch.ts';
import { countBits } from './bitmap.ts';
import { logicalTypeName, typeName } from './type-name.ts';

/** How one field of a batch differs from the schema that it should have. */
export interface FieldDifference {
  /**
   * The field is missing, or is not in the schema (`added`), is of another type, or has nulls where none may be.
   */
  readonly kind: 'missing' | 'added' | 'type' | 'nulls';
  readonly name: string;
  /** The field as it should be; `undefined` for one that is added. */
  readonly expected: Field | undefined;
  /** The field as it came; `undefined` for one that is missing. */
  readonly actual: Field | undefined;
  /** The same in words. */
  readonly text: string;
}

/**
 * How `actual` differs from `expected`, field by field; nothing where it does not.
 *
 * Physical forms of one logical type are equal: utf8, large utf8, utf8 view and dictionaries of them.
 * Names count, order and metadata do not. A field that `expected` declares not nullable
 * may be called nullable by `actual`, but with `batch` given its column must hold no null. O(fields), and
 * O(rows / 8) per field that is not nullable.
 */
export function schemaDifferences(expected: Schema, actual: Schema, batch?: Batch): FieldDifference[] {
  const differences: FieldDifference[] = [];
  const names = actual.fields.map((field) => field.name);
  const wanted = new Set(expected.fields.map((field) => field.name));
  const order = fieldOrder(expected, actual);
  for (const [i, field] of expected.fields.entries()) {
    const { name } = field;
    const index = order[i]!;
    const other = actual.fields[index];
    const difference = (kind: FieldDifference['kind'], text: string): void => {
      differences.push({ kind, name, expected: field, actual: other, text });
    };
    if (other === undefined) {
      difference('missing', `no field ${quote(name)}${didYouMean(name, names)}`);
    } else if (logicalTypeName(field.type) !== logicalTypeName(other.type)) {
      difference(
        'type',
        `field ${quote(name)} is ${typeName(other.type)} instead of ${typeName(field.type)}`,
      );
    } else if (!field.nullable && batch !== undefined) {
      const nulls = nullsOf(batch, index);
      if (nulls > 0) difference('nulls', `field ${quote(name)} has ${nulls} nulls but is not nullable`);
    }
  }
  const taken = new Set(order);
  for (const [i, field] of actual.fields.entries()) {
    const { name } = field;
    if (taken.has(i)) continue;
    const text = wanted.has(name)
      ? `field ${quote(name)} comes more often than it should`
      : `unexpected field ${quote(name)}`;
    differences.push({ kind: 'added', name, expected: undefined, actual: field, text });
  }
  return differences;
}

/** Which field of `actual` each field of `expected` is, -1 for none. Fields of one name are told by the order they come in. */
export function fieldOrder(expected: Schema, actual: Schema): number[] {
  const places = new Map<string, number[]>();
  for (const [i, { name }] of actual.fields.entries()) {
    const list = places.get(name);
    if (list === undefined) places.set(name, [i]);
    else list.push(i);
  }
  return expected.fields.map(({ name }) => places.get(name)?.shift() ?? -1);
}

/** How `actual` differs from `expected`, in words; `undefined` where it does not. See {@link schemaDifferences}. */
export function schemaDifference(expected: Schema, actual: Schema, batch?: Batch): string | undefined {
  return differencesText(schemaDifferences(expected, actual, batch));
}

/** Differences in words; `undefined` for none. */
export function differencesText(differences: readonly FieldDifference[]): string | undefined {
  return differences.length === 0 ? undefined : differences.map(({ text }) => text).join('; ');
}

function nullsOf(batch: Batch, index: number): number {
  const column = batch.column(index);
  if (column.kind === 'null') return column.length;
  if (column.validity === undefined) return 0;
  return column.length - countBits(column.validity, column.offset, column.length);
}
