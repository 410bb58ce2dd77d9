import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * A proxy of one test before the server at `port`, which sends what the server sends in slices of odd lengths. It can
 * cut all connections, and fall silent: then nothing passes, and nobody is told.
 */
export async function proxy(port: number) {
  const open = new Set<Socket>();
  let silent = false;
  const server = createServer((client) => {
    const upstream = connect(port, 'localhost');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (!silent) upstream.write(bytes);
    });
    upstream.on('data', async (bytes) => {
      upstream.pause();
      for (let at = 0, i = 0; at < bytes.length && !silent; i++) {
        const length = 1 + ((i * 11) % 37);
        const slice = bytes.subarray(at, at + length);
        await new Promise<void>((resolve) => client.write(slice, () => setImmediate(resolve)));
        at += length;
      }
      upstream.resume();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  onTestFinished(async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    fallSilent: () => {
      silent = true;
    },
    speakAgain: () => {
      silent = false;
    },
  };
}
