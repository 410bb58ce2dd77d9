import { readFileSync } from 'node:fs';
import { type RecordBatch, RecordBatchStreamWriter } from 'apache-arrow';
import type { WebSocket } from 'ws';
import { checkedRate, pace } from '../flights/pace.ts';
import { type Flights, Replay, readFlights } from '../flights/replay.ts';

const file = 'node_modules/vega-datasets/data/flights-200k.arrow';

/** Bytes that may wait in a connection before rows are left out: a slow reader must not cost the server memory. */
const mostBuffered = 8_000_000;

let flights: Flights | undefined;

/**
 * Sends the flights to `socket` until it closes, each batch an Arrow IPC stream of its own in one binary message. The
 * other side sets the rate by messages such as `{"rate": 100000}`.
 */
export async function sendFlights(socket: WebSocket, root: string): Promise<void> {
  flights ??= readFlights(readFileSync(`${root}/${file}`));
  const replay = new Replay(flights);
  const stop = new AbortController();
  let rate: number | undefined;
  socket.on('close', () => stop.abort());
  socket.on('error', () => stop.abort());
  socket.on('message', (data) => {
    rate = checkedRate(rateOf(String(data))) ?? rate;
  });
  for await (const rows of pace(() => rate ?? 0, stop.signal)) {
    if (socket.bufferedAmount > mostBuffered) replay.skip(rows);
    else socket.send(toBytes(replay.next(rows)));
  }
}

function rateOf(message: string): unknown {
  try {
    return (JSON.parse(message) as { rate?: unknown } | null)?.rate;
  } catch {
    return undefined;
  }
}

function toBytes(batch: RecordBatch): Uint8Array {
  const writer = new RecordBatchStreamWriter();
  writer.write(batch);
  writer.finish();
  return writer.toUint8Array(true);
}
