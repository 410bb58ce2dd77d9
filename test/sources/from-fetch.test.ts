import type { ServerResponse } from 'node:http';
import { Field, Int32, Schema, Utf8 } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { buildBatch } from '../../src/columnar/build.ts';
import { toIpc } from '../../src/formats/ipc-write.ts';
import { fromFetch } from '../../src/sources/from-fetch.ts';
import { settle, VirtualClock } from '../../src/testing/virtual-clock.ts';
import { batchFrom, messagesOf, rowsFrom } from '../browser/server.ts';
import { arrivals, collect, rowsOf } from './collect.ts';
import { serve, serveAnswers } from './server.ts';

const json = { 'content-type': 'application/json' };
const arrow = { 'content-type': 'application/vnd.apache.arrow.stream' };
const ndjson = { 'content-type': 'application/x-ndjson' };

/** A server whose one response is written by the test. */
const scripted = async (headers: Record<string, string>) => {
  let answer: (response: ServerResponse) => void;
  const response = new Promise<ServerResponse>((resolve) => {
    answer = resolve;
  });
  const started = await serve((_, res) => {
    res.writeHead(200, headers);
    res.flushHeaders();
    answer(res);
  });
  return { ...started, response };
};

describe('fromFetch of an Arrow stream', () => {
  test('gives each batch before the next has been sent', async () => {
    const { url, response } = await scripted(arrow);
    const source = fromFetch(url);
    const { values, statuses } = collect(source);
    const [start, first, second, end] = messagesOf([batchFrom(0, 2), batchFrom(2, 2)]);
    let arrived = arrivals(source, 1);
    (await response).write(start);
    (await response).write(first);
    await arrived;
    expect(rowsOf(values)).toEqual(rowsFrom(0, 2));
    arrived = arrivals(source, 1);
    (await response).write(second);
    await arrived;
    (await response).end(end);
    await source.done;
    expect(rowsOf(values)).toEqual(rowsFrom(0, 4));
    expect(statuses()).toEqual(['connecting', 'live', 'closed']);
    expect(source.counts).toEqual({ batches: 2, rows: 4, rejectedRows: 0, droppedRows: 0, gaps: 0 });
  });

  test('keeps the batches before a connection that goes in the middle of a message', async () => {
    const { url, response } = await scripted(arrow);
    const source = fromFetch(url);
    const { values, errors, statuses } = collect(source);
    const [start, first, second] = messagesOf([batchFrom(0, 2), batchFrom(2, 2)]);
    const arrived = arrivals(source, 1);
    const res = await response;
    res.write(start);
    res.write(first);
    res.write(second!.subarray(0, 50));
    await arrived;
    res.destroy();
    await source.done;
    expect(rowsOf(values)).toEqual(rowsFrom(0, 2));
    expect(errors.map((e) => e.code)).toEqual(['source-failed']);
    expect(errors[0]!.message).toMatch(/broke off after \d+ bytes: /);
    expect(errors[0]!.position.byte).toBe(start!.length + first!.length + 50);
    expect(statuses()).toEqual(['connecting', 'live', 'failed']);
  });

  test('gives up a server that falls silent, before its answer or in the middle, where told how long to wait', async () => {
    const clock = new VirtualClock();
    const { url, response, open } = await scripted(arrow);
    const source = fromFetch(url, { clock, idleTimeout: '30s' });
    const { values, errors } = collect(source);
    const [start, first, second] = messagesOf([batchFrom(0, 2), batchFrom(2, 2)]);
    const arrived = arrivals(source, 1);
    const res = await response;
    res.write(start);
    res.write(first);
    await arrived;
    await settle();
    await clock.advance('20s');
    res.write(second!.subarray(0, 50), () => {});
    while (source.state.status === 'live') {
      await settle();
      await clock.advance('1s');
    }
    expect(rowsOf(values)).toEqual(rowsFrom(0, 2));
    expect(errors[0]!.message).toMatch(/broke off after \d+ bytes: nothing came within 30000 ms/);
    expect(source.counts.gaps).toBe(1);
    expect(clock.timers).toBe(0);
    for (const socket of open)
      if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));

    let asked = (): void => {};
    const request = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const silent = await serve(() => asked());
    const other = fromFetch(silent.url, {
      clock,
      idleTimeout: '30s',
      onError: ({ message }) => errors.push(message as never),
    });
    other.sink(() => {});
    await request;
    await clock.advance('30s');
    await other.done;
    expect(errors.at(-1)).toBe(`${silent.url} did not answer within 30000 ms`);
  });

  test('gives up a response that falls silent, and cancels it', async () => {
    const clock = new VirtualClock();
    let cancelled = false;
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(toIpc([batchFrom(0, 1)]).subarray(0, 100)),
      cancel: () => {
        cancelled = true;
      },
    });
    const source = fromFetch(new Response(body), { clock, idleTimeout: '1min' });
    const { errors } = collect(source);
    await settle();
    await clock.advance('1min');
    await source.done;
    expect(errors[0]!.message).toMatch(/nothing came within 60000 ms/);
    expect(cancelled).toBe(true);
  });

  test('reads bytes in slices of any length', async () => {
    const bytes = toIpc([batchFrom(0, 2), batchFrom(2, 2)]);
    const { url, response } = await scripted(arrow);
    const source = fromFetch(url);
    const { values, errors } = collect(source);
    const res = await response;
    for (let at = 0, i = 0; at < bytes.length; at += 1 + ((i * 11) % 37), i++) {
      const slice = bytes.subarray(at, at + 1 + ((i * 11) % 37));
      await new Promise<void>((resolve) => void res.write(slice, () => setImmediate(resolve)));
    }
    res.end();
    await source.done;
    expect(rowsOf(values)).toEqual(rowsFrom(0, 4));
    expect(errors).toEqual([]);
  });

  test('says where a body that ends too early is cut off', async () => {
    const bytes = toIpc([batchFrom(0, 2), batchFrom(2, 2)]);
    const { url } = await serveAnswers([{ headers: arrow, body: bytes.subarray(0, -20) }]);
    const source = fromFetch(url);
    const { values, errors } = collect(source);
    await source.done;
    expect(rowsOf(values)).toEqual(rowsFrom(0, 2));
    expect(errors[0]!.message).toMatch(/: stream is cut off in the body of a message: \d+ of \d+ bytes/);
    expect(errors[0]!.position).toMatchObject({ message: 0, batch: 1 });
  });

  test('knows Arrow whatever the server calls it', async () => {
    const { url } = await serveAnswers([{ headers: json, body: toIpc([batchFrom(0, 3)]) }]);
    const source = fromFetch(url);
    const { values } = collect(source);
    await source.done;
    expect(rowsOf(values)).toEqual(rowsFrom(0, 3));
  });

  test('holds batches against the declared schema', async () => {
    const { url } = await serveAnswers([{ headers: arrow, body: toIpc([batchFrom(0, 2)]) }]);
    const source = fromFetch(url, { schema: new Schema([new Field('seq', new Utf8(), true)]) });
    const { values, errors } = collect(source);
    await source.done;
    expect(values).toEqual([]);
    expect(errors[0]!.message).toBe(
      'batch does not fit the schema: field "seq" is int32 instead of utf8; unexpected field "x"',
    );
    expect(source.counts.rejectedRows).toBe(2);
  });

  test('reads the body no faster than the work below', async () => {
    const batches = Array.from({ length: 20 }, (_, i) => batchFrom(i, 1));
    let pulls = 0;
    const pieces = messagesOf(batches);
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) =>
          pulls < pieces.length ? controller.enqueue(pieces[pulls++]!) : controller.close(),
      },
      { highWaterMark: 0 },
    );
    const source = fromFetch(new Response(body, { headers: arrow }));
    const seen: number[] = [];
    source.sink(async (batch) => {
      seen.push(pulls);
      await settle();
      expect(pulls).toBe(seen.at(-1));
      return batch;
    });
    await source.done;
    expect(seen).toHaveLength(20);
  });

  test('cancels the response when nobody listens any more', async () => {
    const { url, response } = await scripted(arrow);
    const source = fromFetch(url);
    const res = await (async () => {
      const arrived = arrivals(source, 1);
      const r = await response;
      for (const piece of messagesOf([batchFrom(0, 2)]).slice(0, 2)) r.write(piece);
      await arrived;
      return r;
    })();
    await new Promise((resolve) => res.once('close', resolve));
    expect(source.state.status).toBe('idle');
  });

  test('ends on its signal without an error', async () => {
    const { url, response } = await scripted(arrow);
    const controller = new AbortController();
    const source = fromFetch(url, { signal: controller.signal });
    const { errors, statuses } = collect(source);
    const res = await response;
    controller.abort();
    await source.done;
    await new Promise((resolve) => res.once('close', resolve));
    expect(errors).toEqual([]);
    expect(statuses()).toEqual(['connecting', 'closed']);
  });
});

