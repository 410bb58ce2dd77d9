import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
import { RefCounter } from '../../src/core/metadata.ts';
import type { Sink } from '../../src/nodes/sink.ts';
import { Stream } from '../../src/stream.ts';
import { VirtualClock } from '../../src/testing/index.ts';

const kinds = ['map', 'filter', 'union', 'buffer', 'rateLimit', 'delay', 'mapAsync'] as const;
type Step = (typeof kinds)[number];
type Mood = 'calm' | 'slow' | 'throws' | 'rejects';

interface Branch {
  readonly steps: readonly Step[];
  readonly mood: Mood;
  /** Before this element the branch is disposed of. */
  readonly until: number;
  /** The stream it starts from: that of an earlier branch, or the source. */
  readonly from: number;
}

const branch: fc.Arbitrary<Branch> = fc.record({
  steps: fc.array(fc.constantFrom<Step>(...kinds), { maxLength: 4 }),
  mood: fc.constantFrom<Mood>('calm', 'slow', 'throws', 'rejects'),
  until: fc.nat(20),
  from: fc.nat(5),
});
const branches = fc.array(branch, { minLength: 1, maxLength: 5 });
/** After which elements the emitter waits, and how long time goes on without it. */
const pace = fc.array(fc.constantFrom('wait', 'wait', 'on', 'pause'), { minLength: 1, maxLength: 20 });

/** What a step lets through: none changes a value, so that a branch can be compared with its input. */
const passes = (step: Step, x: number) => step !== 'filter' || x % 3 !== 0;

function put(step: Step, stream: Stream<number>): Stream<number> {
  if (step === 'map') return stream.map((x) => x);
  if (step === 'filter') return stream.filter((x) => passes('filter', x));
  if (step === 'union') return stream.union(new Stream<number>());
  if (step === 'buffer') return stream.buffer(2, { onError: () => {} });
  if (step === 'delay') return stream.delay('4ms', { maxsize: 3, onError: () => {} });
  if (step === 'mapAsync') return stream.mapAsync(async (x) => x, { parallelism: 2, onError: () => {} });
  return stream.rateLimit('3ms');
}

async function run(specs: readonly Branch[], paces: readonly string[]) {
  const clock = new VirtualClock();
  const source = new Stream<number>({ clock });
  const streams = [source];
  const filters: Step[][] = [[]];
  const seen: number[][] = [];
  const sinks: Sink[] = [];
  for (const { steps, mood, from } of specs) {
    const at = from % streams.length;
    let stream = streams[at]!;
    for (const step of steps) stream = put(step, stream);
    streams.push(stream);
    filters.push([...filters[at]!, ...steps]);
    const list: number[] = [];
    seen.push(list);
    sinks.push(
      stream.sink((x) => {
        list.push(x);
        if (mood === 'throws' && x % 2 === 0) throw new Error('burst');
        if (mood === 'rejects') return sleep(clock, x % 4).then(() => Promise.reject(new Error('burst')));
        return mood === 'slow' ? sleep(clock, (x * 7) % 5) : undefined;
      }),
    );
  }
  const doneTimes: number[] = [];
  const refs: RefCounter[] = [];
  const emitting = (async () => {
    for (const [i, how] of paces.entries()) {
      for (const [k, { until }] of specs.entries()) if (until === i) sinks[k]!.dispose();
      doneTimes.push(0);
      const ref = new RefCounter({ onDone: () => void doneTimes[i]!++ });
      refs.push(ref);
      const flow = (async () => source.emit(i, { metadata: [{ ref }] }))().catch(() => {});
      if (how === 'wait') await flow;
      if (how === 'pause') await sleep(clock, 10);
    }
  })();
  await clock.advance('10min');
  await emitting;
  return { seen, filters: filters.slice(1), doneTimes, refs, source, sinks, clock };
}

describe('any graph, with sinks that are slow or fail and branches that go', () => {
  test('lets go of every element, and tells of it exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(branches, pace, async (specs, paces) => {
        const { doneTimes, refs } = await run(specs, paces);
        expect(doneTimes).toEqual(paces.map(() => 1));
        expect(refs.map((ref) => ref.count)).toEqual(paces.map(() => 0));
      }),
    );
  });

  test('brings every element to every branch that stays, in order, and to no other', async () => {
    await fc.assert(
      fc.asyncProperty(branches, pace, async (specs, paces) => {
        const { seen, filters } = await run(specs, paces);
        for (const [k, { until }] of specs.entries()) {
          const wanted = paces.map((_, i) => i).filter((x) => filters[k]!.every((step) => passes(step, x)));
          const early = wanted.filter((x) => x < until);
          if (until >= paces.length) expect(seen[k]).toEqual(wanted);
          else expect(seen[k]).toEqual(early.slice(0, seen[k]!.length));
        }
      }),
    );
  });

  test('leaves nothing behind when all its sinks are gone', async () => {
    await fc.assert(
      fc.asyncProperty(branches, pace, async (specs, paces) => {
        const { source, sinks, clock } = await run(specs, paces);
        for (const sink of sinks) sink.dispose();
        expect(source.node.downstreams).toEqual([]);
        expect(clock.timers).toBe(0);
      }),
    );
  });
});
