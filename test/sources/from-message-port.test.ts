import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { fromBroadcastChannel, fromMessagePort } from '../../src/sources/from-message-port.ts';
import { arrivals, collect, reaches } from './collect.ts';

describe('fromMessagePort', () => {
  test('gives what has been posted, and ends when the other side closes', async () => {
    const { port1, port2 } = new MessageChannel();
    port2.postMessage({ n: 0 });
    const source = fromMessagePort<{ n: number }>(port1);
    const { values, statuses } = collect(source);
    port2.postMessage({ n: 1 });
    await arrivals(source, 2);
    port2.close();
    await source.done;
    expect(values).toEqual([{ n: 0 }, { n: 1 }]);
    expect(statuses()).toEqual(['live', 'closed']);
  });

  test('gives only what it accepts', async () => {
    const { port1, port2 } = new MessageChannel();
    const source = fromMessagePort<number>(port1, { accept: ({ data }) => data % 2 === 0 });
    const { values } = collect(source);
    for (let i = 0; i < 5; i++) port2.postMessage(i);
    await arrivals(source, 3);
    expect(values).toEqual([0, 2, 4]);
    source.dispose();
    port1.close();
  });

  test("takes workers of Node's kind", async () => {
    const worker = new EventEmitter();
    const source = fromMessagePort<string>(worker);
    const { values } = collect(source);
    await reaches(source, 'live');
    worker.emit('message', 'a');
    worker.emit('exit', 0);
    await source.done;
    expect(values).toEqual(['a']);
    expect(worker.eventNames()).toEqual([]);
  });

  test('reports a message that cannot be read', async () => {
    const target = new EventTarget();
    const source = fromMessagePort(target as never);
    const { errors } = collect(source);
    await reaches(source, 'live');
    target.dispatchEvent(new Event('messageerror'));
    expect(errors.map((e) => [e.code, e.message, e.position])).toEqual([
      ['bad-message', 'message cannot be read here', { message: 0 }],
    ]);
  });
});

describe('fromBroadcastChannel', () => {
  test('gives what others post to the name, and closes its channel when nobody listens', async () => {
    const source = fromBroadcastChannel<number>('prices');
    const { values } = collect(source);
    await reaches(source, 'live');
    const other = new BroadcastChannel('prices');
    other.postMessage(1);
    other.postMessage(2);
    await arrivals(source, 2);
    expect(values).toEqual([1, 2]);
    other.close();
    source.dispose();
  });

  test('leaves a channel that it was given open', async () => {
    const own = new BroadcastChannel('more prices');
    const other = new BroadcastChannel('more prices');
    const source = fromBroadcastChannel<number>(own);
    source.sink(() => {});
    await reaches(source, 'live');
    source.dispose();
    await source.done;
    const heard = new Promise((resolve) => {
      own.onmessage = ({ data }) => resolve(data);
    });
    other.postMessage(3);
    expect(await heard).toBe(3);
    own.close();
    other.close();
  });
});
