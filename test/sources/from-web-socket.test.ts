import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RecordBatch } from 'apache-arrow';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket as NodeWebSocket, type WebSocket as ServerSocket, WebSocketServer } from 'ws';
import { toIpc } from '../../src/formats/ipc-write.ts';
import { fromWebSocket, type WebSocketOptions } from '../../src/sources/from-web-socket.ts';
import { settle, VirtualClock } from '../../src/testing/virtual-clock.ts';
import { batchFrom, messagesOf, rowsFrom } from '../browser/server.ts';
import { arrivals, collect, nextError, reaches, rowsOf } from './collect.ts';
import { Later } from './later.ts';
import { proxy } from './proxy.ts';

const webSocket = NodeWebSocket as unknown as typeof WebSocket;

/** A WebSocket server of one test; `greet` gets each connection and its number. */
async function serveSockets(
  greet: (socket: ServerSocket, connection: number) => void,
  options: { protocol?: string } = {},
) {
  const server = createServer();
  const sockets = new WebSocketServer({
    server,
    ...(options.protocol === undefined ? {} : { handleProtocols: () => options.protocol! }),
  });
  let connections = 0;
  sockets.on('connection', (socket) => greet(socket, connections++));
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  onTestFinished(async () => {
    for (const socket of sockets.clients) socket.terminate();
    await new Promise((resolve) => sockets.close(() => server.close(resolve)));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `ws://localhost:${port}/`, port, sockets };
}

const send = (socket: ServerSocket, ...messages: (string | Uint8Array)[]) => {
  for (const message of messages) socket.send(message);
};

/** All that comes of some messages, followed by a normal close. */
async function receive(messages: readonly (string | Uint8Array)[], options: WebSocketOptions = {}) {
  const { url } = await serveSockets((socket) => {
    send(socket, ...messages);
    socket.close(1000);
  });
  const source = fromWebSocket(url, { webSocket, reconnect: 'abnormal', ...options });
  const seen = collect(source);
  await source.done;
  return {
    ...seen,
    rows: rowsOf(seen.values),
    source,
    places: seen.errors.map((e) => [e.message, e.position] as const),
  };
}

describe('fromWebSocket of texts', () => {
  test('takes a row, an array of rows, an object of columns, and lines', async () => {
    const { rows, errors, statuses, source } = await receive([
      '{"seq":0,"x":0}',
      '[{"seq":1,"x":0.5},{"seq":2,"x":1}]',
      '{"seq":[3],"x":[1.5]}',
      '{"seq":4,"x":2}\n{"seq":5,"x":2.5}\n',
    ]);
    expect(rows).toEqual(rowsFrom(0, 6));
    expect(errors).toEqual([]);
    expect(statuses()).toEqual(['connecting', 'live', 'closed']);
    expect(source.counts).toEqual({ batches: 4, rows: 6, rejectedRows: 0, droppedRows: 0, gaps: 0 });
  });

  test('reports bad messages and rows with their place, and keeps those before and after', async () => {
    const { rows, places } = await receive([
      '{"a":1}',
      '{"a":',
      '42',
      '[{"a":2},{"a":"x"}]',
      '<html>',
      '{"a":3}\n{a}\n{"a":4}',
    ]);
    expect(rows).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }]);
    expect(places).toEqual([
      ['message is not JSON: "{\\"a\\":"', { message: 1 }],
      ['message holds no row: "42"', { message: 2 }],
      ['row with column "a" rejected: expected float64, got "x"', { message: 3, row: 1 }],
      ['message is not JSON: "<html>"', { message: 4 }],
      ['line 2 of message 5: not JSON: "{a}"', { message: 5, row: 1 }],
    ]);
  });
});

