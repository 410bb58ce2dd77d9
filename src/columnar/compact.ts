import { type Data, DataType, type RecordBatch, UnionMode } from 'apache-arrow';
import { columnOf, dataOf, withColumns } from './arrow.ts';
import { isView } from './byte-rows.ts';
import { take } from './take.ts';

/**
 * The same rows as data that begins at the start of its buffers, as apache-arrow needs it to write views, dense unions
 * and nulls, inside lists too. Other data is given back as it is.
 */
export function compact(data: Data): Data {
  if (!hasFragile(data.type) || isAtStart(data)) return data;
  const rows = Int32Array.from({ length: data.length }, (_, i) => i);
  return dataOf(take(columnOf(data), rows));
}

function hasFragile(type: DataType): boolean {
  if (DataType.isNull(type) || isView(type)) return true;
  if (DataType.isUnion(type) && type.mode === UnionMode.Dense) return true;
  const children = (type.children ?? []) as readonly ({ readonly type: DataType } | undefined)[];
  return children.some((child) => child !== undefined && hasFragile(child.type));
}

function isAtStart(data: Data): boolean {
  const { type, offset, valueOffsets, children } = data;
  const isList = DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type);
  if (offset !== 0 || (isList && data.length > 0 && Number(valueOffsets[0]) !== 0)) return false;
  return children.every(isAtStart);
}

/** A batch whose columns are {@link compact}. */
export function compactBatch(batch: RecordBatch): RecordBatch {
  const { children } = batch.data;
  const columns = children.map(compact);
  return columns.some((column, i) => column !== children[i]) ? withColumns(batch, columns) : batch;
}
