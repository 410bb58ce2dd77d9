import { DataType, Field, Schema } from 'apache-arrow';
import { Batch } from '../columnar/batch.ts';
import { explodedColumn } from '../columnar/explode.ts';
import { take } from '../columnar/take.ts';
import { typeName } from '../columnar/type-name.ts';
import { quote, SchemaError } from '../errors.ts';
import { noSuchColumn } from '../expr/bound.ts';
import { BatchNode } from './batch-node.ts';
import type { FrameState } from './state.ts';

/** Options of `explode`. */
export interface ExplodeOptions {
  /** What an empty or missing list becomes: a row with null, or no row. Default `'null'`. */
  readonly empty?: 'null' | 'drop' | undefined;
}

/** A row for each element of the lists of a column. */
export function explodeNode(frame: FrameState, name: string, dropsEmpty: boolean): BatchNode {
  return new BatchNode(frame, `explode(${name})`, (schema) => {
    const { fields } = schema;
    const at = fields.findIndex((field) => field.name === name);
    if (at < 0) {
      throw noSuchColumn(
        name,
        fields.map((field) => field.name),
        'explode',
      );
    }
    const { type } = fields[at]!;
    if (!DataType.isList(type) && !DataType.isLargeList(type) && !DataType.isFixedSizeList(type)) {
      throw new SchemaError('type-mismatch', `explode: ${quote(name)} is ${typeName(type)}, no list`);
    }
    const output = new Schema(
      fields.map((field, i) => (i === at ? new Field(name, type.children[0]!.type, true) : field)),
    );
    const run = (batch: Batch): Batch => {
      const { rows, items } = explodedColumn(batch.column(at), dropsEmpty);
      const columns = fields.map((_, i) => (i === at ? items : take(batch.column(i), rows)));
      return new Batch(
        batch.schema === schema ? output : outputOf(batch.schema, output, at),
        rows.length,
        columns,
      );
    };
    return { output, run };
  });
}

/** The other columns keep the types that they came with; columns that are new since are not among them. */
function outputOf(schema: Schema, output: Schema, at: number): Schema {
  return new Schema(output.fields.map((field, i) => (i === at ? field : schema.fields[i]!)));
}
