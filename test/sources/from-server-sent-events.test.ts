import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { fromServerSentEvents } from '../../src/sources/from-server-sent-events.ts';
import { settle, VirtualClock } from '../../src/testing/virtual-clock.ts';
import { arrivals, collect, nextError, reaches } from './collect.ts';
import { Later } from './later.ts';
import { serve, serveAnswers } from './server.ts';

const type = { 'content-type': 'text/event-stream; charset=utf-8' };
const quick = { minDelay: '1ms', maxDelay: '2ms' };
const textOf = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `id: ${from + i}\ndata: {"n":${from + i}}\n\n`).join('');
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Writes bytes in slices of odd lengths, each in a packet of its own, and then does as told. */
function slice(response: ServerResponse, body: Uint8Array, end: () => void): void {
  let at = 0;
  const next = (): void => {
    if (at >= body.length) {
      end();
      return;
    }
    const length = 1 + ((at * 7) % 23);
    response.write(body.subarray(at, at + length), () => setImmediate(next));
    at += length;
  };
  next();
}

/** A server of `count` events that goes on after `Last-Event-ID`, and cuts each connection somewhere. */
function serveCutting(count: number) {
  const asked: (string | undefined)[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const id = request.headers['last-event-id'] as string | undefined;
    asked.push(id);
    const from = id === undefined || id === '' ? 0 : Number(id) + 1;
    if (from >= count) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, type);
    const events = Math.min(7, count - from);
    const text = textOf(from, events);
    // The last byte that is sent lies anywhere in the seventh event.
    const missing = events === 1 ? 0 : (from * 5) % 11;
    slice(response, new TextEncoder().encode(text.slice(0, text.length - missing)), () => response.destroy());
  };
  return serve(handle).then((server) => ({ ...server, asked }));
}

describe('fromServerSentEvents', () => {
  test('gives types, data and ids, sends what it is told to send, and ends with 204', async () => {
    const requests: { method?: string; body: string; headers: IncomingMessage['headers'] }[] = [];
    const { url } = await serve((request, response) => {
      let body = '';
      request.on('data', (piece) => {
        body += piece;
      });
      request.on('end', () => {
        requests.push({ method: request.method!, body, headers: request.headers });
        if (requests.length > 1) response.writeHead(204).end();
        else response.writeHead(200, type).end('event: add\ndata: 1\nid: ä\n\ndata: a\ndata: b\n\n');
      });
    });
    const options = { method: 'POST', body: '{"all":true}', headers: { authorization: 'Bearer x' } };
    const source = fromServerSentEvents(url, { ...options, ...quick, lastEventId: '5' });
    const { values, errors, statuses } = collect(source);
    await source.done;
    expect(values).toEqual([
      { type: 'add', data: '1', id: 'ä' },
      { type: 'message', data: 'a\nb', id: 'ä' },
    ]);
    expect(errors).toEqual([]);
    expect(statuses()).toEqual(['connecting', 'live', 'waiting', 'connecting', 'closed']);
    expect(source.lastEventId).toBe('ä');
    expect(requests.map(({ method, body }) => [method, body])).toEqual(
      Array(2).fill(['POST', '{"all":true}']),
    );
    const ids = requests.map(({ headers }) =>
      Buffer.from(String(headers['last-event-id']), 'latin1').toString(),
    );
    expect(ids).toEqual(['5', 'ä']);
    expect(requests[1]!.headers).toMatchObject({ accept: 'text/event-stream', authorization: 'Bearer x' });
  });

  test('loses and repeats nothing of a server that cuts in the middle of events', async () => {
    const { url, asked } = await serveCutting(100);
    const source = fromServerSentEvents<{ n: number }>(url, { ...quick, json: true });
    const { values, errors } = collect(source);
    await source.done;
    expect(values.map(({ data }) => data.n)).toEqual(numbers(100));
    expect(asked.length).toBeGreaterThan(14);
    expect(errors).toHaveLength(asked.length - 1);
    expect(errors.every(({ message }) => message.includes(': connection lost: '))).toBe(true);
    expect(source.counts).toEqual({ events: 100, rejected: 0, repeated: 0, gaps: 0 });
  });

  test('reads no faster than the work below allows', async () => {
    const { url } = await serveAnswers([{ headers: type, body: textOf(0, 5) }, { status: 204 }]);
    const source = fromServerSentEvents(url, quick);
    let busy = 0;
    let most = 0;
    source.sink(async () => {
      most = Math.max(most, ++busy);
      await settle();
      busy--;
    });
    await source.done;
    expect([most, source.counts.events]).toEqual([1, 5]);
  });

  test('counts a lost connection without an id as a gap', async () => {
    let count = 0;
    const { url } = await serve((_, response) => {
      if (count++ === 3) response.writeHead(204).end();
      else response.writeHead(200, type).write('data: x\n\n', () => response.destroy());
    });
    const source = fromServerSentEvents(url, { ...quick, onError: () => {} });
    source.sink(() => {});
    await source.done;
    expect(source.counts).toEqual({ events: 3, rejected: 0, repeated: 0, gaps: 3 });
  });

  test('reports data that is no JSON, and reads on', async () => {
    const { url } = await serveAnswers([
      { headers: type, body: 'data: 1\n\ndata: {a}\n\ndata: [2]\n\n' },
      { status: 204 },
    ]);
    const source = fromServerSentEvents(url, { ...quick, json: true });
    const { values, errors } = collect(source);
    await source.done;
    expect(values.map(({ data }) => data)).toEqual([1, [2]]);
    expect(errors.map((e) => [e.code, e.message, e.position])).toEqual([
      ['bad-message', 'data of event 1 is not JSON: "{a}"', { message: 1 }],
    ]);
    expect(source.counts.rejected).toBe(1);
  });

  test('goes on where it was for who listens later', async () => {
    const { url, asked } = await serveCutting(10);
    const source = fromServerSentEvents<{ n: number }>(url, { ...quick, json: true, onError: () => {} });
    await arrivals(source, 3);
    await reaches(source, 'idle');
    const values = source.sinkToList();
    await source.done;
    expect(values.map(({ data }) => data.n)).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(asked.slice(0, 2)).toEqual([undefined, '2']);
  });
});