describe('fromWebSocket of Arrow', () => {
  const stream = (from: number) => toIpc([batchFrom(from, 1), batchFrom(from + 1, 1)]);

  test('takes messages that are streams of their own', async () => {
    for (const binary of ['auto', 'whole'] as const) {
      const { rows, errors } = await receive([stream(0), stream(2)], { binary });
      expect(rows).toEqual(rowsFrom(0, 4));
      expect(errors).toEqual([]);
    }
  });

  test('takes one long stream, message by message or cut anywhere', async () => {
    const messages = messagesOf([batchFrom(0, 2), batchFrom(2, 2)]);
    expect((await receive(messages)).rows).toEqual(rowsFrom(0, 4));
    const all = toIpc([batchFrom(0, 2), batchFrom(2, 2)]);
    const pieces = Array.from({ length: Math.ceil(all.length / 33) }, (_, i) =>
      all.subarray(i * 33, (i + 1) * 33),
    );
    const cut = await receive(pieces, { binary: 'parts' });
    expect(cut.rows).toEqual(rowsFrom(0, 4));
    expect(cut.errors).toEqual([]);
  });

  test('costs a broken message nothing but itself', async () => {
    const broken = stream(100);
    broken.fill(0xff, 8, 40);
    const { rows, places } = await receive([
      stream(0),
      broken,
      new TextEncoder().encode('<html>oops</html>'),
      stream(2).subarray(0, -30),
      stream(4),
    ]);
    expect(rows).toEqual([...rowsFrom(0, 3), ...rowsFrom(4, 2)]);
    expect(places.map(([, { message, batch }]) => [message, batch])).toEqual([
      [1, 0],
      [2, 0],
      [3, 1],
    ]);
    expect(places[1]![0]).toBe('expected an Arrow stream, got an HTML page: "<html>oops</html>"');
    expect(places[2]![0]).toMatch(/cut off/);
  });
});

