import { describe, expect, test } from 'vitest';
import { toIpc } from '../../src/formats/ipc-write.ts';
import { fromPoll, type PollOptions } from '../../src/sources/from-poll.ts';
import { settle, VirtualClock } from '../../src/testing/virtual-clock.ts';
import { batchFrom, rowsFrom } from '../browser/server.ts';
import { arrivals, collect, nextError, reaches, rowsOf } from './collect.ts';
import { serve, serveAnswers } from './server.ts';

const json = { 'content-type': 'application/json' };

/** Polls answers made up on the spot, so that all time is virtual. */
function pollAnswers(
  answer: (request: number, init: RequestInit) => Response | Promise<Response>,
  options: PollOptions = {},
) {
  const clock = new VirtualClock({ now: Date.UTC(2024, 0, 1) });
  const asked: number[] = [];
  const inits: RequestInit[] = [];
  const fetch = async (_: unknown, init: RequestInit = {}) => {
    asked.push(clock.monotonic());
    inits.push(init);
    return answer(asked.length - 1, init);
  };
  const source = fromPoll('http://x.test/rows', {
    clock,
    fetch: fetch as typeof globalThis.fetch,
    interval: '1s',
    random: () => 1,
    ...options,
  });
  return { clock, source, asked, inits, ...collect(source) };
}

const ok = (body: string, headers: Record<string, string> = json) => new Response(body, { headers });

test('fromPoll asks anew for a new sink, though nothing has changed since the old one saw it', async () => {
  const clock = new VirtualClock();
  const source = fromPoll('http://x.test/rows', {
    clock,
    fetch: (async (_: unknown, { headers }: RequestInit) => {
      const known = (headers as Record<string, string>)['if-none-match'] === '"one"';
      return known ? new Response(null, { status: 304 }) : ok('[{"x":1}]', { ...json, etag: '"one"' });
    }) as typeof fetch,
  });
  for (let time = 0; time < 2; time++) {
    const batches: unknown[] = [];
    const sink = source.sink((batch) => batches.push(batch));
    await clock.advance('2s');
    expect(batches).toHaveLength(1);
    sink.dispose();
    await settle();
  }
});

