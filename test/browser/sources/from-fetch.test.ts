import { describe, expect, inject, test } from 'vitest';
import { fromFetch } from '../../../src/sources/from-fetch.ts';
import { fromPoll } from '../../../src/sources/from-poll.ts';
import { arrivals, collect, rowsOf } from '../../sources/collect.ts';

const url = inject('testServer');
const row = (seq: number) => ({ seq, x: seq / 2 });
const rows = (count: number) => Array.from({ length: count }, (_, seq) => row(seq));

describe('fromFetch in a browser', () => {
  test('gives batches while the response is still coming', async () => {
    const source = fromFetch(`${url}/drip.arrow?batches=5&delay=30`);
    const { values, errors } = collect(source);
    await arrivals(source, 1);
    expect(source.state.status).toBe('live');
    expect(values.length).toBeLessThan(5);
    await source.done;
    expect(rowsOf(values)).toEqual(rows(15));
    expect(errors).toEqual([]);
  });

  test('gives NDJSON rows as they come', async () => {
    const source = fromFetch(`${url}/drip.ndjson?rows=6`);
    const { values } = collect(source);
    await source.done;
    expect(rowsOf(values)).toEqual(rows(6));
    expect(values.length).toBeGreaterThan(1);
  });

  test('keeps what came before a connection that is cut', async () => {
    const source = fromFetch(`${url}/cut`);
    const { values, errors } = collect(source);
    await source.done;
    expect(rowsOf(values)).toEqual(rows(6));
    expect(errors.map((error) => error.code)).toEqual(['source-failed']);
    expect(errors[0]!.message).toMatch(/broke off after \d+ bytes/);
  });

  test('names status, type and start of what is no data', async () => {
    const messages: string[] = [];
    for (const path of ['/page.html', '/status?code=500', '/nowhere']) {
      const source = fromFetch(`${url}${path}`, {
        onError: (error) => messages.push(error.message.replace(url, '')),
      });
      source.sink(() => {});
      await source.done;
    }
    expect(messages).toEqual([
      '/page.html answered 200 (text/html): expected Arrow, JSON or NDJSON, got an HTML page: "<!doctype html><title>Sign in</title><p>Please sign in."',
      '/status?… answered 500 Internal Server Error (text/plain): "this did not work"',
      '/nowhere answered 404 Not Found (no content type): "nothing here"',
    ]);
  });
});

describe('fromPoll in a browser', () => {
  test('polls rows, and honours Retry-After that another origin exposes', async () => {
    const source = fromPoll(`${url}/rows.json`, { interval: '20ms' });
    const { values } = collect(source);
    await arrivals(source, 2);
    source.dispose();
    expect(rowsOf(values.slice(0, 1))).toEqual(rows(10));

    const busy = fromPoll(`${url}/status?code=429&retry=120`, { interval: '20ms', onError: () => {} });
    const { states } = collect(busy);
    await new Promise<void>((resolve) => {
      busy.states.sink((state) => {
        if (state.status === 'waiting') resolve();
      });
    });
    busy.dispose();
    expect(states).toContainEqual({ status: 'waiting', attempt: 1, retryMs: 120_000 });
  });
});
