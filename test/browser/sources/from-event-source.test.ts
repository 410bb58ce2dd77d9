import { describe, expect, inject, test } from 'vitest';
import { fromEventSource } from '../../../src/sources/from-event-source.ts';
import { fromServerSentEvents } from '../../../src/sources/from-server-sent-events.ts';
import { arrivals, collect } from '../../sources/collect.ts';

const url = inject('testServer');
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('fromEventSource in a browser', () => {
  test('gives all events of a server that cuts, says that it connects again, and fails when the platform gives up', async () => {
    const source = fromEventSource<{ n: number }>(`${url}/events?events=12`, { json: true });
    const { values, states, errors } = collect(source);
    await source.done;
    expect(values.map(({ data }) => data.n)).toEqual(numbers(12));
    expect(values[0]).toEqual({ type: 'message', data: { n: 0 }, id: '0' });
    expect(states.map(({ status, attempt }) => [status, attempt])).toEqual([
      ['connecting', 1],
      ...numbers(2).flatMap(() => [
        ['live', 0],
        ['connecting', 1],
      ]),
      ['live', 0],
      ['connecting', 1],
      ['failed', 1],
    ]);
    expect(errors.map(({ message }) => message.replace(url, ''))).toEqual([
      ...numbers(3).map(() => '/events?…: connection lost'),
      '/events?…: the platform has given up',
    ]);
  });

  test('stops when nobody listens', async () => {
    const source = fromEventSource(`${url}/events?events=12`, { types: ['message'] });
    await arrivals(source, 1);
    expect(source.counts.elements).toBe(1);
    source.dispose();
  });
});

describe('fromServerSentEvents in a browser', () => {
  test('goes on after the last event over cuts, from another origin, until there is nothing more', async () => {
    const source = fromServerSentEvents<{ n: number }>(`${url}/events?events=17`, {
      json: true,
      minDelay: '5ms',
    });
    const { values, errors } = collect(source);
    await source.done;
    expect(values.map(({ data }) => data.n)).toEqual(numbers(17));
    expect(errors.every(({ message }) => message.includes('connection lost'))).toBe(true);
    expect(source.state.status).toBe('closed');
    expect(source.counts).toEqual({ events: 17, rejected: 0, repeated: 0, gaps: 0 });
  });

  test('waits as long as Retry-After of another origin says', async () => {
    const source = fromServerSentEvents(`${url}/status?code=503&retry=120`, { onError: () => {} });
    const waiting = new Promise((resolve) => {
      source.states.sink((state) => {
        if (state.status === 'waiting') resolve(state);
      });
    });
    source.sink(() => {});
    expect(await waiting).toEqual({ status: 'waiting', attempt: 1, retryMs: 120_000 });
    source.dispose();
  });
});