describe('fromPoll against a server', () => {
  test('gives the rows of each answer, whatever their form', async () => {
    const { url } = await serveAnswers([
      { headers: json, body: JSON.stringify(rowsFrom(0, 2)) },
      { headers: json, body: '{"seq":[2,3],"x":[1,1.5]}' },
      { headers: { 'content-type': 'application/x-ndjson' }, body: '{"seq":4,"x":2}\n{"seq":5,"x":2.5}\n' },
    ]);
    const clock = new VirtualClock();
    const source = fromPoll(url, { interval: '1s', clock });
    const { values, errors, statuses } = collect(source);
    await arrivals(source, 1);
    for (let i = 0; i < 2; i++) {
      const arrived = arrivals(source, 1);
      await clock.advance('1s');
      await arrived;
    }
    await settle();
    expect(rowsOf(values)).toEqual(rowsFrom(0, 6));
    expect(errors).toEqual([]);
    expect(statuses()).toEqual(['connecting', 'live']);
  });

  test('gives Arrow batches', async () => {
    const { url } = await serveAnswers([{ body: toIpc([batchFrom(0, 2), batchFrom(2, 2)]) }]);
    const source = fromPoll(url, { clock: new VirtualClock() });
    const { values } = collect(source);
    await arrivals(source, 2);
    expect(rowsOf(values)).toEqual(rowsFrom(0, 4));
  });

  test('asks conditionally, and makes no batch of an unchanged answer', async () => {
    const seen: (string | undefined)[] = [];
    let count = 0;
    const { url } = await serve((request, response) => {
      seen.push(request.headers['if-none-match']);
      const etag = count++ < 3 ? '"one"' : '"two"';
      if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
      else response.writeHead(200, { ...json, etag }).end(JSON.stringify([{ etag }]));
    });
    const clock = new VirtualClock();
    const source = fromPoll(url, { clock, timeout: '365d' });
    const { values, errors } = collect(source);
    await arrivals(source, 1);
    const arrived = arrivals(source, 1);
    while (values.length < 2) {
      await clock.advance('1s');
    }
    await arrived;
    expect(rowsOf(values)).toEqual([{ etag: '"one"' }, { etag: '"two"' }]);
    expect(seen.slice(0, 4)).toEqual([undefined, '"one"', '"one"', '"one"']);
    expect(errors).toEqual([]);
  });

  test('gives up on a slow answer after the timeout, and goes on', async () => {
    let count = 0;
    const { url } = await serve((_, response) => {
      response.writeHead(200, json);
      if (count++ > 0) response.end('[{"a":1}]');
      else response.write('[');
    });
    const clock = new VirtualClock();
    const source = fromPoll(url, { clock, interval: '1s', timeout: '5s', random: () => 0 });
    const { values } = collect(source);
    const failed = nextError(source);
    while (count === 0) await settle();
    await clock.advance('5s');
    const error = await failed;
    expect(error.message).toBe(`${url} did not answer within 5000 ms`);
    expect(error.position).toEqual({ message: 0 });
    const arrived = arrivals(source, 1);
    await clock.advance('1s');
    await arrived;
    expect(rowsOf(values)).toEqual([{ a: 1 }]);
  });

  test('reports a server that is gone and recovers when it is back', async () => {
    const started = await serveAnswers([{ headers: json, body: '[{"a":1}]' }]);
    const clock = new VirtualClock();
    const source = fromPoll(started.url, { clock, interval: '1s', random: () => 0 });
    const { values } = collect(source);
    await arrivals(source, 1);
    const port = Number(new URL(started.url).port);
    await started.close();
    const failed = nextError(source);
    await clock.advance('1s');
    expect((await failed).code).toBe('source-failed');
    expect((await reaches(source, 'waiting')).attempt).toBe(1);
    await new Promise<void>((resolve) => started.server.listen(port, 'localhost', resolve));
    const arrived = arrivals(source, 1);
    await clock.advance('1s');
    await arrived;
    expect(values).toHaveLength(2);
    await reaches(source, 'live');
    expect(source.counts.gaps).toBe(1);
  });

  test('closes its connection in the middle of an answer when it is stopped', async () => {
    let ask = (): void => {};
    const asked = new Promise<void>((resolve) => {
      ask = resolve;
    });
    let leave = (): void => {};
    const gone = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const { url } = await serve((_, response) => {
      response.writeHead(200, json).write('[');
      response.once('close', leave);
      ask();
    });
    const controller = new AbortController();
    const source = fromPoll(url, { signal: controller.signal });
    const { errors } = collect(source);
    await asked;
    controller.abort();
    await gone;
    await source.done;
    expect(errors).toEqual([]);
  });
});

