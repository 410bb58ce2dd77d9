import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { fromHttpServer } from '../../src/node/from-http-server.ts';
import type { ServerSource } from '../../src/node/server-source.ts';
import { collect, nextError, reaches } from '../sources/collect.ts';

async function urlOf<T>(source: ServerSource<T>): Promise<string> {
  onTestFinished(() => source.dispose());
  const { host, port } = await source.address;
  return `http://${host}:${port}`;
}

/** Status and text of the answer to a body. */
async function post(url: string, body: BodyInit, init: RequestInit = {}): Promise<[number, string]> {
  const response = await fetch(url, { method: 'POST', body, ...init });
  return [response.status, await response.text()];
}

describe('fromHttpServer', () => {
  test('gives the body of each request, and answers when the work is done', async () => {
    const source = fromHttpServer({ port: 0 });
    const done: string[] = [];
    let finish = (): void => {};
    const started = new Promise<void>((begin) => {
      source.sink(async (body) => {
        begin();
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        done.push(body);
      });
    });
    const url = await urlOf(source);
    let answered = false;
    const answer = post(url, 'é漢😀').finally(() => {
      answered = true;
    });
    await started;
    expect(answered).toBe(false);
    finish();
    expect(await answer).toEqual([200, 'OK']);
    expect(done).toEqual(['é漢😀']);
  });

  test('gives bytes when told to', async () => {
    const source = fromHttpServer({ port: 0, as: 'bytes' });
    const { values } = collect(source);
    expect(await post(await urlOf(source), Uint8Array.of(0, 255))).toEqual([200, 'OK']);
    expect(values).toEqual([Uint8Array.of(0, 255)]);
  });

  test('answers 500 with the error where the work failed, and goes on', async () => {
    const source = fromHttpServer({ port: 0, name: 'posts' });
    source.map((body) => JSON.parse(body)).sink(() => {});
    const { errors } = collect(source);
    const url = await urlOf(source);
    const [status, text] = await post(url, '{bad');
    expect(status).toBe(500);
    expect(text).toMatch(/JSON.* \(at posts › map\)$/);
    expect(errors.map(({ message }) => message)).toEqual([text]);
    expect(await post(url, '{}')).toEqual([200, 'OK']);
  });

  test('waits for work behind nodes that hold elements, and answers 500 where that fails', async () => {
    const finishes = new Map<string, (failure?: Error) => void>();
    const finished: string[] = [];
    const answered: string[] = [];
    const source = fromHttpServer({ port: 0, answer: (body) => `${body}: ${finished.join()}` });
    const failures: string[] = [];
    source
      .mapAsync(
        (body) =>
          new Promise<string>((resolve, reject) => {
            finishes.set(body, (failure) => {
              finished.push(body);
              if (failure === undefined) resolve(body);
              else reject(failure);
            });
          }),
        { parallelism: 2, onError: (error) => failures.push(error.message) },
      )
      .buffer(10)
      .sink(() => {});
    const url = await urlOf(source);
    const send = (body: string) =>
      post(url, body).then((answer) => {
        answered.push(body);
        return answer;
      });
    const good = send('good');
    const bad = send('bad');
    await vi.waitFor(() => expect(finishes.size).toBe(2));
    expect(await post(`${url}/`, '', { method: 'PUT' })).toEqual([405, 'PUT is not POST']);
    expect(answered).toEqual([]);
    finishes.get('good')!();
    expect(await good).toEqual([200, 'good: good']);
    finishes.get('bad')!(new Error('disk is full'));
    expect(await bad).toEqual([500, expect.stringMatching(/^disk is full/)]);
    expect(failures).toEqual([(await bad)[1]]);
  });

  test('answers all bodies of a partition when the work on it is done', async () => {
    const source = fromHttpServer({ port: 0 });
    const partition = source.partition(2);
    const parts = partition.sinkToList();
    const url = await urlOf(source);
    const first = post(url, 'a');
    await vi.waitFor(() => expect(partition.waiting).toBe(1));
    expect(await Promise.all([first, post(url, 'b')])).toEqual([
      [200, 'OK'],
      [200, 'OK'],
    ]);
    expect(parts).toEqual([['a', 'b']]);
  });

  test('answers 503 to bodies that a node still holds when it is stopped', async () => {
    for (const stop of ['dispose', 'stop', 'sink']) {
      const source = fromHttpServer({ port: 0 });
      let begin = (): void => {};
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const sink = source
        .mapAsync(() => {
          begin();
          return new Promise(() => {});
        })
        .sink(() => {});
      const answer = post(await urlOf(source), 'x');
      await begun;
      if (stop === 'dispose') source.dispose();
      else if (stop === 'stop') source.stop();
      else sink.dispose();
      expect(await answer).toEqual([503, 'the source has been stopped']);
    }
  });

  test('answers with a value', async () => {
    const source = fromHttpServer({
      port: 0,
      answer: async (body) => (body === 'text' ? body : body === '' ? undefined : { length: body.length }),
    });
    source.sink(() => {});
    const url = await urlOf(source);
    expect(await post(url, 'text')).toEqual([200, 'text']);
    const response = await fetch(url, { method: 'POST', body: 'abc' });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ length: 3 });
    expect(await post(url, '')).toEqual([200, 'null']);
  });

  test('answers 500 where the answer fails', async () => {
    const source = fromHttpServer({
      port: 0,
      answer: () => {
        throw new Error('no answer');
      },
    });
    const { errors } = collect(source);
    expect(await post(await urlOf(source), 'x')).toEqual([500, 'answer failed: no answer']);
    expect(errors[0]).toMatchObject({ code: 'user-code', position: { message: 0 } });
  });

  test('refuses other paths, other methods, long and compressed bodies', async () => {
    const source = fromHttpServer({ port: 0, path: '/in', maxBody: 10 });
    const { values } = collect(source);
    const url = await urlOf(source);
    expect(await post(`${url}/in?a=1`, '0123456789')).toEqual([200, 'OK']);
    expect(await post(`${url}/other`, 'x')).toEqual([404, 'nothing is at "/other"']);
    const got = await fetch(`${url}/in`);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await post(`${url}/in`, '0123456789a')).toEqual([413, 'the body is over the limit of 10 bytes']);
    const zipped = { headers: { 'content-encoding': 'gzip' } };
    expect(await post(`${url}/in`, 'x', zipped)).toEqual([415, 'a body in "gzip" is not read']);
    expect(values).toEqual(['0123456789']);
  });

  test('refuses a body of unknown length as soon as it is too long', async () => {
    const source = fromHttpServer({ port: 0, maxBody: 10 });
    const { values } = collect(source);
    const { port, hostname } = new URL(await urlOf(source));
    const client = connect(Number(port), hostname);
    onTestFinished(() => void client.destroy());
    client.setEncoding('utf8');
    client.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
    client.write('8\r\n01234567\r\n8\r\n01234567\r\n');
    const [answer] = await once(client, 'data');
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(values).toEqual([]);
  });

  test('takes paths by an expression, which must fit the whole', async () => {
    const source = fromHttpServer({ port: 0, path: /\/in\/\d+/g });
    source.sink(() => {});
    const url = await urlOf(source);
    expect((await post(`${url}/in/1`, 'x'))[0]).toBe(200);
    expect((await post(`${url}/in/22`, 'x'))[0]).toBe(200);
    expect((await post(`${url}/in/1x`, 'x'))[0]).toBe(404);
  });

  test('reports a request that breaks off', async () => {
    const source = fromHttpServer({ port: 0 });
    const { values } = collect(source);
    const failed = nextError(source);
    const { port, hostname } = new URL(await urlOf(source));
    const client = connect(Number(port), hostname);
    await once(client, 'connect');
    client.end('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\npart');
    const error = await failed;
    expect(error.message).toMatch(/^request 0 broke off: /);
    expect(error.position).toEqual({ message: 0 });
    expect(values).toEqual([]);
  });

  test('answers 503 to requests under way when it is stopped', async () => {
    const source = fromHttpServer({ port: 0 });
    const started = new Promise<void>((begin) => {
      source.sink(() => {
        begin();
        return new Promise(() => {});
      });
    });
    const answer = post(await urlOf(source), 'x');
    await started;
    source.dispose();
    expect(await answer).toEqual([503, 'the source has been stopped']);
    await expect(source.address).rejects.toThrow('fromHttpServer has ended and listens nowhere');
  });

  test('sends an answer to its end, though it is stopped meanwhile', async () => {
    const size = 20_000_000; // more than the system takes at once
    const source = fromHttpServer({ port: 0, answer: () => 'x'.repeat(size) });
    const sink = source.sink(() => {});
    const response = await fetch(await urlOf(source), { method: 'POST', body: 'a' });
    sink.dispose();
    await reaches(source, 'idle');
    expect((await response.text()).length).toBe(size);
  });
});
