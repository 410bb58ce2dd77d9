import { RecordBatchReader } from 'apache-arrow';
import { IpcDecoder } from '../src/formats/ipc.ts';
import { toIpc } from '../src/formats/ipc-write.ts';
import type { BenchCase } from './bench.ts';
import { batchCount, batches, batchRows, rowCount } from './data.ts';

const bytes = toIpc(batches);

/** The frames of a stream: where each message's metadata ends, and how long its body is. */
function frames(): { bodyStart: number; bodyLength: number }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: { bodyStart: number; bodyLength: number }[] = [];
  for (let at = 0; ; ) {
    const metadataLength = view.getInt32(at + 4, true);
    if (metadataLength === 0) return found;
    // The body length is field 3 of the message: table at `root`, its vtable `back` bytes before it.
    const start = at + 8;
    const root = start + view.getInt32(start, true);
    const vtable = root - view.getInt32(root, true);
    const slot = view.getInt16(vtable, true) > 10 ? view.getInt16(vtable + 10, true) : 0;
    const bodyLength = slot === 0 ? 0 : Number(view.getBigInt64(root + slot, true));
    found.push({ bodyStart: start + metadataLength, bodyLength });
    at = start + metadataLength + bodyLength;
  }
}

const sizes = [8, 4, 8, 4].map((width) => width * batchRows);

/** The four columns of each batch as views, found by the lengths in the frames alone; nothing is checked. */
function byHand(): number {
  let total = 0;
  for (const { bodyStart, bodyLength } of frames().slice(-batchCount)) {
    const start = bytes.byteOffset + bodyStart;
    const views: (BigInt64Array | Int32Array | Float64Array)[] = [];
    let at = start + bodyLength;
    for (const [i, size] of [...sizes.entries()].reverse()) {
      at -= (size + 63) & ~63;
      if (i === 2) views.push(new Float64Array(bytes.buffer, at, batchRows));
      else views.push(new Int32Array(bytes.buffer, at, size / 4));
    }
    total += (views[1] as Float64Array)[0]!;
  }
  return Math.round(total * 1e6) / 1e6;
}

function firstOfEach(read: Iterable<{ data: { children: { values: unknown }[] } }>): number {
  let total = 0;
  for (const batch of read) total += (batch.data.children[2]!.values as Float64Array)[0]!;
  return Math.round(total * 1e6) / 1e6;
}

export const cases: readonly BenchCase[] = [
  {
    title: `decode an Arrow IPC stream of ${(rowCount / 1e6).toLocaleString('en')} million rows in batches of ${batchRows.toLocaleString('en')}, four columns, one dictionary`,
    amount: batchCount,
    unit: 'batch',
    limit: byHand,
    ours: () => firstOfEach(new IpcDecoder().push(bytes)),
    rivals: { 'apache-arrow': () => firstOfEach(RecordBatchReader.from(bytes)) },
  },
];
