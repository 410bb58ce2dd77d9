import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';
import { Elements } from '../support/elements.ts';

type Build = (a: Stream<number>, b: Stream<number>) => Stream<unknown>;

/** Every node that remembers something or joins streams. */
const nodes: [name: string, build: Build][] = [
  ['accumulate', (a) => a.accumulate((total, x) => total + x)],
  ['accumulate with a start', (a) => a.accumulate((all, x) => [...all, x], { start: [0], withState: true })],
  ['slice', (a) => a.slice({ start: 1, end: 9, step: 3 })],
  ['slice without an end', (a) => a.slice({ step: 2 })],
  ['partition', (a) => a.partition(3)],
  ['partition by key', (a) => a.partition(2, { key: (x) => x % 3 })],
  ['partition with a timeout', (a) => a.partition(4, { timeout: '3ms' })],
  ['partitionUnique', (a) => a.partitionUnique(3)],
  ['partitionUnique that keeps the last', (a) => a.partitionUnique(3, { keep: 'last' })],
  ['slidingWindow', (a) => a.slidingWindow(3)],
  ['slidingWindow of full windows', (a) => a.slidingWindow(3, { returnPartial: false })],
  ['unique', (a) => a.unique()],
  ['unique of few', (a) => a.unique({ maxsize: 3 })],
  ['unique by content', (a) => a.map((x) => [x]).unique({ maxsize: 3, hashable: false })],
  ['frequencies', (a) => a.frequencies()],
  ['collect', (a, b) => flushedBy(a, b)],
  ['flatten', (a) => a.map((x) => Array.from({ length: x % 3 }, () => x)).flatten()],
  ['zip', (a, b) => a.zip(b, { maxsize: Number.POSITIVE_INFINITY })],
  [
    'zip of three',
    (a, b) =>
      a.zip(
        a.filter((x) => x % 2 === 0),
        'literal',
        b,
        { maxsize: 3 },
      ),
  ],
  ['combineLatest', (a, b) => a.combineLatest(b)],
  [
    'combineLatest in a diamond',
    (a, b) =>
      a.combineLatest(
        b,
        a.map((x) => -x),
      ),
  ],
  ['combineLatest of few', (a, b) => a.combineLatest(b, { emitOn: b })],
  ['zipLatest', (a, b) => a.zipLatest(b, { maxsize: 2 })],
  [
    'zipLatest in a diamond',
    (a, b) =>
      a.zipLatest(
        b,
        a.map((x) => -x),
      ),
  ],
];

function flushedBy(a: Stream<number>, b: Stream<number>): Stream<unknown> {
  const collected = a.collect({ max: 5 });
  const flushing = b.filter(() => {
    (async () => collected.flush())().catch(() => {});
    return false;
  });
  return collected.union<unknown[]>(flushing);
}

/** Elements of the one and of the other stream. */
const events = fc.array(fc.tuple(fc.boolean(), fc.nat(8)), { maxLength: 40 });

function twoStreams(build: Build, clock?: VirtualClock) {
  const options = clock === undefined ? {} : { clock };
  const [a, b] = [new Stream<number>(options), new Stream<number>(options)];
  return { a, b, out: build(a, b) };
}

/** The nodes that remember something, in the order in which they stand above the last. */
function remembering(out: Stream<unknown>) {
  const found = new Set<typeof out.node>();
  const left = [out.node];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (node.saveState !== undefined) found.add(node);
    left.push(...(node.upstreams as never[]));
  }
  return [...found];
}

