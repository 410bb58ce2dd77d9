import { describe, expect, test } from 'vitest';
import { fromEventTarget } from '../../src/sources/from-event-target.ts';
import type { PushOptions } from '../../src/sources/push-source.ts';
import { settle } from '../../src/testing/virtual-clock.ts';
import { collect, reaches } from './collect.ts';

class Ping extends Event {
  readonly n: number;
  constructor(n: number) {
    super('ping');
    this.n = n;
  }
}

const ping = (target: EventTarget, ...numbers: number[]) => {
  for (const n of numbers) target.dispatchEvent(new Ping(n));
};

describe('fromEventTarget', () => {
  test('gives what map makes of each event, during its dispatch, while something listens', async () => {
    const target = new EventTarget();
    const source = fromEventTarget(target, 'ping', {
      map: (event) => [(event as Ping).n, event.currentTarget === target],
    });
    ping(target, 0);
    const seen: unknown[] = [];
    const sink = source.sink((value) => seen.push(value));
    await reaches(source, 'live');
    ping(target, 1, 2);
    expect(seen).toEqual([
      [1, true],
      [2, true],
    ]);
    sink.dispose();
    ping(target, 3);
    await reaches(source, 'idle');
    expect(seen).toHaveLength(2);
    expect(source.counts).toEqual({ elements: 2, dropped: 0 });
  });

  test('begins to listen a microtask after the first sink, with all sinks of that turn', async () => {
    const target = new EventTarget();
    const source = fromEventTarget(target, 'ping', { map: (event) => (event as Ping).n });
    const first = source.sinkToList();
    ping(target, 1);
    const second = source.sinkToList();
    await Promise.resolve();
    ping(target, 2);
    expect([first, second]).toEqual([[2], [2]]);
  });

  test('is heard by a listener that comes in the same turn in which the last one goes', async () => {
    const target = new EventTarget();
    const source = fromEventTarget(target, 'ping', { map: (event) => (event as Ping).n });
    const first = source.sink(() => {});
    await reaches(source, 'live');
    first.dispose();
    ping(target, 1); // for nobody
    const seen = source.sinkToList();
    await settle();
    ping(target, 2, 3);
    expect(seen).toEqual([2, 3]);
  });

  test('gives the events themselves, and takes its listener away at the end', async () => {
    const target = new EventTarget();
    const open = new Set<unknown>();
    target.addEventListener = (_: string, listener: unknown) => void open.add(listener);
    target.removeEventListener = (_: string, listener: unknown) => void open.delete(listener);
    const control = new AbortController();
    const source = fromEventTarget(target, 'ping', { signal: control.signal });
    source.sink(() => {});
    await reaches(source, 'live');
    expect(open.size).toBe(1);
    control.abort();
    await source.done;
    await settle();
    expect(open.size).toBe(0);
  });

  test('reports a map that throws, and listens on', async () => {
    const target = new EventTarget();
    const source = fromEventTarget(target, 'ping', {
      map: (event) => {
        if ((event as Ping).n === 1) throw new Error('no one');
        return (event as Ping).n;
      },
    });
    const { values, errors } = collect(source);
    await reaches(source, 'live');
    ping(target, 0, 1, 2);
    expect(values).toEqual([0, 2]);
    expect(errors.map((e) => [e.code, e.message])).toEqual([['user-code', 'map threw: no one']]);
  });
});

describe('a source that cannot be slowed down', () => {
  /** Ten events while the sink is busy with the first, which then goes on. */
  async function congested(options: PushOptions) {
    const target = new EventTarget();
    const source = fromEventTarget(target, 'ping', {
      maxQueue: 3,
      ...options,
      map: (event) => (event as Ping).n,
    });
    const errors = source.errors.sinkToList();
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const seen: number[] = [];
    source.sink((n) => {
      seen.push(n);
      return gate;
    });
    await reaches(source, 'live');
    ping(target, ...Array(10).keys());
    const { waiting } = source.node;
    release();
    await settle();
    return { source, target, seen, errors, waiting };
  }

  test('drops the oldest that wait, counts them and says so once', async () => {
    const { source, target, seen, errors, waiting } = await congested({});
    expect(seen).toEqual([0, 7, 8, 9]);
    expect(waiting).toBe(3);
    expect(source.counts).toEqual({ elements: 10, dropped: 6 });
    expect(errors.map((e) => [e.code, e.message])).toEqual([
      ['limit-exceeded', 'more than 3 elements wait (maxQueue); elements are dropped (dropOldest)'],
    ]);
    ping(target, 10);
    await settle();
    expect(seen.at(-1)).toBe(10);
  });

  test('drops the newest, or fails, where told to', async () => {
    expect((await congested({ overflow: 'dropNewest' })).seen).toEqual([0, 1, 2, 3]);
    const { source, seen, errors } = await congested({ overflow: 'error' });
    await source.done;
    expect(source.state.status).toBe('failed');
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(errors.map((e) => e.message)).toEqual(['more than 3 elements wait (maxQueue); listening ends']);
  });

  test('counts what waits when it stops as dropped, and holds up nobody who listens next', async () => {
    const target = new EventTarget();
    const source = fromEventTarget(target, 'ping', { map: (event) => (event as Ping).n });
    const sink = source.sink(() => new Promise(() => {}));
    await reaches(source, 'live');
    ping(target, 0, 1, 2);
    sink.dispose();
    await reaches(source, 'idle');
    const { values } = collect(source);
    await reaches(source, 'live');
    ping(target, 3, 4);
    expect(values).toEqual([3, 4]);
    await settle();
    expect(source.counts).toEqual({ elements: 5, dropped: 2 });
  });

  test('refuses a queue that holds nothing', () => {
    expect(() => fromEventTarget(new EventTarget(), 'ping', { maxQueue: 0 })).toThrow(
      'maxQueue must be a whole number from 1, got 0',
    );
  });
});
