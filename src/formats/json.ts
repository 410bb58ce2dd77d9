import { type ColumnValues, isColumnValues } from '../columnar/build.ts';

/** Rows or columns found in a JSON document. */
export type JsonTable = { readonly rows: readonly unknown[] } | { readonly columns: ColumnValues };

/** The table that a JSON value is: an array of rows, or an object of equally long arrays. `undefined` for anything else. */
export function tableOfJson(value: unknown): JsonTable | undefined {
  if (Array.isArray(value)) return { rows: value };
  return isColumnValues(value) ? { columns: value } : undefined;
}