describe('the connection of fromWebSocket', () => {
  test('comes back after cuts, each time with a fresh decoder, and says so', async () => {
    const { url } = await serveSockets((socket, n) => {
      // Ends in the middle of a stream.
      const [start, first, second] = messagesOf([batchFrom(2 * n, 2), batchFrom(1000, 1)]);
      send(socket, start!, first!, second!.subarray(0, 20));
      if (n < 5) setTimeout(() => socket.terminate(), 5);
    });
    const source = fromWebSocket(url, { webSocket, minDelay: '1ms', maxDelay: '2ms' });
    const { values, states, errors } = collect(source);
    await arrivals(source, 6);
    source.dispose();
    expect(rowsOf(values)).toEqual(rowsFrom(0, 12));
    const live = states.filter((state) => state.status === 'live');
    expect(live).toHaveLength(6);
    expect(
      states
        .filter((state) => state.status === 'waiting')
        .every((state) => state.attempt === 1 && state.retryMs! <= 2),
    ).toBe(true);
    expect(errors.filter((e) => e.message.includes('cut off'))).toHaveLength(5);
    expect(errors.filter((e) => e.message.includes('connection lost (code 1006)'))).toHaveLength(5);
  });

  test('waits longer after each attempt that fails, with jitter, and gives up after maxAttempts', async () => {
    const { url, sockets } = await serveSockets(() => {});
    await new Promise((resolve) => sockets.options.server!.close(resolve));
    const clock = new VirtualClock();
    const source = fromWebSocket(url, {
      webSocket,
      clock,
      minDelay: '1s',
      maxDelay: '3s',
      maxAttempts: 4,
      random: () => 0.5,
    });
    const { states, errors } = collect(source);
    for (const delay of [500, 1000, 1500]) {
      const state = await reaches(source, 'waiting');
      expect(state.retryMs).toBe(delay);
      const connecting = reaches(source, 'connecting');
      await clock.advance({ ms: delay });
      await connecting;
    }
    await source.done;
    expect(states.map((state) => [state.status, state.attempt])).toEqual([
      ['connecting', 1],
      ['waiting', 1],
      ['connecting', 2],
      ['waiting', 2],
      ['connecting', 3],
      ['waiting', 3],
      ['connecting', 4],
      ['failed', 4],
    ]);
    expect(errors.at(-1)!.message).toMatch(
      /cannot connect, or closed at once \(code 1006\); given up after 4 attempts \(maxAttempts\)/,
    );
    expect(clock.timers).toBe(0);
  });

  test('ends on a normal close where told to', async () => {
    const { url } = await serveSockets((socket) => socket.close(1000));
    for (const reconnect of ['abnormal', 'never'] as const) {
      const source = fromWebSocket(url, { webSocket, reconnect });
      collect(source);
      await source.done;
      expect(source.state.status).toBe('closed');
    }
  });

  test('sends what onOpen sends, on each connection, and uses its protocols', async () => {
    const asked: string[] = [];
    const { url } = await serveSockets(
      (socket, n) => {
        socket.on('message', (data) => {
          asked.push(`${socket.protocol}: ${data}`);
          socket.send(`{"n":${n}}`, () => {
            if (n === 0) socket.terminate();
          });
        });
      },
      { protocol: 'rows' },
    );
    const source = fromWebSocket(url, {
      webSocket,
      protocols: ['rows', 'other'],
      minDelay: '1ms',
      onOpen: (socket) => socket.send('all'),
      onError: () => {},
    });
    await arrivals(source, 2);
    expect(asked).toEqual(['rows: all', 'rows: all']);
  });

  test('reports an onOpen that throws or rejects, and reads on', async () => {
    for (const onOpen of [
      () => {
        throw new Error('no');
      },
      () => Promise.reject(new Error('no')),
    ]) {
      const { rows, errors } = await receive(['{"x":1}'], { onOpen });
      expect(rows).toEqual([{ x: 1 }]);
      expect(errors.map((e) => [e.code, e.message])).toEqual([['user-code', 'onOpen threw: no']]);
    }
  });

  test('takes a connection without messages for dead after idleTimeout', async () => {
    const { url } = await serveSockets((socket, n) => {
      socket.send(`{"n":${n}}`);
    });
    const clock = new VirtualClock();
    const source = fromWebSocket(url, {
      webSocket,
      clock,
      idleTimeout: '30s',
      minDelay: '1s',
      random: () => 1,
    });
    const { values } = collect(source);
    await arrivals(source, 1);
    const failed = nextError(source);
    await clock.advance('29s');
    expect(source.state.status).toBe('live');
    await clock.advance('1s');
    expect((await failed).message).toMatch(/no message within 30000 ms/);
    const arrived = arrivals(source, 1);
    await clock.advance('1s');
    await arrived;
    expect(rowsOf(values)).toEqual([{ n: 0 }, { n: 1 }]);
  });

  test('gives up on a server that never answers after connectTimeout', async () => {
    const silent = createServer();
    silent.on('upgrade', () => {});
    await new Promise<void>((resolve) => silent.listen(0, 'localhost', resolve));
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const clock = new VirtualClock();
    const source = fromWebSocket(`ws://localhost:${(silent.address() as AddressInfo).port}/`, {
      webSocket,
      clock,
      maxAttempts: 1,
    });
    const { errors } = collect(source);
    await settle();
    await clock.advance('10s');
    await source.done;
    expect(errors[0]!.message).toMatch(/no connection within 10000 ms; given up after 1 attempts/);
  });

  test('closes when nobody listens and opens again when somebody does', async () => {
    const { url, sockets } = await serveSockets((socket, n) => socket.send(`{"n":${n}}`));
    const source = fromWebSocket(url, { webSocket });
    await arrivals(source, 1);
    await reaches(source, 'idle');
    const [socket] = sockets.clients;
    if (socket !== undefined) await new Promise((resolve) => socket.once('close', resolve));
    expect(sockets.clients.size).toBe(0);
    await arrivals(source, 1);
    source.dispose();
  });

  test('fails where there is no WebSocket or the address is none', async () => {
    const bad = fromWebSocket('http://[', { webSocket });
    const { errors } = collect(bad);
    await bad.done;
    expect(errors[0]!.code).toBe('bad-option');
    expect(bad.state.status).toBe('failed');
  });

  test('says so where the platform has no WebSocket', async () => {
    vi.stubGlobal('WebSocket', undefined);
    onTestFinished(() => void vi.unstubAllGlobals());
    const source = fromWebSocket('ws://localhost:1/');
    const { errors } = collect(source);
    await source.done;
    expect(errors[0]!.message).toBe('this platform has no WebSocket; give one as the option webSocket');
  });
});

