// Checked by tsc, never run: what the compiler infers of sources and sinks of the platform, and what it refuses.
import type { RecordBatch } from 'apache-arrow';
import { WebSocket as WebSocketOfPackage } from 'ws';
import {
  type EventStreamSource,
  fromBlob,
  fromBroadcastChannel,
  fromEventSource,
  fromEventTarget,
  fromInterval,
  fromIterable,
  fromMessagePort,
  type fromOpfs,
  fromReadableStream,
  fromServerSentEvents,
  fromWebSocket,
  fromWebSocketMessages,
  type MessageSource,
  type PushSource,
  readLines,
  type ServerSentEvent,
  type Source,
  type Store,
  Stream,
  toOpfs,
  toReadableStream,
  toStore,
  toWebSocket,
} from '../../src/index.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <A, B>(_: Equal<A, B>): void => {};

declare const button: HTMLButtonElement;
declare const socket: WebSocket;
declare const target: EventTarget;
declare const stream: ReadableStream<Uint8Array>;

const clicks = fromEventTarget(button, 'click');
clicks.sink(({ clientX }) => clientX.toFixed());
const closed = fromEventTarget(socket, 'close', { map: (event) => event.code });
is<typeof closed, PushSource<number>>(true);
const keys = fromEventTarget(window, 'keydown', { map: ({ key }) => key, passive: true });
is<typeof keys, PushSource<string>>(true);
const others = fromEventTarget(target, 'anything');
is<typeof others, PushSource<Event>>(true);
// @ts-expect-error a close event has no key
fromEventTarget(socket, 'close', { map: (event) => event.key });

const lines = fromBlob(new Blob([]), { delimiter: ';' });
is<typeof lines, Source<string>>(true);
const bytes = fromBlob(new Blob([]), { as: 'bytes' });
is<typeof bytes, Source<Uint8Array>>(true);
// @ts-expect-error bytes have no delimiter
fromBlob(new Blob([]), { as: 'bytes', delimiter: ';' });
is<ReturnType<typeof fromOpfs>, Source<Uint8Array>>(true);
for await (const line of readLines('rows.txt')) is<typeof line, string>(true);
is<ReturnType<typeof fromReadableStream<number>>, Source<number>>(true);
const pieces = fromReadableStream(stream, { ack: (count) => count.toFixed() });
is<typeof pieces, Source<Uint8Array>>(true);
fromIterable(['a'], { ack: (count: number) => void count });

const counts = fromInterval();
is<typeof counts, Source<number>>(true);
const polled = fromInterval(async ({ tick }) => `${tick}`, { interval: '1s' });
is<typeof polled, Source<string>>(true);

const messages = fromMessagePort<{ n: number }>(new Worker('worker.js'));
is<typeof messages, PushSource<{ n: number }>>(true);
fromMessagePort(window, { accept: ({ origin }) => origin === 'https://example.org' });
const posted = fromBroadcastChannel('name');
is<typeof posted, PushSource<unknown>>(true);

const events = fromServerSentEvents('/events', { ack: (id) => id.length });
is<typeof events, EventStreamSource<string>>(true);
const parsed = fromServerSentEvents<{ n: number }>('/events', { json: true });
parsed.map(({ data }) => data.n.toFixed());
const native = fromEventSource('/events');
is<typeof native, PushSource<ServerSentEvent<string>>>(true);

fromWebSocket('wss://example.org', {
  position: (batch: RecordBatch) => batch.numRows,
  ack: (position) => position.toFixed(),
  resume: (position) => ({ message: `${position?.toFixed() ?? ''}` }),
  startAt: 3,
});
fromWebSocket('wss://example.org', {
  position: (batch: RecordBatch) => batch.numRows,
  // @ts-expect-error the position is a number
  startAt: '3',
});

// The socket of the package `ws` does in place of the platform's.
declare const ofPackage: WebSocketOfPackage;
declare const ofNode: typeof import('undici-types').WebSocket;
fromWebSocket('wss://example.org', { webSocket: WebSocketOfPackage });
fromWebSocket('wss://example.org', { webSocket: WebSocket });
fromWebSocket('wss://example.org', { webSocket: ofNode });
// @ts-expect-error a date is no socket
fromWebSocket('wss://example.org', { webSocket: Date });
toWebSocket(new Stream<number>(), ofPackage);
toWebSocket(new Stream<number>(), socket);
toWebSocket(new Stream<number>(), 'wss://example.org', { webSocket: WebSocketOfPackage });

const data = fromWebSocketMessages('wss://example.org', { webSocket: WebSocketOfPackage });
is<typeof data, MessageSource<string | Uint8Array>>(true);
const texts = fromWebSocketMessages('wss://example.org', {
  as: 'text',
  position: (text) => text.length,
  ack: (position) => position.toFixed(),
});
is<typeof texts, MessageSource<string>>(true);
const json = fromWebSocketMessages<{ n: number }>('wss://example.org', { as: 'json' });
json.map(({ n }) => n.toFixed());
is<ReturnType<typeof json.sinkToList>, { n: number }[]>(true);
const binary = fromWebSocketMessages('wss://example.org', { as: 'bytes' });
is<typeof binary, MessageSource<Uint8Array>>(true);
// @ts-expect-error there is no such form
fromWebSocketMessages('wss://example.org', { as: 'xml' });

const numbers = new Stream<number>();
is<ReturnType<typeof toReadableStream<number>>, ReadableStream<number>>(true);
const store = toStore(numbers);
is<typeof store, Store<number | undefined>>(true);
const counted = toStore(numbers, 0);
is<typeof counted, Store<number>>(true);
/** What React asks of a store. */
declare function useSyncExternalStore<T>(
  subscribe: (changed: () => void) => () => void,
  getSnapshot: () => T,
): T;
is<ReturnType<typeof useSyncExternalStore<number>>, number>(true);
useSyncExternalStore(counted.subscribe, counted.getSnapshot).toFixed();
toWebSocket(numbers, 'wss://example.org', { serialize: (n) => n.toFixed() });
toOpfs(numbers, 'a.txt', { serialize: (n) => n.toFixed() });
// @ts-expect-error a number has no length
toOpfs(numbers, 'a.txt', { serialize: (n) => n.length });
toReadableStream(numbers, { highWaterMark: 3 });
