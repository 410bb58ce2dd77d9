import { describe, expect, inject, test } from 'vitest';
import { toWebSocket } from '../../../src/sinks/to-web-socket.ts';
import { fromIterable } from '../../../src/sources/from-iterable.ts';
import { Stream } from '../../../src/stream.ts';

const url = inject('testServer').replace('http', 'ws');

describe('toWebSocket in a browser', () => {
  test('sends through a socket that is open, whose answers come back', async () => {
    const socket = new WebSocket(`${url}/echo`);
    socket.binaryType = 'arraybuffer';
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const got: unknown[] = [];
    const all = new Promise<void>((resolve) => {
      socket.onmessage = ({ data }) => {
        if (got.push(data) === 3) resolve();
      };
    });
    const sink = toWebSocket(fromIterable<unknown>(['ä', { a: 1 }, Uint8Array.of(7)]), socket);
    await sink.done;
    await all;
    expect(got.slice(0, 2)).toEqual(['ä', '{"a":1}']);
    expect(new Uint8Array(got[2] as ArrayBuffer)).toEqual(Uint8Array.of(7));
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.close();
  });

  test('holds up emitters when the other side does not read', async () => {
    const blocks = new Stream<Uint8Array>();
    const sink = toWebSocket(blocks, `${url}/silent`, { highWaterMark: 1_000_000 });
    const block = new Uint8Array(500_000);
    let given = 0;
    const giving = (async () => {
      for (; given < 1000 && !sink.disposed; given++) await blocks.emit(block);
    })();
    // Ends when an emission has been held up for a while of turns.
    for (let still = 0, before = -1; still < 300; still = given === before ? still + 1 : 0) {
      before = given;
      await new Promise(requestAnimationFrame);
      if (sink.state.status !== 'live') still = 0;
    }
    expect(given).toBeLessThan(1000);
    expect(sink.counts.waiting * block.length).toBeLessThanOrEqual(2_000_000);
    sink.dispose();
    await giving;
  });
});
