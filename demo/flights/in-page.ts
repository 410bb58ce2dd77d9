import type { RecordBatch } from 'apache-arrow';
import file from '../../node_modules/vega-datasets/data/flights-200k.arrow?url';
import { pace } from './pace.ts';
import { Replay, readFlights } from './replay.ts';

/** What the server of the demo does, done in the page: the flights of the file at `rate()` rows a second. */
export async function* replayInPage(rate: () => number): AsyncGenerator<RecordBatch, void, undefined> {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file} answered ${response.status}`);
  const replay = new Replay(readFlights(new Uint8Array(await response.arrayBuffer())));
  const stop = new AbortController();
  try {
    for await (const rows of pace(rate, stop.signal)) yield replay.next(rows);
  } finally {
    stop.abort();
  }
}
