import { type RecordBatch, RecordBatchStreamWriter, type Schema, util } from 'apache-arrow';
import { compactBatch } from '../columnar/compact.ts';
import { schemaDifference } from '../columnar/schema-diff.ts';
import { SchemaError } from '../errors.ts';

/**
 * The bytes of an Arrow IPC stream: schema, batches, end mark; not compressed. The schema is that of the
 * first batch unless given, so without batches it must be. All batches have the same physical types.
 *
 * @throws `schema-mismatch` for a batch of another schema, or where there is none.
 */
export function toIpc(batches: Iterable<RecordBatch>, schema?: Schema): Uint8Array {
  const all = [...batches];
  const common = schema ?? all[0]?.schema;
  if (common === undefined)
    throw new SchemaError('schema-mismatch', 'no batches and no schema: give the schema');
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, common);
  for (const [i, batch] of all.entries()) {
    if (!util.compareSchemas(common, batch.schema)) {
      const difference = schemaDifference(common, batch.schema) ?? 'its fields are stored in another way';

      throw new SchemaError('schema-mismatch', `batch ${i} does not fit the stream: ${difference}`);
    }
    writer.write(compactBatch(batch));
  }
  writer.finish();
  return writer.toUint8Array(true);
}