test('fromWebSocket gives nothing more once it is aborted, in the middle of a message either', async () => {
  const control = new AbortController();
  const message = toIpc([batchFrom(0, 1), batchFrom(1, 1), batchFrom(2, 1)]);
  const { url } = await serveSockets((socket) => send(socket, message));
  const source = fromWebSocket(url, { webSocket, signal: control.signal });
  const seen: unknown[] = [];
  source.sink((batch) => {
    seen.push(...rowsOf([batch]));
    control.abort();
  });
  await source.done;
  expect(seen).toEqual(rowsFrom(0, 1));
});

describe('the queue of fromWebSocket', () => {
  const messages = Array.from({ length: 10 }, (_, i) => JSON.stringify([{ i }]));

  /** Reads ten rows while the sink is busy with the first, then lets it go on. */
  async function congested(options: WebSocketOptions) {
    let arrived = (): void => {};
    const all = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { url } = await serveSockets((socket) => {
      send(socket, ...messages);
      // Answered once all is read; where the source fails before that, the connection ends.
      socket.once('pong', () => arrived());
      socket.once('close', () => arrived());
      socket.ping();
    });
    const source = fromWebSocket(url, { webSocket, maxQueueRows: 3, ...options });
    const errors = source.errors.sinkToList();
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const seen: unknown[] = [];
    source.sink((batch) => {
      seen.push(...rowsOf([batch]).map((row) => (row as { i: number }).i));
      return gate;
    });
    await all;
    release();
    await settle();
    await settle();
    return { source, seen, errors };
  }

  test('drops the oldest rows that wait, counts them and says so once', async () => {
    const { source, seen, errors } = await congested({});
    expect(seen).toEqual([0, 7, 8, 9]);
    expect(source.counts.droppedRows).toBe(6);
    expect(errors.map((e) => [e.code, e.message])).toEqual([
      ['limit-exceeded', 'more than 3 rows wait (maxQueueRows); rows are dropped (dropOldest)'],
    ]);
    source.dispose();
  });

  test('is a new one when the source begins anew: work that never ends holds up nobody else', async () => {
    const { url } = await serveSockets((socket) => send(socket, ...messages.slice(0, 3)));
    const source = fromWebSocket(url, { webSocket });
    const old = source.sink(() => new Promise(() => {}));
    await arrivals(source, 1);
    old.dispose();
    await reaches(source, 'idle');
    const values = source.sinkToList();
    await arrivals(source, 3);
    expect(rowsOf(values)).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
    source.dispose();
  });

  test('drops the newest where told to', async () => {
    const { source, seen } = await congested({ overflow: 'dropNewest' });
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(source.counts.droppedRows).toBe(6);
    source.dispose();
  });

  test('keeps only the latest where told to', async () => {
    const { source, seen } = await congested({ overflow: 'keepLatest' });
    expect(seen).toEqual([0, 7, 8, 9]);
    expect(source.counts.droppedRows).toBe(6);
    source.dispose();
  });

  test('fails where told to, keeping what came before', async () => {
    const { source, seen, errors } = await congested({ overflow: 'error' });
    await source.done;
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(source.state.status).toBe('failed');
    expect(errors.map((e) => [e.code, e.position])).toEqual([['limit-exceeded', { message: 4 }]]);
  });
});

/** The number of the last row of a batch. */
const lastSeq = (batch: RecordBatch): number => batch.getChild('seq')!.get(batch.numRows - 1) as number;

/** A server of rows numbered from 0, two a message, that gives all after the number in the first message it gets. */
async function serveRows(
  count: number,
  afterwards: (socket: ServerSocket, connection: number) => void = () => {},
) {
  const asked: number[] = [];
  const served = await serveSockets((socket, n) => {
    socket.once('message', (text) => {
      const after = JSON.parse(String(text)) as number;
      asked.push(after);
      for (let from = after + 1; from < count; from += 2) socket.send(JSON.stringify(rowsFrom(from, 2)));
      afterwards(socket, n);
    });
  });
  return { ...served, asked };
}