describe.each(nodes)('%s', (_, build) => {
  test('goes on from its saved state as if it had not been interrupted', async () => {
    await fc.assert(
      fc.asyncProperty(events, fc.nat(40), async (given, cut) => {
        const clocks = [new VirtualClock(), new VirtualClock()];
        const [whole, second] = clocks.map((clock) => twoStreams(build, clock));
        const [wholeList, secondList] = [whole!.out.sinkToList(), second!.out.sinkToList()];
        let before = 0;
        for (const [i, [isA, x]] of given.entries()) {
          if (i === cut) {
            const states = remembering(whole!.out).map((node) => structuredClone(node.saveState!()));
            for (const [k, node] of remembering(second!.out).entries()) node.restoreState!(states[k]);
            before = wholeList.length;
          }
          const both = i < cut ? [whole!] : [whole!, second!];
          for (const { a, b } of both) void (isA ? a : b).emit(x);
          for (const clock of clocks) await clock.advance('1ms');
        }
        await Promise.all(clocks.map((clock) => clock.advance('1s')));
        if (cut < given.length) expect(secondList).toEqual(wholeList.slice(before));
      }),
      { numRuns: 60 },
    );
  });

  test('is done with every element exactly once, whatever becomes of it', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const mood = fc.constantFrom('calm', 'slow', 'throws', 'rejects');
    const end = fc.constantFrom('sink', 'source', 'node');
    await fc.assert(
      fc.asyncProperty(events, mood, end, async (given, how, gone) => {
        const clock = new VirtualClock();
        const { a, b, out } = twoStreams(build, clock);
        const elements = new Elements();
        let count = 0;
        const sink = out.sink(() => {
          count++;
          if (how === 'throws' && count % 2 === 0) throw new Error('burst');
          if (how === 'rejects')
            return sleep(clock, count % 4).then(() => Promise.reject(new Error('burst')));
          return how === 'slow' ? sleep(clock, (count * 7) % 5) : undefined;
        });
        const flows = given.map(async ([isA, x], i) =>
          (isA ? a : b).emit(x, { metadata: elements.metadata(String(i)) }),
        );
        const settled = Promise.allSettled(flows);
        await clock.advance('2ms');
        if (gone === 'sink') sink.dispose();
        else if (gone === 'node') out.dispose();
        else for (const source of [a, b]) source.dispose();
        await clock.advance('1min');
        await settled;
        expect(elements.done.toSorted((x, y) => Number(x) - Number(y))).toEqual(
          given.map((_, i) => String(i)),
        );
        expect(clock.timers).toBe(0);
      }),
      { numRuns: 60 },
    );
    report.mockRestore();
  });
});

test('any of them below each other let go of every element exactly once', async () => {
  const report = vi.spyOn(console, 'error').mockImplementation(() => {});
  const builds = fc.array(fc.constantFrom(...nodes), { minLength: 1, maxLength: 5 });
  const mood = fc.constantFrom('calm', 'slow', 'throws', 'rejects');
  const end = fc.constantFrom('sink', 'source', 'middle');
  await fc.assert(
    fc.asyncProperty(builds, events, mood, end, async (chain, given, how, gone) => {
      const clock = new VirtualClock();
      const [a, b] = [new Stream<number>({ clock }), new Stream<number>({ clock })];
      const streams = [a];
      for (const [, build] of chain) {
        const out = build(streams.at(-1)!, b);
        streams.push(out.map((value) => JSON.stringify(value).length % 9));
      }
      const elements = new Elements();
      let count = 0;
      const sink = streams.at(-1)!.sink(() => {
        count++;
        if (how === 'throws' && count % 2 === 0) throw new Error('burst');
        if (how === 'rejects') return sleep(clock, count % 4).then(() => Promise.reject(new Error('burst')));
        return how === 'slow' ? sleep(clock, (count * 7) % 5) : undefined;
      });
      const flows = given.map(async ([isA, x], i) =>
        (isA ? a : b).emit(x, { metadata: elements.metadata(String(i)) }),
      );
      const settled = Promise.allSettled(flows);
      await clock.advance('2ms');
      if (gone === 'sink') sink.dispose();
      else if (gone === 'middle') streams[streams.length >> 1]!.dispose();
      else for (const source of [a, b]) source.dispose();
      await clock.advance('1min');
      sink.dispose(); // emitters that a zip holds up may have nobody else to let them go
      await settled;
      await settle();
      expect(elements.done.toSorted((x, y) => Number(x) - Number(y))).toEqual(given.map((_, i) => String(i)));
      expect(clock.timers).toBe(0);
    }),
    { numRuns: 300, timeout: 5000 },
  );
  report.mockRestore();
});