describe('fromFetch of NDJSON', () => {
  test('gives rows as their lines arrive, and each bad line to the errors', async () => {
    const { url, response } = await scripted(ndjson);
    const source = fromFetch(url);
    const { values, errors } = collect(source);
    const res = await response;
    let arrived = arrivals(source, 1);
    res.write('{"seq":0,"s":"gr\u00fcn"}\n{"seq":1');
    await arrived;
    expect(rowsOf(values)).toEqual([{ seq: 0, s: 'grün' }]);
    arrived = arrivals(source, 1);
    res.write('}\n{oops}\n\n{"seq":"x"}\n{"seq":2}\n');
    await arrived;
    res.end('{"seq":3}');
    await source.done;
    expect(rowsOf(values).map((row) => (row as { seq: number }).seq)).toEqual([0, 1, 2, 3]);
    expect(errors.map((e) => [e.code, e.message.replace(url, 'URL'), e.position])).toEqual([
      ['bad-message', 'line 3 of URL: not JSON: "{oops}"', { message: 0, row: 2 }],
      ['bad-value', 'row with column "seq" rejected: expected float64, got "x"', { message: 0, row: 4 }],
    ]);
    expect(source.counts).toMatchObject({ rows: 4, rejectedRows: 2 });
  });

  test('cuts lines that arrive together into batches of at most maxBatchRows', async () => {
    const body = rowsFrom(0, 10)
      .map((row) => JSON.stringify(row))
      .join('\n');
    const { url } = await serveAnswers([{ body }]);
    const source = fromFetch(url, { maxBatchRows: 4 });
    const { values } = collect(source);
    await source.done;
    expect(rowsOf(values)).toEqual(rowsFrom(0, 10));
    expect(Math.max(...values.map((batch) => batch.numRows))).toBe(4);
  });

  test('reads lines that the server calls JSON', async () => {
    const { url } = await serveAnswers([{ headers: json, body: '{"a":1}\n{"a":2}\n' }]);
    const source = fromFetch(url);
    const { values } = collect(source);
    await source.done;
    expect(rowsOf(values)).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test('keeps 100,000 good rows around 10,000 bad ones', async () => {
    const lines = Array.from({ length: 110_000 }, (_, i) =>
      i % 11 === 5 ? ['{', '[1]', 'null', '{"seq":"no"}', '{"seq":0.5}'][i % 5]! : `{"seq":${i},"x":1}`,
    );
    const { url } = await serveAnswers([{ headers: ndjson, body: lines.join('\n') }]);
    const schema = new Schema([new Field('seq', new Int32(), true)]);
    const source = fromFetch(url, { schema });
    let sum = 0;
    let rows = 0;
    const places: number[] = [];
    source.errors.sink((e) => places.push(e.position.row!));
    source.sink((batch) => {
      rows += batch.numRows;
      for (const seq of batch.getChildAt(0)!.toArray() as Int32Array) sum += seq;
    });
    await source.done;
    const bad = lines.flatMap((_, i) => (i % 11 === 5 ? [i] : []));
    expect(rows).toBe(100_000);
    expect(sum).toBe((110_000 * 109_999) / 2 - bad.reduce((a, b) => a + b, 0));
    expect(places.sort((a, b) => a - b)).toEqual(bad);
  });
});

describe('fromFetch of a JSON document', () => {
  const read = async (
    body: string,
    options: Parameters<typeof fromFetch>[1] = {},
    headers: Record<string, string> = json,
    status = 200,
  ) => {
    const { url } = await serveAnswers([{ status, headers, body }]);
    const source = fromFetch(url, options);
    const { values, errors } = collect(source);
    await source.done;
    return {
      rows: rowsOf(values),
      errors: errors.map((e) => [e.code, e.message.replaceAll(url, 'URL')]),
      state: source.state.status,
    };
  };

  test('takes an array of rows, an object of columns, and what pick finds', async () => {
    const rows = [{ a: 1 }, { a: 2 }];
    expect((await read('[{"a":1},{"a":2}]')).rows).toEqual(rows);
    expect((await read('{"a":[1,2]}')).rows).toEqual(rows);
    const pick = (document: { features: { properties: unknown }[] }) =>
      document.features.map((f) => f.properties);
    expect(
      (await read('{"features":[{"properties":{"a":1}},{"properties":{"a":2}}]}', { pick })).rows,
    ).toEqual(rows);
  });

  test('says what it got instead', async () => {
    expect((await read('{"error":"no such table"}')).errors).toEqual([
      [
        'bad-message',
        'URL holds neither an array of rows nor an object of columns: "{\\"error\\":\\"no such table\\"}"',
      ],
    ]);
    expect((await read('<!doctype html>\n<title>Sign in</title>')).errors).toEqual([
      [
        'bad-message',
        'URL answered 200 (application/json): expected JSON, got an HTML page: "<!doctype html> <title>Sign in</title>"',
      ],
    ]);
    expect((await read('<!doctype html>', {}, { 'content-type': 'text/html' })).errors[0]![1]).toMatch(
      /answered 200 \(text\/html\): expected Arrow, JSON or NDJSON, got an HTML page/,
    );
    expect((await read('')).errors[0]![1]).toMatch(/expected JSON, got nothing/);
    expect((await read('[{"a":1},')).errors[0]![1]).toMatch(/^URL is not JSON \(.*\): "\[\{\\"a\\":1\},"$/);
    expect((await read('<h1>Oops</h1>', {}, { 'content-type': 'text/html' }, 500)).errors).toEqual([
      ['source-failed', 'URL answered 500 Internal Server Error (text/html): "<h1>Oops</h1>"'],
    ]);
    expect(
      (
        await read('[1]', {
          pick: () => {
            throw new Error('boo');
          },
        })
      ).errors,
    ).toEqual([['user-code', 'pick threw on URL: boo']]);
  });

  test('refuses a document over maxBytes', async () => {
    const { errors, rows } = await read(JSON.stringify(rowsFrom(0, 100)), { maxBytes: 1000 });
    expect(rows).toEqual([]);
    expect(errors).toEqual([['limit-exceeded', 'body of URL is over the limit of 1000 bytes (maxBytes)']]);
  });

  test('fails where nothing answers, saying why', async () => {
    const { url, close } = await serveAnswers([{}]);
    await close();
    const source = fromFetch(url);
    const { errors } = collect(source);
    await source.done;
    expect(errors[0]!.message).toMatch(/^cannot read http:.*: fetch failed: .*ECONNREFUSED/);
    expect(source.state.status).toBe('failed');
  });

  test('reads a response it is given', async () => {
    const source = fromFetch(new Response('[{"a":1}]'));
    const { values } = collect(source);
    await source.done;
    expect(rowsOf(values)).toEqual([{ a: 1 }]);
  });

  test('takes rows declared by a schema', async () => {
    const schema = buildBatch(new Schema([new Field('a', new Int32(), false)]), []).batch.schema;
    const result = await read('[{"a":1},{"a":null},{"b":2}]', { schema });
    expect(result.rows).toEqual([{ a: 1 }]);
    expect(result.errors).toEqual([
      ['bad-value', 'row with column "a" rejected: null where none may be'],
      ['bad-value', 'row rejected: has none of the fields a, but b'],
    ]);
  });
});
