import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type RecordBatch, tableFromIPC } from 'apache-arrow';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkedRate, pace } from '../../demo/flights/pace.ts';
import { days, Replay, readFlights } from '../../demo/flights/replay.ts';

const path = '../../node_modules/vega-datasets/data/flights-200k.arrow';
const file = readFileSync(fileURLToPath(new URL(path, import.meta.url)));
const flights = readFlights(file);

const numbersOf = (batches: RecordBatch[], name: string): number[] =>
  batches.flatMap((batch) => [...(batch.getChild(name)!.toArray() as Iterable<number | bigint>)].map(Number));

describe('flights', () => {
  test('are those of the file, each once', () => {
    const table = tableFromIPC(file);
    const sorted = (values: Iterable<number>) => Float64Array.from(values).sort();
    for (const name of ['delay', 'distance'] as const) {
      expect(sorted(flights[name])).toEqual(sorted(table.getChild(name)!.toArray() as Int16Array));
    }
    expect(flights.day.length).toBe(table.numRows);
  });
});

describe('replay', () => {
  test('departures never go back, not even when the days start over', () => {
    const replay = new Replay(flights);
    const departures = numbersOf(
      Array.from({ length: 9 }, () => replay.next(49_999)),
      'departure',
    );
    expect(departures.length).toBe(9 * 49_999);
    expect(departures.every((time, i) => i === 0 || time >= departures[i - 1]!)).toBe(true);
    expect(Math.floor(departures.at(-1)! / 86_400_000) - Math.floor(departures[0]! / 86_400_000)).toBe(
      Math.floor((9 * 49_999 * days) / 200_000),
    );
  });

  test('does not depend on where the batches are cut', () => {
    const [whole, cut] = [new Replay(flights), new Replay(flights)];
    const one = [whole.next(30_000)];
    const many = [1, 999, 9_000, 20_000].map((rows) => cut.next(rows));
    for (const name of ['departure', 'hour', 'distance', 'delay']) {
      expect(numbersOf(many, name)).toEqual(numbersOf(one, name));
    }
  });

  test('says what it left out', () => {
    const [whole, gappy] = [new Replay(flights), new Replay(flights)];
    whole.next(250_000);
    gappy.next(10);
    gappy.skip(249_990);
    const [expected, batch] = [whole.next(5), gappy.next(5)];
    expect(numbersOf([batch], 'departure')).toEqual(numbersOf([expected], 'departure'));
    expect(batch.schema.metadata.get('skipped')).toBe('249990');
    expect(expected.schema.metadata.get('skipped')).toBe('0');
  });
});

describe('pace', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Rows due in each turn of `ms` milliseconds. */
  async function turns(rate: () => number, ms: number): Promise<number[]> {
    const stop = new AbortController();
    const due: number[] = [];
    const done = (async () => {
      for await (const rows of pace(rate, stop.signal)) due.push(rows);
    })();
    await vi.advanceTimersByTimeAsync(ms);
    stop.abort();
    await vi.runAllTimersAsync();
    await done;
    return due;
  }

  test('gives the rate in twenty parts a second, without drift', async () => {
    const due = await turns(() => 1_234, 10_000);
    expect(due.length).toBe(200);
    expect(due.reduce((sum, rows) => sum + rows, 0)).toBe(12_340);
  });

  test('follows the rate as it changes', async () => {
    const rates = [1_000, 1_000, 10_000, 10_000];
    expect(await turns(() => rates.shift() ?? 0, 1_000)).toEqual([50, 50, 500, 500]);
  });
});

describe('checkedRate', () => {
  test('keeps within what the demo goes to', () => {
    expect([5, 12_345.6, 1e9, Number.POSITIVE_INFINITY].map(checkedRate)).toEqual([
      1_000, 12_346, 1_000_000, 1_000_000,
    ]);
    expect([undefined, '5', Number.NaN, null].map(checkedRate)).toEqual(Array(4).fill(undefined));
  });
});
