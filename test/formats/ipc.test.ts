import {
  Dictionary,
  Field,
  Float64,
  Int32,
  List,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { BatchBuilder, buildBatch } from '../../src/columnar/build.ts';
import { SourceError } from '../../src/errors.ts';
import { IpcDecoder, type IpcOptions, readIpc, startsStream } from '../../src/formats/ipc.ts';
import { toIpc } from '../../src/formats/ipc-write.ts';

const schema = new Schema([
  new Field('i', new Int32(), true),
  new Field('s', new Utf8(), true),
  new Field('d', new Dictionary(new Utf8(), new Int32()), true),
]);
const builder = new BatchBuilder(schema);
const batchOf = (...i: number[]) =>
  builder
    .fromRows(i.map((n) => ({ i: n, s: n % 2 === 0 ? null : `s${n}`, d: n % 3 === 0 ? 'a' : 'b' })))
    .batch.toRecordBatch();
const batches = [batchOf(1, 2, 3), batchOf(), batchOf(4, 5)];
const bytes = toIpc(batches);

const rowsOf = (list: readonly RecordBatch[]) =>
  list.map((batch) => batch.toArray().map((row) => row.toJSON()));
const expected = rowsOf(batches);

const decode = (pieces: readonly Uint8Array[], options?: IpcOptions) => {
  const decoder = new IpcDecoder(options);
  const got: RecordBatch[] = [];
  let error: SourceError | undefined;
  try {
    for (const piece of pieces) for (const batch of decoder.push(piece)) got.push(batch);
    for (const batch of decoder.end()) got.push(batch);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(SourceError);
    error = thrown as SourceError;
  }
  return { got, error, decoder };
};

const piecesOf = (all: Uint8Array, size: number) =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

describe('an IPC decoder', () => {
  test('gives back what was written, empty batches too', () => {
    const { got, error, decoder } = decode([bytes]);
    expect(error).toBeUndefined();
    expect(rowsOf(got)).toEqual(expected);
    expect(decoder.ended).toBe(true);
    expect(decoder.schema!.fields.map((field) => field.name)).toEqual(['i', 's', 'd']);
  });

  test.each([1, 2, 3, 7, 8, 64, 333])('does not care for cuts every %i bytes', (size) => {
    expect(rowsOf(decode(piecesOf(bytes, size)).got)).toEqual(expected);
  });

  test('gives a batch with its last byte, not later', () => {
    const decoder = new IpcDecoder();
    const arrivedAt: number[] = [];
    for (let i = 0; i < bytes.length; i++)
      for (const _ of decoder.push(bytes.subarray(i, i + 1))) arrivedAt.push(i);
    const withoutMark = bytes.length - 8;
    expect(arrivedAt).toHaveLength(3);
    expect(arrivedAt[2]).toBe(withoutMark - 1);
  });

  test('gives an error or a clean beginning wherever the stream is cut off', () => {
    const clean: number[] = [];
    for (let end = 0; end < bytes.length; end++) {
      const { got, error } = decode([bytes.slice(0, end)]);
      expect(rowsOf(got)).toEqual(expected.slice(0, got.length));
      if (error === undefined) clean.push(end);
      else expect(error.code).toBe('bad-message');
    }
    // After the schema, after the dictionary (twice, as it does not change), after each batch.
    expect(clean.length).toBeLessThanOrEqual(6);
    expect(clean).toContain(bytes.length - 8);
  });

  test('tells the end mark from a stream that just stops', () => {
    expect(decode([bytes]).decoder.ended).toBe(true);
    const stopped = new IpcDecoder();
    expect([...stopped.push(bytes.slice(0, -8))]).toHaveLength(3);
    expect(stopped.ended).toBe(false);
    expect(stopped.pending).toBe(false);
  });

  test('names the place of what is cut off', () => {
    const { error } = decode([bytes.slice(0, -12)]);
    expect(error!.message).toMatch(
      /stream is cut off in the body of a message: \d+ of \d+ bytes \(message \d+, byte \d+\)/,
    );
    expect(error!.position.batch).toBe(2);
  });

  test.each([
    [
      'an HTML page',
      '<!doctype html><p>Sign in',
      /expected an Arrow stream, got an HTML page: "<!doctype html><p>Sign in"/,
    ],
    ['JSON', '{"error": "no such table"}', /got JSON: "\{\\"error\\": \\"no such table\\"\}"/],
    ['text', 'upstream connect error', /got text: "upstream connect error"/],
    ['little text', 'no', /got text: "no"/],
    ['nothing', '', /got nothing/],
    ['gzip', '\x1f\x8b\x08\0\0\0\0\0\0\0', /got gzip/],
  ])('says that it got %s', (_, text, message) => {
    const { error } = decode([Uint8Array.from(text, (c) => c.charCodeAt(0))]);
    expect(error!.code).toBe('bad-message');
    expect(error!.message).toMatch(message);
  });

  test('refuses negative and oversized lengths before taking memory', () => {
    const prefix = (length: number) => new Uint8Array(Int32Array.of(-1, length, 0, 0).buffer);
    expect(decode([prefix(-5)]).error!.message).toMatch(/metadata length is -5/);
    const huge = decode([prefix(2 ** 30)]).error!;
    expect(huge.code).toBe('limit-exceeded');
    expect(huge.message).toMatch(
      /metadata of 1073741824 bytes is over the limit of 16777216 \(maxMetadataBytes\)/,
    );
    expect(decode([bytes], { maxBodyBytes: 16 }).error!.message).toMatch(/maxBodyBytes/);
    expect(decode([bytes], { maxRows: 2 }).error!.message).toMatch(
      /batch of 3 rows is over the limit of 2 \(maxRows\)/,
    );
  });

  test('never gives values that are not there, whatever byte is changed', () => {
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const broken = bytes.slice();
        broken[at] = value;
        for (const batch of decode([broken]).got) {
          expect(batch.numRows).toBeLessThan(1000);
          for (const row of batch.toArray()) row.toJSON();
        }
      }
    }
  });

  test('says in the words of the format what is wrong with a schema, whatever bit is changed', () => {
    const list = new Schema([new Field('l', new List(new Field('item', new Int32(), true)), true)]);
    const values = vectorFromArray([[1], null, [2, 3]], list.fields[0]!.type);
    const whole = toIpc([new Table(list, { l: values }).batches[0]!]);
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const changed = whole.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(decode([changed]).error?.message ?? '').not.toMatch(/Cannot read|is not a function|undefined$/);
    }
  });

  test.each([
    [22, 'column "l" is run-end encoded, which is not supported; write it as plain values'],
    [25, 'column "l" is a list view, which is not supported; write it as a list'],
    [26, 'column "l" is a large list view, which is not supported; write it as a list'],
  ])('refuses types that have no columns here, number %i of the format', (type, message) => {
    const list = new Schema([new Field('l', new List(new Field('item', new Int32(), true)), true)]);
    const whole = toIpc([], list);
    // One of the bytes that are 12, a list, is the type of the field.
    const errors = [...whole.keys()].flatMap((at) => {
      if (whole[at] !== 12) return [];
      const changed = whole.slice();
      changed[at] = type;
      return [decode([changed]).error?.message ?? ''];
    });
    expect(errors.filter((text) => text.includes(message))).toHaveLength(1);
  });

  test('holds a dictionary that grows to the limit of rows', () => {
    const grown = new Schema([new Field('d', new Dictionary(new Utf8(), new Int32(), 7), true)]);
    const type = grown.fields[0]!.type as Dictionary<Utf8, Int32>;
    const dictionaryOf = (...texts: string[]) => vectorFromArray(texts, new Utf8());
    const codes = (dictionary: Vector<Utf8>) =>
      new RecordBatch(
        grown,
        makeData({
          type: new Struct(grown.fields),
          length: 1,
          nullCount: 0,
          children: [makeData({ type, length: 1, nullCount: 0, data: Int32Array.of(0), dictionary })],
        }),
      );
    const first = dictionaryOf('a', 'b');
    const writer = new RecordBatchStreamWriter();
    writer.write(codes(first));
    writer.write(codes(first.concat(dictionaryOf('c', 'd'))));
    writer.finish();
    const stream = writer.toUint8Array(true);
    expect(decode([stream]).got).toHaveLength(2);
    const { got, error } = decode([stream], { maxRows: 3 });
    expect(got).toHaveLength(1);
    expect(error).toMatchObject({ code: 'limit-exceeded' });
    expect(error!.message).toMatch(/^dictionary 7 of 4 values is over the limit of 3/);
  });

  test('with onBadBatch leaves out a broken batch and reads on', () => {
    const x = new Schema([new Field('x', new Float64(), true)]);
    const parts = [1, 2, 3].map((n) => buildBatch(x, [{ x: n }, { x: null }]).batch.toRecordBatch());
    const whole = toIpc(parts);
    // The validity bits of the second batch: its null count no longer fits.
    const second = toIpc(parts.slice(0, 1)).length - 8;
    const broken = whole.slice();
    const third = toIpc(parts.slice(0, 2)).length - 8;
    const body = third - 64;
    let changed = false;
    for (let at = third - 1; at > second && !changed; at--) {
      if (broken[at] !== 1 || at < body) continue;
      broken[at] = 3;
      changed = true;
    }
    expect(changed).toBe(true);
    const errors: SourceError[] = [];
    const { got, error } = decode([broken], { onBadBatch: (bad) => errors.push(bad) });
    expect(error).toBeUndefined();
    expect(got.map((batch) => batch.get(0)!.x)).toEqual([1, 3]);
    expect(errors.map((bad) => bad.position.batch)).toEqual([1]);
    expect(errors[0]!.message).toMatch(/column "x": null count is 1, validity bits have 0/);
    expect(decode([broken]).got).toHaveLength(1);
  });

  test('gives the batches before a broken message first', () => {
    const broken = bytes.slice();
    broken.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80], broken.length - 8);
    const { got, error } = decode([broken]);
    expect(rowsOf(got)).toEqual(expected);
    expect(error!.message).toMatch(/metadata length is/);
  });

  test('refuses bytes after the end', () => {
    const joined = new Uint8Array(bytes.length * 2);
    joined.set(bytes);
    joined.set(bytes, bytes.length);
    expect(decode([joined]).error!.message).toMatch(/bytes follow the end of the stream/);
  });

  test('keeps a dictionary the same object while it is not replaced', () => {
    const { got } = decode([bytes]);
    const dictionaries = got.map((batch) => batch.data.children[2]!.dictionary);
    expect(dictionaries[1]).toBe(dictionaries[0]);
    expect(dictionaries[2]).toBe(dictionaries[0]);
  });

  test('reads a file once it is whole', async () => {
    const { RecordBatchFileWriter } = await import('apache-arrow');
    const writer = new RecordBatchFileWriter();
    for (const batch of batches) writer.write(batch);
    writer.finish();
    const file = writer.toUint8Array(true);
    expect(rowsOf(decode(piecesOf(file, 100)).got)).toEqual(expected);
    for (let end = 0; end < file.length; end += 5) expect(decode([file.slice(0, end)]).error).toBeDefined();
    expect(decode([file], { maxFileBytes: 100 }).error!.code).toBe('limit-exceeded');
  });

  test('reads streams of before the continuation word', () => {
    const writer = new RecordBatchStreamWriter({ writeLegacyIpcFormat: true } as never);
    for (const batch of batches) writer.write(batch);
    writer.finish();
    expect(rowsOf(decode(piecesOf(writer.toUint8Array(true), 50)).got)).toEqual(expected);
  });
});

