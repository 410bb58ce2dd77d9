import type { DataType } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { logicalTypeName, typeName } from '../columnar/type-name.ts';
import { SchemaError } from '../errors.ts';
import type { AggregateInput } from './aggregate-state.ts';

/** What the columns of a batch must be. */
export interface InputTypes {
  readonly inputTypes: readonly DataType[];
  readonly groupTypes: readonly DataType[];
  /** Type of the key of a value window, where there is one. */
  readonly keyType?: DataType | undefined;
}

/** @throws SchemaError `schema-mismatch` where the columns of a batch do not fit. */
export function checkInput(input: AggregateInput, types: InputTypes): void {
  const { length, keys, values, order } = input;
  checkColumns('input columns', values, types.inputTypes, length);
  checkColumns('group keys', keys, types.groupTypes, length);
  if (types.keyType === undefined) return;
  if (order === undefined) throw new SchemaError('schema-mismatch', 'no column with the key of the window');
  checkColumn('key of the window', order, types.keyType, length);
}

function checkColumns(
  what: string,
  columns: readonly Column[],
  types: readonly DataType[],
  length: number,
): void {
  if (columns.length !== types.length) {
    throw new SchemaError('schema-mismatch', `${columns.length} ${what}; wanted ${types.length}`);
  }
  for (let k = 0; k < types.length; k++) checkColumn(what, columns[k]!, types[k]!, length);
}

function checkColumn(what: string, column: Column, type: DataType, length: number): void {
  if (column.length !== length) {
    throw new SchemaError('schema-mismatch', `${what}: ${column.length} rows; wanted ${length}`);
  }
  if (column.type !== type && logicalTypeName(column.type) !== logicalTypeName(type)) {
    throw new SchemaError(
      'schema-mismatch',
      `${what}: type ${typeName(column.type)}; wanted ${typeName(type)}`,
    );
  }
}
