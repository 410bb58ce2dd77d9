import { describe, expect, test } from 'vitest';
import { WebSocket as NodeWebSocket } from 'ws';
import { toReadableStream } from '../../src/sinks/to-readable-stream.ts';
import { toStore } from '../../src/sinks/to-store.ts';
import { toWebSocket } from '../../src/sinks/to-web-socket.ts';
import { fromBlob } from '../../src/sources/from-blob.ts';
import { fromEventTarget } from '../../src/sources/from-event-target.ts';
import { fromFetch } from '../../src/sources/from-fetch.ts';
import { fromIterable } from '../../src/sources/from-iterable.ts';
import { fromBroadcastChannel, fromMessagePort } from '../../src/sources/from-message-port.ts';
import { fromReadableStream } from '../../src/sources/from-readable-stream.ts';
import { fromServerSentEvents } from '../../src/sources/from-server-sent-events.ts';
import { fromWebSocket } from '../../src/sources/from-web-socket.ts';
import type { Source } from '../../src/sources/source.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/virtual-clock.ts';
import { serve } from './server.ts';

const webSocket = NodeWebSocket as unknown as typeof WebSocket;

/** A target that counts its listeners. */
function counting<T extends EventTarget>(target: T) {
  const open = new Set<unknown>();
  const { addEventListener, removeEventListener } = target;
  target.addEventListener = (...args: Parameters<EventTarget['addEventListener']>) => {
    open.add(args[1]);
    addEventListener.apply(target, args);
  };
  target.removeEventListener = (...args: Parameters<EventTarget['removeEventListener']>) => {
    open.delete(args[1]);
    removeEventListener.apply(target, args);
  };
  return { target, open };
}

interface Given {
  readonly signal: AbortSignal;
  readonly clock: VirtualClock;
  readonly url: string;
  readonly target: EventTarget;
}

const sources: Record<string, (given: Given) => Source<unknown>> = {
  fromIterable: ({ signal }) => fromIterable([1, 2], { signal }) as Source<unknown>,
  fromReadableStream: ({ signal }) => fromReadableStream(new ReadableStream(), { signal }),
  fromBlob: ({ signal }) => fromBlob(new Blob(['a']), { signal }) as Source<unknown>,
  fromEventTarget: ({ signal, target }) => fromEventTarget(target, 'x', { signal }) as Source<unknown>,
  fromMessagePort: ({ signal, target }) => fromMessagePort(target as MessagePort, { signal }),
  fromBroadcastChannel: ({ signal }) => fromBroadcastChannel('lifetimes', { signal }),
  fromFetch: ({ url, ...options }) => fromFetch(url, options) as Source<unknown>,
  fromServerSentEvents: ({ url, ...options }) => fromServerSentEvents(url, options) as Source<unknown>,
  fromWebSocket: ({ url, ...options }) =>
    fromWebSocket(url.replace('http', 'ws'), { ...options, webSocket }) as Source<unknown>,
};

describe('a source that is disposed of, at any time', () => {
  test.each(Object.entries(sources))('leaves nothing behind: %s', async (_, make) => {
    const { url, open: connections } = await serve(() => {}); // never answers
    const { target: signal, open } = counting(new AbortController().signal);
    const { target, open: listeners } = counting(new EventTarget());
    const clock = new VirtualClock();
    for (let turns = 0; turns < 12; turns++) {
      const source = make({ signal, clock, url, target });
      source.sink(() => {});
      for (let turn = 0; turn < turns % 4; turn++) await settle();
      source.dispose();
      await source.done;
    }
    while (connections.size > 0) await settle();
    expect([open.size, listeners.size, clock.timers]).toEqual([0, 0, 0]);
  });
});

test('sinks that are disposed of leave nothing on the signal, the stream and the clock', async () => {
  const { target: signal, open } = counting(new AbortController().signal);
  const clock = new VirtualClock();
  const stream = new Stream<string>({ clock });
  for (let i = 0; i < 1000; i++) {
    toStore(stream, '', { signal }).dispose();
    await toReadableStream(stream, { signal }).cancel();
    stream['@@observable']().subscribe({}).unsubscribe();
  }
  const sink = toWebSocket(stream, 'ws://localhost:1/', { signal, webSocket, onFailure: () => {} });
  await settle();
  sink.dispose();
  await settle();
  expect([open.size, stream.node.active, clock.timers]).toEqual([0, false, 0]);
});
