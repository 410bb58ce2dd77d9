import type { Schema } from 'apache-arrow';
import type { Batch } from '../columnar/batch.ts';
import { hasOrder, type SortColumn, sortedRows } from '../columnar/order.ts';
import { typeName } from '../columnar/type-name.ts';
import { didYouMean, quote, SchemaError } from '../errors.ts';
import { noSuchColumn } from '../expr/bound.ts';
import { BatchNode, batchOfRows } from './batch-node.ts';
import type { FrameState } from './state.ts';

/** Options of `sort`. */
export interface SortOptions {
  /** Greatest first; for several columns, one for each or one for all. Default `false`. */
  readonly descending?: boolean | readonly boolean[] | undefined;
  /** Where rows go whose value is null or NaN, whatever the direction. Default `'last'`. */
  readonly nulls?: 'first' | 'last' | undefined;
}

interface SortKey {
  readonly name: string;
  readonly descending: boolean;
  readonly nulls: 'first' | 'last';
}

/** @throws `bad-option` for options that there are not. */
export function sortKeys(frame: FrameState, names: readonly string[], options: SortOptions = {}): SortKey[] {
  if (names.length === 0) throw new SchemaError('bad-option', 'sort needs at least one column');
  for (const name of names) frame.checkName(name, 'sort');
  checkNames('sort', options, ['descending', 'nulls']);
  const { descending = false, nulls = 'last' } = options;
  if (nulls !== 'first' && nulls !== 'last') {
    throw new SchemaError('bad-option', `sort: nulls must be 'first' or 'last', got ${quote(String(nulls))}`);
  }
  const each = Array.isArray(descending) ? (descending as readonly boolean[]) : names.map(() => descending);
  if (each.length !== names.length || each.some((one) => typeof one !== 'boolean')) {
    throw new SchemaError(
      'bad-option',
      `sort: descending must be true or false, or ${names.length} of them, one for each column`,
    );
  }
  return names.map((name, i) => ({ name, descending: each[i] as boolean, nulls }));
}

/** @throws `bad-option` for a name that is none of `known`. */
export function checkNames(operation: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new SchemaError('bad-option', `${operation} takes an object of options, got ${String(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new SchemaError(
      'bad-option',
      `${operation} has no option ${quote(name)}${didYouMean(name, known) || ';'} there are ${known.join(', ')}`,
    );
  }
}

/** The rows of each emission in order. */
export function sortNode(frame: FrameState, keys: readonly SortKey[]): BatchNode {
  const label = `sort(${keys.map(({ name, descending }) => (descending ? `${name} descending` : name)).join(', ')})`;
  return new BatchNode(frame, label, (schema) => {
    const at = keys.map(({ name }) => orderedAt(schema, name, 'sort'));
    const run = (batch: Batch): Batch => {
      const columns = keys.map((key, k): SortColumn => ({ ...key, column: batch.column(at[k]!) }));
      return batchOfRows(batch, sortedRows(columns, batch.length));
    };
    return { output: schema, run };
  });
}

/** The number of a column that has an order. @throws `no-such-column`, `type-mismatch`. */
export function orderedAt(schema: Schema, name: string, operation: string): number {
  const at = schema.fields.findIndex((field) => field.name === name);
  if (at < 0) {
    throw noSuchColumn(
      name,
      schema.fields.map((field) => field.name),
      operation,
    );
  }
  const { type } = schema.fields[at]!;
  if (hasOrder(type)) return at;
  throw new SchemaError(
    'type-mismatch',
    `${operation}: ${quote(name)} is ${typeName(type)}, which has no order`,
  );
}

/** @throws `bad-option` unless `n` is a whole number of at least `least`. */
export function rowCountOf(n: unknown, operation: string, least = 0): number {
  if (typeof n === 'number' && Number.isSafeInteger(n) && n >= least) return n;
  throw new SchemaError(
    'bad-option',
    `${operation} needs a whole number of rows of at least ${least}, got ${String(n)}`,
  );
}