describe('answers that are no event stream', () => {
  test('are bad messages where the content type is another', async () => {
    const { url } = await serveAnswers([{ headers: { 'content-type': 'text/html' }, body: '<p>Sign in' }]);
    const source = fromServerSentEvents(url);
    const { errors, statuses } = collect(source);
    await source.done;
    expect(errors.map((e) => [e.code, e.message])).toEqual([
      ['bad-message', `${url} answered 200 with text/html, not with text/event-stream`],
    ]);
    expect(statuses()).toEqual(['connecting', 'failed']);
  });

  test('end the source for good where the status does not pass', async () => {
    const { url, requests } = await serveAnswers([{ status: 401, body: 'who are you?' }]);
    const source = fromServerSentEvents(url);
    const { errors } = collect(source);
    await source.done;
    expect(errors[0]!.message).toBe(`${url} answered 401 Unauthorized (no content type): "who are you?"`);
    expect(requests).toHaveLength(1);
  });

  test('are tried again when Retry-After of a 429 or 503 says, and later where they go on', async () => {
    const clock = new VirtualClock({ now: Date.UTC(2024, 0, 1) });
    const { url, requests } = await serveAnswers([
      { status: 429, headers: { 'retry-after': '120' } },
      { status: 503, headers: { 'retry-after': 'Mon, 01 Jan 2024 00:05:00 GMT' } },
      { headers: type, body: 'data: at last\n\n' },
      { status: 204 },
    ]);
    const source = fromServerSentEvents(url, { clock, minDelay: '1s', random: () => 1 });
    const { values, states } = collect(source);
    for (const [ms, attempt] of [
      [120_000, 1],
      [181_000, 2],
      [1000, 1],
    ]) {
      expect(await reaches(source, 'waiting')).toEqual({ status: 'waiting', attempt, retryMs: ms });
      await clock.advance({ ms: ms! - 1 });
      const asked = requests.length;
      const left = reaches(source, 'connecting');
      await clock.advance({ ms: 1 });
      await left;
      expect(requests.length - asked).toBeLessThanOrEqual(1);
    }
    await source.done;
    expect(values.map(({ data }) => data)).toEqual(['at last']);
    expect(states.at(-1)!.status).toBe('closed');
    expect(requests).toHaveLength(4);
    expect(clock.timers).toBe(0);
  });

  test('are not asked without a pause, though they say at once', async () => {
    const { url } = await serveAnswers([{ status: 503, headers: { 'retry-after': '0' } }]);
    const clock = new VirtualClock();
    const source = fromServerSentEvents(url, { clock, minDelay: '1s', random: () => 1, onError: () => {} });
    const sink = source.sink(() => {});
    for (const ms of [0, 1000, 2000]) {
      expect((await reaches(source, 'waiting')).retryMs).toBe(ms);
      const left = reaches(source, 'connecting');
      await clock.advance({ ms });
      await left;
    }
    sink.dispose();
    await reaches(source, 'idle');
  });

  test('are tried again ever later, up to maxAttempts, while servers fail', async () => {
    const { url, requests } = await serveAnswers([{ status: 500 }]);
    const clock = new VirtualClock();
    const source = fromServerSentEvents(url, { clock, minDelay: '1s', maxAttempts: 3, random: () => 0.5 });
    const { states, errors } = collect(source);
    for (const ms of [500, 1000]) {
      expect((await reaches(source, 'waiting')).retryMs).toBe(ms);
      const left = reaches(source, 'connecting');
      await clock.advance({ ms });
      await left;
    }
    await source.done;
    expect(requests).toHaveLength(3);
    expect(states.at(-1)).toEqual({ status: 'failed', attempt: 3 });
    expect(errors.at(-1)!.message).toMatch(/answered 500 .*; given up after 3 attempts \(maxAttempts\)/);
  });
});