describe('readIpc', () => {
  const collect = async (source: Parameters<typeof readIpc>[0]) => {
    const got: RecordBatch[] = [];
    for await (const batch of readIpc(source)) got.push(batch);
    return rowsOf(got);
  };

  test('reads bytes in one piece and in many', async () => {
    expect(await collect(bytes)).toEqual(expected);
    expect(await collect(bytes.slice().buffer)).toEqual(expected);
    expect(await collect(piecesOf(bytes, 100))).toEqual(expected);
    expect(await collect(new Response(bytes.slice()).body!)).toEqual(expected);
  });

  test('cancels a stream that is left early', async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes.slice(0, -8)),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const _ of readIpc(endless)) break;
    expect(cancelled).toBe(true);
  });
});

describe('toIpc', () => {
  test('writes what apache-arrow reads', () => {
    expect(
      tableFromIPC(bytes)
        .toArray()
        .map((row) => row.toJSON()),
    ).toEqual(expected.flat());
  });

  test('writes schema and end without batches', () => {
    const { got, decoder } = decode([toIpc([], schema)]);
    expect(got).toEqual([]);
    expect(decoder.schema!.fields).toHaveLength(3);
    expect(decoder.ended).toBe(true);
    expect(() => toIpc([])).toThrow('no batches and no schema');
  });

  test('refuses a batch of another schema', () => {
    const other = buildBatch(new Schema([new Field('i', new Float64(), true)]), [
      { i: 1 },
    ]).batch.toRecordBatch();
    expect(() => toIpc([batches[0]!, other])).toThrow(
      /batch 1 does not fit the stream: field "i" is float64 instead of int32/,
    );
  });
});

describe('startsStream', () => {
  test('knows a schema from other messages', () => {
    const head = toIpc([], schema).length - 8;
    expect(startsStream(bytes)).toBe(true);
    expect(startsStream(bytes.slice(head))).toBe(false);
    expect(startsStream(new TextEncoder().encode('<html>'))).toBe(false);
    expect(startsStream(new Uint8Array(0))).toBe(false);
  });
});
