import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RefCounter } from '../../src/core/metadata.ts';
import { Acknowledger } from '../../src/sources/acknowledger.ts';

function tracker(start?: number) {
  const acks: number[] = [];
  const acknowledger = new Acknowledger<number>((position) => acks.push(position), start);
  const refs = new Map<number, RefCounter | undefined>();
  const track = (...positions: number[]) => {
    for (const position of positions) {
      const [{ ref } = {}] = acknowledger.track(position);
      ref?.retain();
      refs.set(position, ref);
    }
  };
  const done = (position: number) => refs.get(position)?.release();
  const fail = (position: number) => {
    refs.get(position)?.fail(new Error('no'));
    refs.get(position)?.release();
  };
  return { acks, acknowledger, track, done, fail };
}

describe('Acknowledger', () => {
  test('acknowledges the last position up to which all is done, once', () => {
    const { acks, acknowledger, track, done } = tracker();
    track(1, 2, 3, 4);
    done(2);
    done(3);
    expect([acks, acknowledger.acknowledged, acknowledger.pending]).toEqual([[], undefined, 4]);
    done(1);
    expect([acks, acknowledger.acknowledged, acknowledger.pending]).toEqual([[3], 3, 1]);
    done(4);
    expect([acks, acknowledger.pending]).toEqual([[3, 4], 0]);
  });

  test('goes no further than the element before the first that failed, and keeps nothing behind it', () => {
    const { acks, acknowledger, track, done, fail } = tracker(0);
    track(1, 2, 3, 4);
    done(3);
    fail(2);
    track(5, 6);
    done(4);
    done(6);
    expect([acks, acknowledger.acknowledged, acknowledger.pending, acknowledger.blocked]).toEqual([
      [],
      0,
      1,
      true,
    ]);
    done(1);
    expect([acks, acknowledger.pending]).toEqual([[1], 0]);
  });

  test('after a restart says what is in hand, and acknowledges what comes again', () => {
    const { acks, acknowledger, track, done, fail } = tracker();
    track(1, 2, 3);
    fail(3);
    const isInHand = acknowledger.restart();
    expect([1, 2, 3, 4, 1].map(isInHand)).toEqual([true, true, false, false, false]);
    track(3, 4);
    for (const position of [4, 3, 2, 1]) done(position);
    expect(acks).toEqual([4]);
  });

  test('tells elements of one position apart by their number', () => {
    const { acknowledger, track } = tracker();
    track(7, 7);
    const isInHand = acknowledger.restart();
    expect([7, 7, 7].map(isInHand)).toEqual([true, true, false]);
  });

  test('never passes over an element, whatever the order in which they are done or fail', () => {
    const outcomes = fc.array(
      fc.tuple(
        fc.double({ noNaN: true }),
        fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
      ),
    );
    fc.assert(
      fc.property(outcomes, (elements) => {
        const { acks, acknowledger, track, done, fail } = tracker(-1);
        track(...elements.keys());
        const state = elements.map(() => 'open');
        const order = [...elements.keys()].sort((a, b) => elements[a]![0] - elements[b]![0]);
        for (const i of order) {
          state[i] = elements[i]![1] ? 'done' : 'failed';
          if (elements[i]![1]) done(i);
          else fail(i);
          const first = state.findIndex((each) => each !== 'done');
          expect(acknowledger.acknowledged).toBe((first < 0 ? state.length : first) - 1);
        }
        expect(acks).toEqual([...new Set(acks)].sort((a, b) => a - b));
      }),
    );
  });

  test('acknowledges a position that several share when all of them are done, and loses none of those that fail', () => {
    const steps = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });
    const orders = fc.array(fc.nat(), { minLength: 12, maxLength: 12 });
    const failures = fc.option(fc.nat(11), { nil: undefined });
    fc.assert(
      fc.property(steps, orders, failures, (isNew, order, failing) => {
        const states = isNew.map(() => 'open');
        let position = 0;
        const positions = isNew.map((step) => {
          if (step) position++;
          return position;
        });
        const acks: number[] = [];
        const acknowledger = new Acknowledger<number>((reached) => {
          acks.push(reached);
          for (const [i, state] of states.entries()) {
            if (positions[i]! <= reached) expect(state).toBe('done');
          }
        });
        const refs = positions.map((at) => acknowledger.track(at)[0]!.ref!);
        for (const ref of refs) ref.retain();
        const turns = positions.map((_, i) => i).sort((a, b) => order[a]! - order[b]! || a - b);
        for (const i of turns) {
          if (i === failing) refs[i]!.fail(new Error('no'));
          states[i] = i === failing ? 'failed' : 'done';
          refs[i]!.release();
        }
        const isWhole = failing === undefined || failing >= positions.length;
        const before = positions.filter((at) => isWhole || at < positions[failing]!);
        expect(acks.at(-1)).toBe(before.at(-1));
        expect(acknowledger.pending).toBe(0);
        const isInHand = acknowledger.restart();
        expect(positions.some(isInHand)).toBe(false);
      }),
    );
  });
});