test('headers that are given stand in place of its own, but for the id to go on from', async () => {
  const sent: unknown[] = [];
  const { url } = await serve(({ headers }, response) => {
    sent.push([headers.accept, headers['last-event-id']]);
    if (sent.length > 1) response.writeHead(204).end();
    else response.writeHead(200, type).end('id: 5\ndata: x\n\n');
  });
  const headers = { Accept: 'text/event-stream, */*', 'Last-Event-ID': '4' };
  const source = fromServerSentEvents(url, { ...quick, headers });
  source.sink(() => {});
  await source.done;
  expect(sent).toEqual([
    ['text/event-stream, */*', '4'],
    ['text/event-stream, */*', '5'],
  ]);
});

describe('the time between connections', () => {
  test('is what retry: says, and more where the server goes on failing', async () => {
    const clock = new VirtualClock();
    const { url } = await serveAnswers([
      { headers: type, body: 'retry: 7000\n\n' },
      { status: 502 },
      { status: 204 },
    ]);
    const source = fromServerSentEvents(url, { clock, minDelay: '2s', random: () => 0.5, onError: () => {} });
    source.sink(() => {});
    for (const ms of [7000, 8000]) {
      expect((await reaches(source, 'waiting')).retryMs).toBe(ms);
      const left = reaches(source, 'connecting');
      await clock.advance({ ms });
      await left;
    }
    await source.done;
  });
});

