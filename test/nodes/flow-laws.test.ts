import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Clock, sleep } from '../../src/core/clock.ts';
import { RefCounter } from '../../src/core/metadata.ts';
import type { Sink } from '../../src/nodes/sink.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';

type Put = (stream: Stream<number>, clock: Clock) => Stream<unknown>;

const onError = () => {};
const bytes = { maxBytes: 8, sizeOf: (x: number) => x % 5, onError };

/** Nodes that hold every element back until it goes. */
const lossless: Record<string, Put> = {
  buffer: (s) => s.buffer(2, { onError }),
  'buffer by bytes': (s) => s.buffer(bytes),
  delay: (s) => s.delay('7ms', { onError }),
  'delay with maxsize': (s) => s.delay('7ms', { maxsize: 2, onError }),
  rateLimit: (s) => s.rateLimit('3ms'),
  mapAsync: (s, clock) => s.mapAsync((x) => sleep(clock, (x * 7) % 5).then(() => x), { onError }),
  'mapAsync, three at once': (s, clock) =>
    s.mapAsync((x) => sleep(clock, (x * 7) % 5).then(() => x), { parallelism: 3, onError }),
  timedWindow: (s) => s.timedWindow('5ms', { onError }),
  'timedWindow with empty ones': (s) => s.timedWindow('5ms', { empty: true, onError }),
};

/** Nodes that let elements fall, or give them out in another order. */
const others: Record<string, Put> = {
  'buffer that drops the oldest': (s) => s.buffer({ size: 2, overflow: 'dropOldest', onError }),
  'buffer that drops the newest': (s) => s.buffer({ ...bytes, overflow: 'dropNewest' }),
  'buffer that keeps the latest': (s) => s.buffer({ size: 2, overflow: 'keepLatest', onError }),
  'buffer that fails': (s) => s.buffer({ size: 2, overflow: 'error', onError }),
  latest: (s) => s.latest({ onError }),
  throttle: (s) => s.throttle('3ms'),
  debounce: (s) => s.debounce('3ms', { onError }),
  sample: (s) => s.sample('3ms', { onError }),
  timedWindowUnique: (s) => s.timedWindowUnique('5ms', { key: (x) => x % 3, onError }),
  'timedWindowUnique that keeps the last': (s) =>
    s.timedWindowUnique('5ms', { key: (x) => x % 3, keep: 'last', onError }),
  dedupe: (s) => s.map((x) => x % 4).dedupe({ within: '6ms' }),
  'dedupe that extends': (s) => s.map((x) => x % 4).dedupe({ within: '6ms', extend: true, maxsize: 3 }),
  tail: (s) => s.tail(3, { onError }),
  'mapAsync in any order': (s, clock) =>
    s.mapAsync((x) => sleep(clock, (x * 7) % 5).then(() => x), { parallelism: 3, ordered: false, onError }),
  'mapAsync that fails': (s, clock) =>
    s.mapAsync(
      (x) => sleep(clock, (x * 7) % 5).then(() => (x % 3 === 0 ? Promise.reject(new Error('no')) : x)),
      {
        parallelism: 2,
        onError: { retry: 1, delay: '2ms', otherwise: 'skip' },
      },
    ),
};
const all = { ...lossless, ...others };

type Step = 'emit' | 'wait' | 'settle' | { readonly ms: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>('emit') },
  { weight: 2, arbitrary: fc.constant<Step>('wait') },
  fc.constant<Step>('settle'),
  fc.integer({ min: 0, max: 9 }).map((ms) => ({ ms })),
);
const steps = fc.array(step, { maxLength: 25 });
type Mood = 'calm' | 'slow' | 'throws' | 'rejects';
const mood = fc.constantFrom<Mood>('calm', 'slow', 'throws', 'rejects');

/** A source with a node and a sink below it. */
class Rig {
  readonly clock: VirtualClock = new VirtualClock();
  readonly source: Stream<number> = new Stream<number>({ clock: this.clock });
  readonly stream: Stream<unknown>;
  readonly seen: unknown[] = [];
  readonly refs: RefCounter[] = [];
  readonly done: number[] = [];
  sink: Sink | undefined;
  readonly #mood: Mood;

  constructor(put: Put, how: Mood) {
    this.#mood = how;
    this.stream = put(this.source, this.clock);
    this.attach();
  }