const resuming = {
  webSocket,
  minDelay: '1ms',
  maxDelay: '2ms',
  position: lastSeq,
  resume: (position: number | undefined) => ({ message: String(position ?? -1) }),
};

describe('resume of fromWebSocket', () => {
  test('loses and repeats nothing over cuts in the middle of frames that come in slices', async () => {
    const { port, asked } = await serveRows(400);
    const between = await proxy(port);
    const source = fromWebSocket(`ws://localhost:${between.port}/`, { ...resuming, onError: () => {} });
    const seen: number[] = [];
    source.sink((batch) => {
      const before = seen.length;
      seen.push(...rowsOf([batch]).map((row) => (row as { seq: number }).seq));
      if (Math.floor(before / 50) < Math.floor(seen.length / 50)) between.cut();
    });
    await arrivals(source, 200);
    source.dispose();
    expect(seen).toEqual(rowsFrom(0, 400).map(({ seq }) => seq));
    expect(asked).toHaveLength(8);
    expect(asked).toEqual([...asked].sort((a, b) => a - b));
    expect(source.counts.gaps).toBe(0);
  });

  test('asks for what comes after the last acknowledged batch, and does not give twice what is in hand', async () => {
    const { url, asked, sockets } = await serveRows(10);
    const acks: number[] = [];
    const source = fromWebSocket(url, {
      ...resuming,
      ack: (position) => acks.push(position),
      onError: () => {},
    });
    const later = new Later<RecordBatch>();
    source.node.connect(later);
    const holds = async (count: number) => {
      while (later.values.length < count) await settle();
    };
    await holds(5);
    later.done(0);
    later.done(2);
    later.fail(3);
    for (const socket of sockets.clients) socket.terminate();
    await holds(7);
    expect(asked).toEqual([-1, 1]);
    expect(later.values.map(lastSeq)).toEqual([1, 3, 5, 7, 9, 7, 9]);
    for (const index of [6, 1, 5]) later.done(index);
    expect(acks).toEqual([1, 5, 9]);
    source.dispose();
  });

  test('gives what waited when listening ended to who listens next', async () => {
    const { url, asked } = await serveRows(6, (socket) => socket.ping());
    let finish = (): void => {};
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const source = fromWebSocket(url, { ...resuming, startAt: -1 });
    const seen: number[] = [];
    const sink = source.sink((batch) => {
      seen.push(lastSeq(batch));
      return work;
    });
    while (source.counts.batches < 3) await settle();
    sink.dispose();
    await reaches(source, 'idle');
    finish();
    await settle();
    source.sink((batch) => seen.push(lastSeq(batch)));
    while (seen.length < 3) await settle();
    expect(seen).toEqual([1, 3, 5]);
    expect(asked).toEqual([-1, 1]);
    source.dispose();
  });

  test('counts what an overflow policy drops as done', async () => {
    const { url } = await serveRows(12);
    const acks: number[] = [];
    const source = fromWebSocket(url, {
      ...resuming,
      maxQueueRows: 2,
      ack: (position) => acks.push(position),
      onError: () => {},
    });
    let finish = (): void => {};
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    source.sink(() => work);
    while (source.counts.batches < 6) await settle();
    finish();
    await settle();
    expect(acks.at(-1)).toBe(11);
    expect(source.counts.droppedRows).toBe(8);
    source.dispose();
  });

  test('may say where to connect', async () => {
    const asked: string[] = [];
    const { url, sockets } = await serveSockets(() => {});
    sockets.on('connection', (socket, request) => {
      asked.push(request.url!);
      socket.send('{"seq":7}', () => socket.terminate());
    });
    const source = fromWebSocket(url, {
      ...resuming,
      resume: (position) => ({ url: new URL(`/after/${position}`, url) }),
      startAt: 3,
      onError: () => {},
    });
    await arrivals(source, 2);
    source.dispose();
    expect(asked).toEqual(['/after/3', '/after/7']);
  });

  test('needs positions', () => {
    expect(() => fromWebSocket('ws://localhost/', { ack: () => {} })).toThrow('give the option position');
  });

  test('is what keeps connections that are lost from being counted as gaps', async () => {
    const { url } = await serveSockets((socket) => socket.send('{"seq":1}', () => socket.terminate()));
    const source = fromWebSocket(url, { webSocket, minDelay: '1ms', maxDelay: '2ms', onError: () => {} });
    await arrivals(source, 4);
    expect(source.counts.gaps).toBe(3);
    source.dispose();
  });
});

