import { describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { fromIterable } from '../../src/sources/from-iterable.ts';
import { settle } from '../../src/testing/virtual-clock.ts';
import { collectedUntil } from '../support/garbage.ts';
import { collect } from './collect.ts';
import { Later } from './later.ts';

describe('fromIterable', () => {
  test('gives each value to every sink of the same turn, then closes', async () => {
    const source = fromIterable([1, 0, 2]);
    const first = source.sinkToList();
    const second = source.map((x) => x * 10).sinkToList();
    expect(first).toEqual([]);
    await source.done;
    expect(first).toEqual([1, 0, 2]);
    expect(second).toEqual([10, 0, 20]);
    expect(source.state).toEqual({ status: 'closed', attempt: 0 });
  });

  test('reads nothing while nobody listens', async () => {
    let read = 0;
    const source = fromIterable(
      (function* () {
        yield ++read;
      })(),
    );
    source.map((x) => x);
    await settle();
    expect(read).toBe(0);
    expect(source.state.status).toBe('idle');
  });

  test('ends iterations over it', async () => {
    const values: number[] = [];
    for await (const value of fromIterable([1, 2, 3])) values.push(value);
    expect(values).toEqual([1, 2, 3]);
  });

  test('ends iterations that begin after its end', async () => {
    const source = fromIterable([1]);
    source.sink(() => {});
    await source.done;
    expect(await source.values().next()).toEqual({ done: true, value: undefined });
  });

  test('keeps no value of an async iterable that it has passed on', async () => {
    const values: WeakRef<object>[] = [];
    const source = fromIterable(
      (async function* () {
        for (let i = 0; i < 10; i++) {
          const value = { i };
          values.push(new WeakRef(value));
          yield value;
        }
        await new Promise(() => {}); // more might come
      })(),
    );
    const sink = source.sink(() => {});
    await settle();
    expect(values).toHaveLength(10);
    // The newest may still be in a variable.
    expect(
      await collectedUntil(() => values.slice(0, -1).every((value) => value.deref() === undefined)),
    ).toBe(true);
    sink.dispose();
  });

  test('returns the iterator when it is stopped though the work below never ends', async () => {
    let returned = false;
    const source = fromIterable(
      (async function* () {
        try {
          for (let i = 0; ; i++) yield i;
        } finally {
          returned = true;
        }
      })(),
    );
    const sink = source.sink(() => new Promise(() => {}));
    await settle();
    sink.dispose();
    await settle();
    expect(returned).toBe(true);
    expect(source.state.status).toBe('idle');
  });

  test('begins anew for a new sink though the work of the old one never ends', async () => {
    const source = fromIterable([1, 2]);
    source.sink(() => new Promise(() => {})).dispose();
    const old = source.sink(() => new Promise(() => {}));
    await settle();
    old.dispose();
    await settle();
    const seen = source.sinkToList();
    await source.done;
    expect(seen).toEqual([1, 2]);
  });

  test('waits for the work on a value before it asks for the next', async () => {
    const log: string[] = [];
    const source = fromIterable(
      (function* () {
        for (const x of [1, 2]) {
          log.push(`read ${x}`);
          yield x;
        }
      })(),
    );
    source.sink(async (x) => {
      await settle();
      log.push(`done ${x}`);
    });
    await source.done;
    expect(log).toEqual(['read 1', 'done 1', 'read 2', 'done 2']);
  });

  test('reads async iterables', async () => {
    const source = fromIterable(
      (async function* () {
        yield 'a';
        await settle();
        yield 'b';
      })(),
    );
    const { values, statuses } = collect(source);
    await source.done;
    expect(values).toEqual(['a', 'b']);
    expect(statuses()).toEqual(['live', 'closed']);
  });

  test('returns the iterator when its last sink goes, at once', async () => {
    let returned = false;
    const source = fromIterable(
      (function* () {
        try {
          for (let i = 0; ; i++) yield i;
        } finally {
          returned = true;
        }
      })(),
    );
    const seen: number[] = [];
    const sink = source.sink((x) => {
      seen.push(x);
      if (x === 3) sink.dispose();
    });
    await settle();
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(returned).toBe(true);
    expect(source.state.status).toBe('idle');
  });

  test('returns an async iterator that waits, without waiting for it', async () => {
    let returned = false;
    const never: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: async () => {
          returned = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const controller = new AbortController();
    const source = fromIterable(never, { signal: controller.signal });
    source.sink(() => {});
    await settle();
    controller.abort();
    await source.done;
    await settle();
    expect(returned).toBe(true);
    expect(source.state.status).toBe('closed');
  });

  test('begins anew for a listener that comes after a pause', async () => {
    const source = fromIterable({
      async *[Symbol.asyncIterator]() {
        for (let i = 0; ; i++) {
          yield i;
          await settle();
        }
      },
    });
    const listen = () =>
      new Promise<void>((resolve) => {
        const sink = source.sink((x) => {
          if (x < 2) return;
          sink.dispose();
          resolve();
        });
      });
    await listen();
    await settle();
    expect(source.state.status).toBe('idle');
    await listen();
  });

  test('goes on where one sink takes the place of another', async () => {
    const seen: string[] = [];
    const source = fromIterable(
      (async function* () {
        for (let i = 0; i < 4; i++) {
          await settle();
          yield i;
        }
      })(),
    );
    const first = source.sink((x) => {
      seen.push(`a${x}`);
      if (x !== 1) return;
      first.dispose();
      source.sink((y) => seen.push(`b${y}`));
    });
    await source.done;
    expect(seen).toEqual(['a0', 'a1', 'b2', 'b3']);
  });

  test('fails where the iterable throws, after the values before', async () => {
    const source = fromIterable(
      (function* () {
        yield 1;
        throw new Error('disk gone');
      })(),
    );
    const { values, errors, statuses } = collect(source);
    await source.done;
    expect(values).toEqual([1]);
    expect(errors.map((e) => [e.code, e.message, e.position])).toEqual([
      ['source-failed', 'iterable threw: disk gone', { message: 1 }],
    ]);
    expect(statuses()).toEqual(['live', 'failed']);
  });

  test('reports what fails below, and reads on', async () => {
    const source = fromIterable([1, 2, 3], { name: 'numbers' });
    const seen: number[] = [];
    const errors: string[] = [];
    source.errors.sink((e) => errors.push(`${e.code}: ${e.message}`));
    source.sink(function check(x) {
      if (x === 2) throw new Error('two');
      seen.push(x);
    });
    await source.done;
    expect(seen).toEqual([1, 3]);
    expect(errors).toEqual(['user-code: two (at numbers › sink(check))']);
  });

  test('tells onError, and outlives its failure', async () => {
    const heard: string[] = [];
    const source = fromIterable([1], { onError: (e) => heard.push(e.message) });
    source.sink(() => {
      throw new Error('no');
    });
    await source.done;
    expect(heard).toHaveLength(1);
  });

  test('ends when disposed of', async () => {
    const source = fromIterable([1]);
    source.dispose();
    await source.done;
    expect(source.state.status).toBe('closed');
  });

  test('does not start when its signal has aborted before', async () => {
    const source = fromIterable([1], { signal: AbortSignal.abort() });
    const values = source.sinkToList();
    await source.done;
    await settle();
    expect(values).toEqual([]);
    expect(source.state.status).toBe('closed');
  });
});

describe('ack of fromIterable', () => {
  test('gives the number of values up to which all are done, in whatever order that comes about', async () => {
    const acks: number[] = [];
    const source = fromIterable('abcde', { ack: (count) => acks.push(count) });
    const later = new Later<string>();
    source.node.connect(later);
    await source.done;
    expect(later.values.join('')).toBe('abcde');
    for (const index of [1, 3, 0, 4]) later.done(index);
    expect(acks).toEqual([2]);
    later.done(2);
    expect(acks).toEqual([2, 5]);
  });

  test('never passes a value that failed, and passes one that a policy took care of', async () => {
    for (const [onError, expected] of [
      ['raise', [1]],
      ['skip', [1, 2, 3]],
    ] as const) {
      const acks: number[] = [];
      const source = fromIterable([1, 2, 3], { ack: (count) => acks.push(count), onError: () => {} });
      const fn = (x: number) => {
        if (x === 2) throw new Error('no');
        return x;
      };
      source.map(fn, { onError }).sink(async () => {});
      await source.done;
      expect(acks).toEqual(expected);
    }
  });

  test('waits for nodes that hold values back', async () => {
    const acks: number[] = [];
    const finish: (() => void)[] = [];
    const source = fromIterable([1, 2, 3], { ack: (count) => acks.push(count) });
    source.buffer(10).sink(() => new Promise<void>((resolve) => finish.push(resolve)));
    await source.done;
    expect(acks).toEqual([]);
    for (const count of [1, 2, 3]) {
      finish[count - 1]!();
      await settle();
      expect(acks.at(-1)).toBe(count);
    }
  });
});

describe('what is read without ever waiting', () => {
  /** Each look takes a millisecond, so that no real time decides. */
  const ticking = (): Clock => {
    let ms = 0;
    return { now: () => ms, monotonic: () => ++ms, setTimer: systemClock.setTimer };
  };
  const endless = {
    'an async iterable': async function* () {
      while (true) yield 1;
    },
    'an iterable with asynchronous work below': function* () {
      while (true) yield 1;
    },
  };
  for (const [what, values] of Object.entries(endless)) {
    test(`lets timers run meanwhile: ${what}`, async () => {
      let seen = 0;
      const source = fromIterable<number>(values(), { clock: ticking() });
      const sink = source.sink(async () => {
        // Ends the test, as failed, where timers never run.
        if (++seen === 1_000_000) sink.dispose();
      });
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      sink.dispose();
      await settle();
      expect(seen).toBeGreaterThan(0);
      expect(seen).toBeLessThan(1_000_000);
    });
  }
});
