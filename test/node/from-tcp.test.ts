import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fromTcp } from '../../src/node/from-tcp.ts';
import type { ServerSource } from '../../src/node/server-source.ts';
import { settle } from '../../src/testing/index.ts';
import { arrivals, collect, nextError } from '../sources/collect.ts';

/** A client of `source`, connected. */
async function clientOf<T>(source: ServerSource<T>): Promise<Socket> {
  onTestFinished(() => source.dispose());
  const { host, port } = await source.address;
  const client = connect(port, host);
  client.on('error', () => {});
  onTestFinished(() => void client.destroy());
  await once(client, 'connect');
  return client;
}

describe('fromTcp', () => {
  test('gives the lines of each client in order, wherever they are cut', async () => {
    const source = fromTcp({ port: 0 });
    const { values } = collect(source);
    const lines = arrivals(source, 4);
    const [a, b] = [await clientOf(source), await clientOf(source)];
    a.write('a1\na');
    b.write('b1\nb2');
    a.write('2\n');
    b.end();
    await lines;
    expect(values.filter((line) => line.startsWith('a'))).toEqual(['a1\n', 'a2\n']);
    expect(values.filter((line) => line.startsWith('b'))).toEqual(['b1\n', 'b2']);
  });

  test('gives bytes between delimiters of bytes', async () => {
    const source = fromTcp({ port: 0, as: 'bytes', delimiter: Uint8Array.of(0), keepDelimiter: false });
    const { values } = collect(source);
    const parts = arrivals(source, 2);
    const client = await clientOf(source);
    client.write(Uint8Array.of(1, 255, 0, 2, 0));
    await parts;
    expect(values).toEqual([Uint8Array.of(1, 255), Uint8Array.of(2)]);
  });

  test('does not read on while the work below is under way', async () => {
    const source = fromTcp({ port: 0 });
    let finish = (): void => {};
    let held = true;
    let count = 0;
    const started = new Promise<void>((begin) => {
      source.sink(() => {
        count++;
        if (!held) return;
        begin();
        return new Promise<void>((resolve) => {
          finish = resolve;
        });
      });
    });
    const client = await clientOf(source);
    // Far more than the two ends keep for a socket.
    const line = `${'x'.repeat(65_535)}\n`;
    const total = 512;
    let written = 0;
    const writing = (async () => {
      for (; written < total; written++) if (!client.write(line)) await once(client, 'drain');
    })();
    await started;
    for (let before = -1, calm = 0; calm < 50; calm = before === written ? calm + 1 : 0) {
      before = written;
      await settle();
    }
    expect(count).toBe(1);
    expect(written).toBeLessThan(total);
    const rest = arrivals(source, total - 1);
    held = false;
    finish();
    await writing;
    await rest;
    expect(count).toBe(total);
  });

  test('passes over a line that is too long, and keeps the connection', async () => {
    const source = fromTcp({ port: 0, maxLine: 10 });
    const { values } = collect(source);
    const failed = nextError(source);
    const lines = arrivals(source, 2);
    const client = await clientOf(source);
    client.write(`ok\n${'x'.repeat(1000)}`);
    const error = await failed;
    expect(error.code).toBe('limit-exceeded');
    expect(error.position).toEqual({ message: 0, row: 1, byte: 3 });
    expect(error.message).toMatch(/^line 1 of connection 0 from 127\.0\.0\.1:\d+ is longer than 10 bytes/);
    client.write('xxx\nfine\n');
    await lines;
    expect(values).toEqual(['ok\n', 'fine\n']);
  });

  test('reports a connection that breaks off inside a line, and serves the others', async () => {
    const source = fromTcp({ port: 0 });
    const { values } = collect(source);
    const failed = nextError(source);
    const first = arrivals(source, 1);
    const client = await clientOf(source);
    client.write('whole\ncut');
    await first;
    client.resetAndDestroy();
    const { message, position } = await failed;
    expect(message).toMatch(/^connection 0 from 127\.0\.0\.1:\d+ broke off: read ECONNRESET$/);
    expect(position.message).toBe(0);
    const second = arrivals(source, 1);
    (await clientOf(source)).write('next\n');
    await second;
    expect(values).toEqual(['whole\n', 'next\n']);
  });

  test('reports a failure below and reads on', async () => {
    const source = fromTcp({ port: 0, name: 'lines' });
    source.map((line) => JSON.parse(line)).sink(() => {});
    const failed = nextError(source);
    const client = await clientOf(source);
    client.write('{bad\n');
    expect((await failed).message).toContain('(at lines › map)');
    const good = arrivals(source, 1);
    client.write('{}\n');
    await good;
  });

  test('listens while something listens to it', async () => {
    const source = fromTcp({ port: 0 });
    const sink = source.sink(() => {});
    const client = await clientOf(source);
    const { port, host } = await source.address;
    sink.dispose();
    await once(client, 'close');
    const refused = connect(port, host);
    expect(await once(refused, 'error').then(([error]) => error.code)).toBe('ECONNREFUSED');
    source.sink(() => {});
    await clientOf(source);
  });

  test('fails where its port is taken', async () => {
    const first = fromTcp({ port: 0 });
    first.sink(() => {});
    await clientOf(first);
    const { port } = await first.address;
    const second = fromTcp({ port });
    const { errors } = collect(second);
    await expect(second.address).rejects.toMatchObject({ code: 'not-available' });
    expect(second.state.status).toBe('failed');
    expect(errors[0]!.message).toMatch(`cannot listen on 127.0.0.1:${port}: listen EADDRINUSE`);
  });

  test('refuses a port that is none', () => {
    expect(() => fromTcp({ port: 70_000 })).toThrow('port must be a whole number from 0 to 65535, got 70000');
  });
});