describe('the heartbeat of fromWebSocket', () => {
  test('finds a connection that is half open, and makes it again without losing anything', async () => {
    const clock = new VirtualClock();
    const { port, asked } = await serveRows(4);
    const between = await proxy(port);
    const source = fromWebSocket(`ws://localhost:${between.port}/`, {
      ...resuming,
      clock,
      heartbeat: { interval: '20s', timeout: '5s' },
    });
    const { values } = collect(source);
    await arrivals(source, 2);
    between.fallSilent();
    const failed = nextError(source);
    await clock.advance('20s');
    expect(source.state.status).toBe('live');
    await clock.advance('5s');
    expect((await failed).message).toMatch(/no answer to the heartbeat within 5000 ms/);
    between.speakAgain();
    const live = reaches(source, 'live');
    await reaches(source, 'waiting');
    await clock.advance('1s');
    await live;
    while (asked.length < 2) await settle();
    source.dispose();
    expect(asked).toEqual([-1, 3]);
    expect(rowsOf(values)).toEqual(rowsFrom(0, 4));
  });

  test('asks only when nothing has come, and takes answers for no data', async () => {
    const clock = new VirtualClock();
    const pings: number[] = [];
    let socket: ServerSocket | undefined;
    const { url } = await serveSockets((connected) => {
      socket = connected;
      connected.on('message', (text) => {
        expect(String(text)).toBe('ping');
        pings.push(clock.now());
        connected.send('pong');
      });
    });
    let answers = 0;
    const answer = (data: unknown) => data === 'pong' && ++answers > 0;
    const source = fromWebSocket(url, {
      webSocket,
      clock,
      heartbeat: { interval: '20s', timeout: '5s', answer },
    });
    const { values, errors } = collect(source);
    await reaches(source, 'live');
    while (socket === undefined) await settle();
    await clock.advance('15s');
    socket.send('{"x":1}');
    await arrivals(source, 1);
    await clock.advance('19s');
    expect(pings).toEqual([]);
    await clock.advance('1s');
    for (let beat = 1; beat <= 3; beat++) {
      while (answers < beat) await settle();
      await clock.advance('20s');
    }
    expect(rowsOf(values)).toEqual([{ x: 1 }]);
    expect(errors).toEqual([]);
    expect(pings.slice(0, 3)).toEqual([35_000, 55_000, 75_000]);
    source.dispose();
    await settle();
    expect(clock.timers).toBe(0);
  });

  test('takes pings of one kind or another', async () => {
    const clock = new VirtualClock();
    const { url } = await serveSockets(() => {});
    let beats = 0;
    let pongs = 0;
    const source = fromWebSocket(url, {
      webSocket,
      clock,
      heartbeat: {
        interval: '10s',
        timeout: '1s',
        ping: (socket, heard) => {
          beats++;
          const { once, ping } = socket as unknown as ServerSocket;
          once.call(socket, 'pong', () => {
            pongs++;
            heard();
          });
          ping.call(socket);
        },
      },
    });
    source.sink(() => {});
    await reaches(source, 'live');
    for (let beat = 1; beat <= 3; beat++) {
      await clock.advance('10s');
      expect(beats).toBe(beat);
      while (pongs < beat) await settle();
    }
    await clock.advance('9s');
    expect(source.state.status).toBe('live');
    source.dispose();
  });
});