describe('fromPoll in time', () => {
  test('asks at once and then at start + k · interval, with cache no-cache', async () => {
    const { clock, asked, inits } = pollAnswers(() => ok('[{"a":1}]'));
    await clock.advance('3500ms');
    expect(asked).toEqual([0, 1000, 2000, 3000]);
    expect(inits.every((init) => init.cache === 'no-cache')).toBe(true);
  });

  test('sends headers of one’s own', async () => {
    const { clock, inits } = pollAnswers(() => ok('[]'), {
      headers: { authorization: 'Bearer x' },
      request: { credentials: 'include' },
    });
    await clock.advance('0ms');
    expect(inits[0]).toMatchObject({ credentials: 'include', headers: { authorization: 'Bearer x' } });
  });

  test('never asks before Retry-After is over, in seconds or as a date', async () => {
    const retries: Record<number, string> = { 0: '10', 1: 'Mon, 01 Jan 2024 00:00:30 GMT' };
    const { clock, source, asked, errors, states } = pollAnswers((n) =>
      retries[n] === undefined
        ? ok('[{"a":1}]')
        : new Response('busy', { status: n === 0 ? 429 : 503, headers: { 'retry-after': retries[n] } }),
    );
    await clock.advance('5s');
    expect(source.state).toEqual({ status: 'waiting', attempt: 1, retryMs: 10_000 });
    await clock.advance('26500ms');
    expect(asked).toEqual([0, 10_000, 30_000, 31_000]);
    expect(errors.map((e) => e.message)).toEqual([
      'http://x.test/rows answered 429 (text/plain;charset=UTF-8): "busy"',
      'http://x.test/rows answered 503 (text/plain;charset=UTF-8): "busy"',
    ]);
    expect(states.map((state) => state.status)).toEqual(['connecting', 'waiting', 'waiting', 'live']);
  });

  test('believes Retry-After for a day at most, however absurd', async () => {
    const { clock, asked } = pollAnswers(
      () => new Response('', { status: 429, headers: { 'retry-after': '99999999999' } }),
    );
    await clock.advance('23h');
    expect(asked).toEqual([0]);
    await clock.advance('2h');
    expect(asked).toEqual([0, 86_400_000]);
  });

  test('waits longer after each failure, up to maxDelay, and not at all after a success', async () => {
    const { clock, asked, errors } = pollAnswers(
      (n) => {
        if (n < 6) throw new TypeError('fetch failed');
        return ok('[]');
      },
      { maxDelay: '10s' },
    );
    await clock.advance('38s');
    expect(asked).toEqual([0, 1000, 3000, 7000, 15_000, 25_000, 35_000, 36_000, 37_000, 38_000]);
    expect(errors).toHaveLength(6);
    expect(errors[0]!.message).toBe('cannot read http://x.test/rows: fetch failed');
    expect(errors.map((e) => e.position.message)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('never overlaps, and leaves out what it misses', async () => {
    const { clock, asked } = pollAnswers(
      () => new Promise((resolve) => clockOf().setTimer(1500, () => resolve(ok('[]')))),
    );
    const clockOf = () => clock;
    await clock.advance('6s');
    expect(asked).toEqual([0, 2000, 4000, 6000]);
  });

  test('does not wait for the body of an answer that is no success', async () => {
    const { clock, errors, asked } = pollAnswers(
      () => new Response(new ReadableStream(), { status: 503, headers: { 'content-type': 'text/html' } }),
    );
    await clock.advance('1s');
    expect(errors.map((e) => e.message)).toEqual(['http://x.test/rows answered 503 (text/html)']);
    await clock.advance('3s');
    expect(asked.length).toBeGreaterThan(1);
    expect(clock.timers).toBe(1);
  });

  test('takes an answer without content for one without rows', async () => {
    const { clock, source, errors, values } = pollAnswers((n) =>
      n === 0 ? new Response(null, { status: 204 }) : ok('[{"n":1}]'),
    );
    await clock.advance('1s');
    expect(errors).toEqual([]);
    expect(rowsOf(values)).toEqual([{ n: 1 }]);
    expect(source.state.status).toBe('live');
  });

  test('refuses a large answer before reading it, and one that grows large', async () => {
    const big = JSON.stringify(rowsFrom(0, 100));
    const { clock, values, errors } = pollAnswers(
      (n) => ok(big, n === 0 ? { ...json, 'content-length': String(big.length) } : json),
      { maxBytes: 500 },
    );
    await clock.advance('1s');
    expect(values).toEqual([]);
    expect(errors.map((e) => [e.code, e.position.message])).toEqual([
      ['limit-exceeded', 0],
      ['limit-exceeded', 1],
    ]);
  });

  test('names status and type where a page comes instead of rows', async () => {
    const { clock, errors, values } = pollAnswers((n) =>
      n === 1 ? ok('<!doctype html><p>Sign in', { 'content-type': 'text/html' }) : ok(`[{"n":${n}}]`),
    );
    await clock.advance('2s');
    expect(errors.map((e) => e.message)).toEqual([
      'http://x.test/rows answered 200 (text/html): expected Arrow, JSON or NDJSON, got an HTML page: "<!doctype html><p>Sign in"',
    ]);
    expect(rowsOf(values)).toEqual([{ n: 0 }, { n: 2 }]);
  });

  test('keeps what came whole before an answer that breaks off', async () => {
    const bytes = toIpc([batchFrom(0, 2), batchFrom(2, 2)]);
    const { clock, errors, values } = pollAnswers(() => new Response(bytes.slice(0, -20)), {
      interval: '1h',
    });
    await clock.advance('0ms');
    expect(rowsOf(values)).toEqual(rowsFrom(0, 2));
    expect(errors).toHaveLength(1);
  });
});
