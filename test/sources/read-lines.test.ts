import { describe, expect, test } from 'vitest';
import { type ReadLinesOptions, readLines, type TextSource } from '../../src/sources/read-lines.ts';
import { Stream } from '../../src/stream.ts';
import { serve } from './server.ts';

async function linesOf(source: TextSource, options?: ReadLinesOptions): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(source, options)) lines.push(line);
  return lines;
}

/** Waits for a failure and gives its code and text. */
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error) => [error.code, error.message],
  );

describe('readLines', () => {
  test('reads blobs, responses, streams of bytes and of strings, and addresses', async () => {
    const { url } = await serve((_, response) => response.end('a\nb\r\nc'));
    const strings = new Blob(['a\nb\r\nc']).stream().pipeThrough(new TextDecoderStream());
    const sources = [
      new Blob(['a\nb\r\nc']),
      new Response('a\nb\r\nc'),
      new Blob(['a\nb\r\nc']).stream(),
      strings,
      url,
      new URL(url),
      new Request(url),
    ];
    for (const source of sources) expect(await linesOf(source as TextSource)).toEqual(['a', 'b', 'c']);
    expect(await linesOf(new Response(null))).toEqual([]);
  });

  test('feeds a stream that applies backpressure', async () => {
    const data: unknown[] = [];
    const lines = new Stream<string>();
    lines.map((line) => JSON.parse(line)).sink((value) => data.push(value));
    for await (const line of readLines(new Blob(['{"a":1}\n{"a":2}\n']))) await lines.emit(line);
    expect(data).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test('cancels the rest when the loop is left, or the signal aborts', async () => {
    const make = () => {
      const seen = { cancelled: false };
      const stream = new ReadableStream<string>({
        start: (controller) => controller.enqueue('a\nb\nc'),
        cancel: () => {
          seen.cancelled = true;
        },
      });
      return { stream, seen };
    };
    const left = make();
    for await (const line of readLines(left.stream)) if (line === 'a') break;
    expect(left.seen.cancelled).toBe(true);

    const aborted = make();
    const control = new AbortController();
    const lines: string[] = [];
    for await (const line of readLines(aborted.stream, { signal: control.signal })) {
      lines.push(line);
      // The stream would never end.
      if (line === 'b') control.abort();
    }
    expect([lines, aborted.seen.cancelled]).toEqual([['a', 'b'], true]);
    expect(await linesOf(new Blob(['a']), { signal: AbortSignal.abort() })).toEqual([]);
  });

  test('throws what is wrong with an address or its answer', async () => {
    const { url, close } = await serve((request, response) => {
      if (request.url === '/cut') response.write('a\nb\nc', () => response.destroy());
      else response.writeHead(404).end('nothing here');
    });
    expect(await failureOf(linesOf(url))).toEqual(['source-failed', `${url} answered 404 Not Found`]);
    const lines: string[] = [];
    const cut = (async () => {
      for await (const line of readLines(`${url}cut`)) lines.push(line);
    })();
    const [code, text] = await failureOf(cut);
    expect(code).toBe('source-failed');
    expect(text).toContain(`${url}cut broke off after 2 lines: `);
    expect(lines).toEqual(['a', 'b']);
    await close();
    expect((await failureOf(linesOf(url)))[1]).toContain(`cannot read ${url}: `);
    const response = new Response('a');
    await response.text();
    expect(await failureOf(linesOf(response))).toEqual(['not-available', 'response has already been read']);
  });
});
