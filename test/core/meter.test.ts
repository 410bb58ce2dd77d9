import { describe, expect, test } from 'vitest';
import { Stream } from '../../src/stream.ts';
import { VirtualClock } from '../../src/testing/index.ts';

/** A clock that moves only by the work that tests pretend to do. */
class WorkClock extends VirtualClock {
  #spentMs = 0;

  override monotonic(): number {
    return super.monotonic() + this.#spentMs;
  }

  work(ms: number): void {
    this.#spentMs += ms;
  }
}

describe('a meter', () => {
  test('counts the elements and failures of a node, and its time without that of the nodes below', () => {
    const clock = new WorkClock();
    const source = new Stream<number>({ clock });
    const mapped = source.map((x) => {
      clock.work(2);
      return x;
    });
    const sink = mapped.sink((x) => {
      clock.work(5);
      if (x === 3) throw new Error('three');
    });
    const [above, end] = [mapped.node.meter(), (sink as unknown as Stream<number>['node']).meter()];
    for (const x of [1, 2]) source.emit(x);
    expect(() => source.emit(3)).toThrow('three');
    expect([above.elements, above.errors, above.busyMs]).toEqual([3, 0, 6]);
    expect([end.elements, end.errors, end.busyMs]).toEqual([3, 1, 15]);
  });

  test('counts from the time it is asked for, until it is given back', () => {
    const source = new Stream<number>();
    const mapped = source.map((x) => x);
    mapped.sink(() => {});
    source.emit(1);
    const meter = mapped.node.meter();
    source.emit(2);
    mapped.node.unmeter();
    source.emit(3);
    expect(meter.elements).toBe(1);
    expect(mapped.node.meter().elements).toBe(0);
  });

  test('counts failures that a policy takes care of', () => {
    const source = new Stream<number>();
    const mapped = source.map(
      () => {
        throw new Error('never');
      },
      { onError: 'skip' },
    );
    mapped.sink(() => {});
    const meter = mapped.node.meter();
    source.emit(1);
    expect([meter.errors, mapped.node.dropped]).toEqual([1, 1]);
  });

  test('leaves room on the stack for the nodes of a deep graph', () => {
    const source = new Stream<number>();
    let last = source;
    for (let i = 0; i < 1000; i++) last = last.map((x) => x + 1);
    const list = last.sinkToList();
    const looking = source.metrics().sink(() => {});
    source.emit(0);
    expect(list).toEqual([1000]);
    looking.dispose();
  });
});
