import { Message, Schema } from 'apache-arrow';
import { Flatbuffer, type FlatTable, MalformedError } from './flatbuffer.ts';

/** Length and number of nulls of one column of a batch. */
export interface FieldNode {
  readonly length: number;
  readonly nullCount: number;
}

/** A piece of the body. */
export interface BufferRegion {
  readonly offset: number;
  readonly length: number;
}

/** What the metadata of a record batch says, checked against itself but not yet against body and schema. */
export interface BatchHeader {
  readonly length: number;
  readonly nodes: readonly FieldNode[];
  readonly buffers: readonly BufferRegion[];
  readonly variadicCounts: readonly number[];
  /** `undefined`, or the number of the codec. */
  readonly codec: number | undefined;
}

interface MessageBase {
  /** Metadata version: 3 is V4, 4 is V5. */
  readonly version: number;
  readonly bodyLength: number;
}

export interface SchemaMessage extends MessageBase {
  readonly kind: 'schema';
  readonly schema: Schema;
}

export interface RecordBatchMessage extends MessageBase {
  readonly kind: 'batch';
  readonly header: BatchHeader;
  readonly metadata: ReadonlyMap<string, string>;
}

export interface DictionaryMessage extends MessageBase {
  readonly kind: 'dictionary';
  readonly id: number;
  readonly isDelta: boolean;
  readonly header: BatchHeader;
}

export type IpcMessage = SchemaMessage | RecordBatchMessage | DictionaryMessage;

/** How much metadata may hold. */
const maxFields = 10_000;
const maxDepth = 64;
const kinds = ['nothing', 'a schema', 'a dictionary', 'a record batch', 'a tensor', 'a sparse tensor'];

/**
 * Reads the metadata of a message.
 *
 * @throws MalformedError for anything but a sound schema, dictionary or record batch of version 4 or 5.
 */
export function readMessage(bytes: Uint8Array): IpcMessage {
  const message = new Flatbuffer(bytes).root();
  const version = message.int16(0);
  if (version < 3 || version > 4) {
    throw new MalformedError(`metadata version ${version + 1} is not one of 4 and 5`);
  }
  const type = message.uint8(1);
  const bodyLength = message.size(3, 'body length');
  const header = message.table(2);
  if (header === undefined || type < 1 || type > 3) {
    throw new MalformedError(
      `message holds ${kinds[type] ?? `kind ${type}`}, not a schema, dictionary or record batch`,
    );
  }
  const base = { version, bodyLength };
  if (type === 1) {
    checkSchema(header, bytes);
    return { ...base, kind: 'schema', schema: decodeSchema(bytes) };
  }
  if (type === 3) {
    return { ...base, kind: 'batch', header: readBatch(header), metadata: readMetadata(message, 4, bytes) };
  }
  const data = header.table(1);
  if (data === undefined) throw new MalformedError('dictionary message has no data');
  const isDelta = header.uint8(2) !== 0;
  return {
    ...base,
    kind: 'dictionary',
    id: header.size(0, 'dictionary id'),
    isDelta,
    header: readBatch(data),
  };
}

function readBatch(table: FlatTable): BatchHeader {
  const { buffer } = table;
  const length = table.size(0, 'batch length');
  const nodeVector = table.vector(1, 16);
  const nodes: FieldNode[] = [];
  for (let i = 0; i < nodeVector.length; i++) {
    const at = nodeVector.start + 16 * i;
    nodes.push({ length: buffer.size(at, 'column length'), nullCount: buffer.size(at + 8, 'null count') });
  }
  const bufferVector = table.vector(2, 16);
  const buffers: BufferRegion[] = [];
  for (let i = 0; i < bufferVector.length; i++) {
    const at = bufferVector.start + 16 * i;
    buffers.push({ offset: buffer.size(at, 'buffer offset'), length: buffer.size(at + 8, 'buffer length') });
  }
  const countVector = table.vector(4, 8);
  const variadicCounts: number[] = [];
  for (let i = 0; i < countVector.length; i++) {
    variadicCounts.push(buffer.size(countVector.start + 8 * i, 'number of data buffers'));
  }
  const codec = table.table(3)?.uint8(0);
  return { length, nodes, buffers, variadicCounts, codec };
}

function readMetadata(table: FlatTable, field: number, bytes: Uint8Array): Map<string, string> {
  const metadata = new Map<string, string>();
  for (const entry of table.tables(field))
    metadata.set(entry.text(0, bytes) ?? '', entry.text(1, bytes) ?? '');
  return metadata;
}