describe('servers that go silent', () => {
  test('are left after connectTimeout where they do not answer', async () => {
    const clock = new VirtualClock();
    let asked = (): void => {};
    const request = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { url } = await serve(() => asked());
    const source = fromServerSentEvents(url, { clock, connectTimeout: '5s', maxAttempts: 1 });
    const { errors } = collect(source);
    await request;
    await clock.advance('5s');
    await source.done;
    expect(errors[0]!.message).toBe(
      `${url}: no answer within 5000 ms; given up after 1 attempts (maxAttempts)`,
    );
  });

  test('are left after idleTimeout where nothing more comes, and asked for what follows', async () => {
    const clock = new VirtualClock();
    let connections = 0;
    const { url } = await serve((request, response) => {
      if (connections++ > 0) {
        expect(request.headers['last-event-id']).toBe('1');
        response.writeHead(204).end();
      } else response.writeHead(200, type).write(textOf(0, 2)); // then nothing, for ever
    });
    const source = fromServerSentEvents(url, { clock, idleTimeout: '30s', minDelay: '1s', random: () => 1 });
    const { values } = collect(source);
    await arrivals(source, 2);
    await settle();
    const failed = nextError(source);
    await clock.advance('29s');
    expect(source.state.status).toBe('live');
    await clock.advance('1s');
    expect((await failed).message).toBe(`${url}: nothing came within 30000 ms`);
    await reaches(source, 'waiting');
    await clock.advance('1s');
    await source.done;
    expect(values).toHaveLength(2);
  });

  test('are left at once when nobody listens any more', async () => {
    const { url, open } = await serve(
      (_, response) => void response.writeHead(200, type).write('data: x\n\n'),
    );
    const source = fromServerSentEvents(url);
    await arrivals(source, 1);
    const [socket] = open;
    await new Promise((resolve) => socket!.once('close', resolve));
    expect(source.state.status).toBe('idle');
  });
});

describe('ack of fromServerSentEvents', () => {
  /** Gives the events after the id it is asked for, as long as there are any, and keeps the connection open. */
  async function serveAll(count: number) {
    const asked: unknown[] = [];
    const responses: ServerResponse[] = [];
    const server = await serve((request, response) => {
      asked.push(request.headers['last-event-id']);
      responses.push(response);
      const from = Number(request.headers['last-event-id'] ?? -1) + 1;
      response.writeHead(200, type).write(`: hello\n\n${textOf(from, count - from)}`);
    });
    return { ...server, asked, cut: () => responses.at(-1)!.destroy() };
  }

  /** Resolves when `later` holds that many elements. */
  async function holds(later: Later<unknown>, count: number) {
    while (later.values.length < count) await settle();
  }

  test('gives the id up to which all is done, in whatever order that comes about', async () => {
    const { url } = await serveAll(5);
    const acks: string[] = [];
    const source = fromServerSentEvents(url, { ack: (id) => acks.push(id) });
    const later = new Later<unknown>();
    source.node.connect(later);
    await holds(later, 5);
    for (const index of [1, 3, 0, 4]) later.done(index);
    expect(acks).toEqual(['1']);
    later.done(2);
    expect(acks).toEqual(['1', '4']);
    source.dispose();
  });

  test('decides what a new connection asks for; what is in hand is not given twice', async () => {
    const { url, asked, cut } = await serveAll(5);
    const acks: string[] = [];
    const source = fromServerSentEvents(url, { ...quick, ack: (id) => acks.push(id), onError: () => {} });
    const later = new Later<{ id: string }>();
    source.node.connect(later);
    await holds(later, 5);
    later.done(0);
    later.done(1);
    later.fail(3);
    cut();
    await holds(later, 7);
    expect(asked).toEqual([undefined, '1']);
    expect(later.values.map(({ id }) => id)).toEqual(['0', '1', '2', '3', '4', '3', '4']);
    expect(source.counts.repeated).toBe(1);
    for (const index of [2, 5, 6]) later.done(index);
    expect(acks).toEqual(['0', '1', '2', '3', '4']);
    source.dispose();
  });

  test('does not pass what was held when listening ended, and gives it to who listens next', async () => {
    const { url, asked } = await serveAll(3);
    const acks: string[] = [];
    const source = fromServerSentEvents(url, { ack: (id) => acks.push(id) });
    let finish = (): void => {};
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const sink = source.buffer(10).sink(() => work);
    await arrivals(source, 3);
    sink.dispose();
    await reaches(source, 'idle');
    const values = source.sinkToList();
    await arrivals(source, 2);
    // The first is still being worked on.
    expect(values.map(({ id }) => id)).toEqual(['1', '2']);
    expect([acks, asked]).toEqual([[], [undefined, undefined]]);
    finish();
    await settle();
    expect(acks).toEqual(['2']);
    source.dispose();
  });
});