  attach(): void {
    this.sink = this.stream.sink((given) => {
      const values = Array.isArray(given) ? given : [given];
      this.seen.push(...values);
      const x = Number(values[0] ?? 0);
      if (this.#mood === 'throws' && x % 2 === 0) throw new Error('burst');
      if (this.#mood === 'rejects')
        return sleep(this.clock, x % 4).then(() => Promise.reject(new Error('burst')));
      return this.#mood === 'slow' ? sleep(this.clock, (x * 7) % 6) : undefined;
    });
  }

  async run(list: readonly Step[], begin = 0): Promise<void> {
    let next = begin;
    for (const what of list) {
      if (what === 'settle') await settle();
      else if (typeof what === 'object') await this.clock.advance(what);
      else {
        let isOver = what === 'emit';
        void this.emit(next++).then(() => {
          isOver = true;
        });
        await Promise.resolve();
        for (let ms = 0; !isOver && ms < 100; ms++) await this.clock.advance({ ms: 1 });
      }
    }
  }

  async emit(x: number): Promise<void> {
    const at = this.refs.length;
    this.done.push(0);
    const ref = new RefCounter({ onDone: () => void this.done[at]!++ });
    this.refs.push(ref);
    try {
      await this.source.emit(x, { metadata: [{ ref }] });
    } catch {
      // what fails is told to the emitter, who goes on
    }
  }

  /** Every element is let go of, exactly once, and no timer is left. */
  check(): void {
    expect(this.done).toEqual(this.done.map(() => 1));
    expect(this.refs.map(({ count }) => count)).toEqual(this.refs.map(() => 0));
    expect([this.stream.waiting, this.clock.timers]).toEqual([0, 0]);
  }
}

const emitted = (list: readonly Step[]) =>
  list.filter((what) => what === 'emit' || what === 'wait').map((_, i) => i);

describe.each(Object.entries(all))('%s', (name, put) => {
  test('lets go of every element exactly once, when the source ends', async () => {
    await fc.assert(
      fc.asyncProperty(steps, mood, async (list, how) => {
        const rig = new Rig(put, how);
        await rig.run(list);
        rig.source.dispose();
        await rig.clock.advance('10s');
        expect(rig.stream.node.ended).toBe(true);
        rig.check();
      }),
      { numRuns: 60 },
    );
  });

  test('lets go of every element exactly once, when its sink goes in mid-flight, and works for the next sink', async () => {
    await fc.assert(
      fc.asyncProperty(steps, steps, mood, async (early, late, how) => {
        const rig = new Rig(put, how);
        await rig.run(early);
        rig.sink?.dispose();
        await settle();
        expect([rig.stream.waiting]).toEqual([0]);
        rig.attach();
        const before = rig.refs.length;
        await rig.run(late, 1000);
        rig.source.dispose();
        await rig.clock.advance('10s');
        rig.check();
        expect(rig.refs.length - before).toBe(emitted(late).length);
      }),
      { numRuns: 60 },
    );
  });

  test('goes on from a saved state as if nothing had happened', async () => {
    await fc.assert(
      fc.asyncProperty(steps, steps, async (early, late) => {
        const whole = new Rig(put, 'calm');
        await whole.run(early);
        const first = new Rig(put, 'calm');
        await first.run(early);
        await settle();
        const state = structuredClone(first.stream.node.saveState?.());
        first.sink?.dispose();
        const second = new Rig(put, 'calm');
        second.stream.node.restoreState?.(state);
        const begin = emitted(early).length;
        for (const rig of [whole, second]) {
          await settle();
          await rig.run(late, begin);
          rig.source.dispose();
          await rig.clock.advance('10s');
        }
        const both = [...first.seen, ...second.seen];
        if (name.startsWith('mapAsync in any')) expect(both.sort()).toEqual(whole.seen.sort());
        else expect(both).toEqual(whole.seen);
        second.check();
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(Object.entries(lossless))('%s', (_, put) => {
  test('brings every element below, in order', async () => {
    await fc.assert(
      fc.asyncProperty(steps, mood, async (list, how) => {
        const rig = new Rig(put, how);
        await rig.run(list);
        rig.source.dispose();
        await rig.clock.advance('10s');
        expect(rig.seen).toEqual(emitted(list));
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(Object.entries(all).filter(([name]) => /^buffer|latest|debounce|sample|throttle/.test(name)))(
  '%s',
  (_, put) => {
    test('counts what it drops', async () => {
      await fc.assert(
        fc.asyncProperty(steps, fc.constantFrom<Mood>('calm', 'slow'), async (list, how) => {
          const rig = new Rig(put, how);
          await rig.run(list);
          rig.source.dispose();
          await rig.clock.advance('10s');
          const { length } = emitted(list);

          expect(rig.seen.length + rig.stream.dropped).toBe(length);
        }),
        { numRuns: 60 },
      );
    });
  },
);