/** Walks all that apache-arrow will read of the schema, so that it cannot run away or off the end. */
function checkSchema(schema: FlatTable, bytes: Uint8Array): void {
  if (schema.int16(0) !== 0) throw new MalformedError('data is big-endian, which is not supported');
  const budget = { fields: maxFields };
  for (const field of schema.tables(1)) checkField(field, bytes, 1, budget);
  checkMetadata(schema, 2);
}

/** Numbers of the types in the format's union whose table holds more than scalars. */
const timestamp = 10;
const union = 14;

/** Types of the format that apache-arrow has no columns for. */
const unknownTypes: ReadonlyMap<number, string> = new Map([
  [22, 'run-end encoded'],
  [25, 'a list view'],
  [26, 'a large list view'],
]);

function checkField(field: FlatTable, bytes: Uint8Array, depth: number, budget: { fields: number }): void {
  if (depth > maxDepth) throw new MalformedError(`fields are nested deeper than ${maxDepth}`);
  if (--budget.fields < 0) throw new MalformedError(`schema has more than ${maxFields} fields`);
  field.checkText(0);
  const type = field.table(3);
  if (type === undefined) throw new MalformedError('a field has no type');
  const typeId = field.uint8(2);
  const unknown = unknownTypes.get(typeId);
  if (unknown !== undefined) {
    const name = field.text(0, bytes) ?? '';
    throw new MalformedError(
      `column ${JSON.stringify(name)} is ${unknown}, which is not supported; write it as ${typeId === 22 ? 'plain values' : 'a list'}`,
    );
  }
  if (typeId === timestamp) type.checkText(1);
  if (typeId === union) type.vector(1, 4);
  field.table(4)?.table(1);
  for (const child of field.tables(5)) checkField(child, bytes, depth + 1, budget);
  checkMetadata(field, 6);
}

function checkMetadata(table: FlatTable, field: number): void {
  for (const entry of table.tables(field)) {
    entry.checkText(0);
    entry.checkText(1);
  }
}

function decodeSchema(bytes: Uint8Array): Schema {
  let schema: unknown;
  try {
    schema = Message.decode(bytes).header();
  } catch (error) {
    throw new MalformedError(
      `schema cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (!(schema instanceof Schema)) throw new MalformedError('message holds no schema');
  return schema;
}

/** Where a message of a file is. */
export interface FileBlock {
  readonly offset: number;
  readonly metadataLength: number;
  readonly bodyLength: number;
}

export interface FileFooter {
  readonly schema: Schema;
  readonly dictionaries: readonly FileBlock[];
  readonly batches: readonly FileBlock[];
}

/** Reads the footer of the file format. */
export function readFooter(bytes: Uint8Array): FileFooter {
  const footer = new Flatbuffer(bytes).root();
  const blocks = (field: number): FileBlock[] => {
    const { start, length } = footer.vector(field, 24);
    return Array.from({ length }, (_, i) => {
      const at = start + 24 * i;
      return {
        offset: footer.buffer.size(at, 'block offset'),
        metadataLength: footer.buffer.int32(at + 8),
        bodyLength: footer.buffer.size(at + 16, 'block length'),
      };
    });
  };
  const schema = footer.table(1);
  if (schema === undefined) throw new MalformedError('footer has no schema');
  const message = readMessage(messageAround(bytes, schema.position));
  if (message.kind !== 'schema') throw new MalformedError('footer has no schema');
  return { schema: message.schema, dictionaries: blocks(2), batches: blocks(3) };
}

/**
 * A message whose header is the table at `position` of `bytes`: some writers put the schema into the footer only, and
 * schemas are read out of messages. References inside a flatbuffer are relative, so putting a table before it moves nothing.
 */
function messageAround(bytes: Uint8Array, position: number): Uint8Array {
  const size = 32;
  const around = new Uint8Array(size + bytes.length);
  around.set(bytes, size);
  const view = new DataView(around.buffer);
  const [vtable, table, header] = [4, 16, 20];
  view.setUint32(0, table, true);
  // Sizes of vtable and table, then where version, kind, header and body length (left out) are in the table.
  for (const [i, value] of [12, 12, 8, 10, 4, 0].entries()) view.setUint16(vtable + 2 * i, value, true);
  view.setInt32(table, table - vtable, true);
  view.setUint32(header, size + position - header, true);
  view.setInt16(24, 4, true);
  view.setUint8(26, 1);
  return around;
}
