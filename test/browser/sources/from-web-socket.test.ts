import { describe, expect, inject, test } from 'vitest';
import { fromWebSocket } from '../../../src/sources/from-web-socket.ts';
import { arrivals, collect, rowsOf } from '../../sources/collect.ts';

const url = inject('testServer').replace('http', 'ws');
const rows = (count: number) => Array.from({ length: count }, (_, seq) => ({ seq, x: seq / 2 }));

describe('fromWebSocket in a browser', () => {
  test.each(['json', 'arrow'])('reads a feed of %s', async (as) => {
    const source = fromWebSocket(`${url}/feed?messages=10&as=${as}`);
    const { values, errors } = collect(source);
    await arrivals(source, 10);
    source.dispose();
    expect(rowsOf(values)).toEqual(rows(20));
    expect(errors).toEqual([]);
  });

  test.each(['json', 'arrow'])(
    'comes back after each cut of a feed of %s, losing and repeating nothing the server sent',
    async (as) => {
      const key = crypto.randomUUID();
      const source = fromWebSocket(`${url}/cutting?messages=4&key=${key}&as=${as}`, {
        minDelay: '5ms',
        maxDelay: '10ms',
      });
      const { values, errors, statuses } = collect(source);
      await arrivals(source, 20);
      source.dispose();
      expect(rowsOf(values.slice(0, 20))).toEqual(rows(40));
      expect(statuses().filter((status) => status === 'live')).toHaveLength(5);
      expect(errors.every((error) => error.message.includes('connection lost'))).toBe(true);
      expect(source.state.status).toBe('closed');
    },
  );

  test('says why it cannot connect, and gives up after maxAttempts', async () => {
    const source = fromWebSocket(`${url}/nowhere`, { minDelay: '5ms', maxDelay: '5ms', maxAttempts: 3 });
    const { errors, statuses } = collect(source);
    await source.done;
    expect(statuses().at(-1)).toBe('failed');
    expect(errors.at(-1)!.message).toMatch(/code 4404, "nothing here".*given up after 3 attempts/);
  });
});
