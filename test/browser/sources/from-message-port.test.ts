import { describe, expect, test } from 'vitest';
import { fromEventTarget } from '../../../src/sources/from-event-target.ts';
import { fromBroadcastChannel, fromMessagePort } from '../../../src/sources/from-message-port.ts';
import { fromPerformance } from '../../../src/sources/from-performance.ts';
import { arrivals, collect, reaches } from '../../sources/collect.ts';

describe('fromMessagePort in a browser', () => {
  test('takes ports, with what was posted before', async () => {
    const { port1, port2 } = new MessageChannel();
    port2.postMessage({ rows: [1] });
    const source = fromMessagePort(port1);
    const { values } = collect(source);
    await arrivals(source, 1);
    expect(values).toEqual([{ rows: [1] }]);
    source.dispose();
  });

  test('takes workers, from outside and from inside', async () => {
    const worker = new Worker(new URL('./echo-worker.ts', import.meta.url), { type: 'module' });
    const source = fromMessagePort<number>(worker);
    const { values } = collect(source);
    await reaches(source, 'live');
    worker.postMessage(4);
    worker.postMessage(5);
    await arrivals(source, 2);
    expect(values).toEqual([40, 50]);
    source.dispose();
    worker.terminate();
  });

  test('takes windows, and of their messages those that it accepts', async () => {
    const source = fromMessagePort<string>(window, {
      accept: ({ origin, data }) =>
        origin === location.origin && typeof data === 'string' && data.startsWith('row'),
    });
    const { values } = collect(source);
    await reaches(source, 'live');
    window.postMessage('no');
    window.postMessage('row 1');
    await arrivals(source, 1);
    expect(values).toEqual(['row 1']);
    source.dispose();
  });
});

test('fromBroadcastChannel gives what other pages post', async () => {
  const source = fromBroadcastChannel<number>('test-prices');
  const { values } = collect(source);
  await reaches(source, 'live');
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const other = new (frame.contentWindow as unknown as typeof globalThis).BroadcastChannel('test-prices');
  other.postMessage(1);
  other.postMessage(2);
  await arrivals(source, 2);
  expect(values).toEqual([1, 2]);
  source.dispose();
  frame.remove();
});

test('fromEventTarget gives what map makes of DOM events while they are dispatched', async () => {
  const button = document.createElement('button');
  const source = fromEventTarget(button, 'click', {
    map: ({ currentTarget, detail }) => [currentTarget, detail],
  });
  const { values } = collect(source);
  await reaches(source, 'live');
  button.click();
  expect(values).toEqual([[button, 0]]);
  source.dispose();
  button.click();
  expect(values).toHaveLength(1);
});

describe('fromPerformance in a browser', () => {
  test('gives entries of the types, those from before too where asked for', async () => {
    performance.mark('early');
    const source = fromPerformance(['mark', 'measure'], { buffered: true });
    const { values } = collect(source);
    await reaches(source, 'live');
    performance.mark('late');
    performance.measure('between', 'early', 'late');
    while (!values.some(({ name }) => name === 'between')) await arrivals(source, 1);
    const names = values.map(({ entryType, name }) => `${entryType} ${name}`);
    for (const name of ['mark early', 'mark late', 'measure between']) expect(names).toContain(name);
    source.dispose();
  });

  test('reports types that the platform does not know, and fails where it knows none', async () => {
    const some = fromPerformance(['mark', 'vibes']);
    const { errors } = collect(some);
    await reaches(some, 'live');
    expect(errors.map((e) => [e.code, e.message.slice(0, 42)])).toEqual([
      ['not-available', 'this platform does not measure "vibes"; it'],
    ]);
    some.dispose();
    const none = fromPerformance('vibes', { onError: () => {} });
    none.sink(() => {});
    await none.done;
    expect(none.state.status).toBe('failed');
  });
});
