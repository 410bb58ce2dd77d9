import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { Metadata } from '../../src/core/metadata.ts';
import { RefCounter } from '../../src/core/metadata.ts';
import { type Flow, Node, type NodeOptions, PassNode } from '../../src/core/node.ts';
import { MillraceError, SourceError } from '../../src/errors.ts';
import { SinkNode } from '../../src/nodes/sink.ts';
import { UnionNode } from '../../src/nodes/union.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';

/** Passes elements on and tells when it begins and stops to be needed. */
class Probe extends Node<number, number> {
  readonly log: string[] = [];

  override update(value: number, metadata: Metadata): Flow {
    return this.emit(value, metadata);
  }

  protected override onActivate(): void {
    this.log.push('on');
  }

  protected override onDeactivate(): void {
    this.log.push('off');
  }

  protected override onDispose(): void {
    this.log.push('disposed');
  }
}

const sinkTo = (list: unknown[]) => new SinkNode<unknown>((value) => void list.push(value));

const below = <O, N extends Node<O, unknown>>(above: Node<never, O>, node: N): N => {
  above.connect(node);
  return node;
};

const failing = (text: string) =>
  new SinkNode<unknown>(
    () => {
      throw new Error(text);
    },
    { name: text },
  );

const thrownBy = (run: () => unknown): MillraceError => {
  try {
    run();
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('emit', () => {
  test('goes depth first, in connection order', () => {
    const seen: string[] = [];
    const top = new PassNode<number>();
    const left = below(top, new Probe());
    const right = below(top, new Probe());
    below(right, new SinkNode(() => seen.push('right')));
    below(left, new SinkNode(() => seen.push('left')));
    below(top, new SinkNode(() => seen.push('top')));
    void top.emit(1);
    expect(seen).toEqual(['left', 'right', 'top']);
  });

  test('keeps connection order when a branch stops and comes back', () => {
    const seen: string[] = [];
    const top = new PassNode<number>();
    const first = below(top, new Probe());
    const sink = below(first, new SinkNode(() => seen.push('old')));
    below(top, new SinkNode(() => seen.push('second')));
    sink.dispose();
    below(first, new SinkNode(() => seen.push('first')));
    void top.emit(1);
    expect(seen).toEqual(['first', 'second']);
  });

  test('returns nothing where all below is synchronous', () => {
    const top = new PassNode<number>();
    below(top, sinkTo([]));
    below(top, sinkTo([]));
    expect(top.emit(1)).toBeUndefined();
  });

  test('waits for the slowest branch', async () => {
    const clock = new VirtualClock();
    const top = new PassNode<number>();
    const after = (ms: number) => () => new Promise<void>((done) => void clock.setTimer(ms, done));
    below(top, new SinkNode(after(10)));
    below(top, new SinkNode(after(30)));
    below(top, sinkTo([]));
    let done = false;
    void Promise.resolve(top.emit(1)).then(() => {
      done = true;
    });
    await clock.advance('29ms');
    expect(done).toBe(false);
    await clock.advance('1ms');
    expect(done).toBe(true);
  });

  test('does not reach a node that was connected during the emission', () => {
    const late: unknown[] = [];
    const top = new PassNode<number>();
    below(top, new SinkNode((value) => value === 1 && below(top, sinkTo(late))));
    below(top, sinkTo([]));
    void top.emit(1);
    expect(late).toEqual([]);
    void top.emit(2);
    expect(late).toEqual([2]);
  });

  test('does not reach a node that was disconnected or disposed of during the emission', () => {
    const seen: unknown[] = [];
    const onDone = vi.fn();
    const top = new PassNode<number>();
    below(
      top,
      new SinkNode(() => {
        top.disconnect(second);
        third.dispose();
      }),
    );
    const second = below(top, sinkTo(seen));
    const third = below(top, sinkTo(seen));
    below(top, sinkTo(seen));
    void top.emit(1, [{ ref: new RefCounter({ onDone }) }]);
    expect(seen).toEqual([1]);
    expect(onDone).toHaveBeenCalledTimes(1);
  });

  test('ends quietly when its own node is disposed of during the emission', () => {
    const seen: unknown[] = [];
    const top = new PassNode<number>();
    below(top, new SinkNode(() => top.dispose()));
    below(top, sinkTo(seen));
    void top.emit(1);
    void top.emit(2);
    expect(seen).toEqual([]);
  });

  test('called again from below waits its turn, so that all below see the same order', () => {
    const seen: unknown[] = [];
    const top = new PassNode<number>();
    below(top, new SinkNode<number>((value) => (value < 3 ? top.emit(value + 1) : undefined)));
    below(top, sinkTo(seen));
    void top.emit(1);
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe('a failure', () => {
  test('names the nodes on its way', () => {
    const top = new PassNode<number>();
    const probe = below(top, new Probe({ name: 'probe' }));
    below(probe, failing('burst'));
    const error = thrownBy(() => top.emit(1));
    expect(error.path).toEqual(['probe', 'burst']);
    expect(error.message).toBe('burst (at probe › burst)');
    expect(error.code).toBe('user-code');
    expect(error.cause).toEqual(new Error('burst'));
  });

  test('does not keep the element from the other branches', () => {
    const seen: unknown[] = [];
    const top = new PassNode<number>();
    below(top, sinkTo(seen));
    below(top, failing('burst'));
    below(top, sinkTo(seen));
    expect(thrownBy(() => top.emit(1)).path).toEqual(['burst']);
    expect(seen).toEqual([1, 1]);
  });

  test('of several branches tells of all', () => {
    const top = new PassNode<number>();
    below(top, failing('burst'));
    below(top, failing('leak'));
    const error = thrownBy(() => top.emit(1));
    expect(error.message).toContain('burst (at burst)');
    expect(error.message).toContain('leak (at leak)');
    expect(error.cause).toBeInstanceOf(AggregateError);
  });

  test('waits for asynchronous siblings, then rejects', async () => {
    const clock = new VirtualClock();
    const done: string[] = [];
    const top = new PassNode<number>();
    below(top, failing('burst'));
    below(
      top,
      new SinkNode(async () => {
        await new Promise<void>((resolve) => void clock.setTimer(5, resolve));
        done.push('slow');
      }),
    );
    const outcome = Promise.resolve(top.emit(1)).catch((error) => done.push(error.message));
    await clock.advance('4ms');
    expect(done).toEqual([]);
    await clock.advance('1ms');
    await outcome;
    expect(done).toEqual(['slow', 'burst (at burst)']);
  });

  test('of an asynchronous node rejects, with the path', async () => {
    const top = new PassNode<number>();
    const probe = below(top, new Probe({ name: 'probe' }));
    below(probe, new SinkNode(() => Promise.reject(new Error('late')), { name: 'sink' }));
    await expect(top.emit(1)).rejects.toMatchObject({ message: 'late (at probe › sink)' });
  });

  test('has a path of its own each time, even where the same object is thrown', () => {
    const burst = new SourceError('bad-value', 'burst', { position: { row: 3 }, cause: 'pressure' });
    const top = new PassNode<number>();
    below(
      below(top, new Probe({ name: 'probe' })),
      new SinkNode<unknown>(
        () => {
          throw burst;
        },
        { name: 'sink' },
      ),
    );
    for (let i = 0; i < 3; i++) {
      const error = thrownBy(() => top.emit(i));
      expect(error.message).toBe('burst (at probe › sink)');
      expect(error).toMatchObject({ path: ['probe', 'sink'], code: 'bad-value', position: { row: 3 } });
      expect(error).toBeInstanceOf(SourceError);
      expect(error.cause).toBe('pressure');
      expect(error.stack).toBe(burst.stack);
    }
    expect(burst).toMatchObject({ message: 'burst', path: [] });
  });

  test('is told whatever was thrown', () => {
    const top = new PassNode<unknown>();
    below(
      top,
      new SinkNode((thrown) => {
        throw thrown;
      }),
    );
    const frozen = Object.freeze(new MillraceError('bad-value', 'burst'));
    const texts = [undefined, 'burst', Symbol('x'), Object.create(null), frozen].map(
      (thrown) => thrownBy(() => top.emit(thrown)).message,
    );
    expect(texts).toEqual([
      'undefined (at sink)',
      'burst (at sink)',
      'Symbol(x) (at sink)',
      'something without a text was thrown (at sink)',
      'burst (at sink)',
    ]);
  });

  test('passed on by a function of another graph keeps the path through both', () => {
    const [outer, inner] = [new PassNode<number>(), new PassNode<number>()];
    below(inner, failing('burst'));
    below(outer, new SinkNode<number>((x) => inner.emit(x), { name: 'bridge' }));
    expect(thrownBy(() => outer.emit(1)).path).toEqual(['bridge', 'burst']);
  });

  test('has a path of bounded length, however often it is thrown again', () => {
    const top = new PassNode<number>();
    let caught: unknown = new MillraceError('user-code', 'burst');
    below(
      top,
      new SinkNode(() => {
        throw caught;
      }),
    );
    for (let i = 0; i < 1000; i++) {
      caught = thrownBy(() => top.emit(i));
    }
    expect((caught as MillraceError).path.length).toBe(100);
  });

  test('leaves the graph usable', () => {
    const seen: unknown[] = [];
    const top = new PassNode<number>();
    below(
      top,
      new SinkNode((value) => {
        if (value === 1) throw new Error('one');
        seen.push(value);
      }),
    );
    expect(() => top.emit(1)).toThrow('one');
    expect(() => top.emit(2)).not.toThrow();
    expect(seen).toEqual([2]);
  });
});

describe('an element', () => {
  test('is held until asynchronous work on it is done', async () => {
    const onDone = vi.fn();
    const ref = new RefCounter({ onDone });
    const top = new PassNode<number>();
    const ends: (() => void)[] = [];
    const slow = () => new Promise<void>((end) => void ends.push(end));
    below(top, new SinkNode(slow));
    below(below(top, new Probe()), new SinkNode(slow));
    const flow = top.emit(1, [{ ref }]);
    await settle();
    expect(ref.count).toBeGreaterThan(0);
    ends[0]!();
    await settle();
    expect(onDone).not.toHaveBeenCalled();
    ends[1]!();
    await flow;
    expect(ref.count).toBe(0);
    expect(onDone.mock.calls).toEqual([[]]);
  });

  test.each([
    ['synchronous', failing('burst')],
    ['asynchronous', new SinkNode(() => Promise.reject(new Error('burst')), { name: 'burst' })],
  ])('is let go of after a %s failure, which its counter is told of', async (_, sink) => {
    const onDone = vi.fn();
    const top = new PassNode<number>();
    below(top, sink);
    const flow = (async () => top.emit(1, [{ ref: new RefCounter({ onDone }) }]))();
    await expect(flow).rejects.toThrow('burst (at burst)');
    expect(onDone).toHaveBeenCalledTimes(1);
    expect(onDone.mock.calls[0]![0]).toMatchObject({ path: ['burst'] });
  });

  test('is let go of when the working branch is disconnected', async () => {
    const onDone = vi.fn();
    const top = new PassNode<number>();
    let end = (): void => {};
    const sink = below(
      top,
      new SinkNode(
        () =>
          new Promise<void>((resolve) => {
            end = resolve;
          }),
      ),
    );
    const flow = top.emit(1, [{ ref: new RefCounter({ onDone }) }]);
    sink.dispose();
    await settle();
    expect(onDone).not.toHaveBeenCalled();
    end();
    await flow;
    expect(onDone.mock.calls).toEqual([[]]);
  });
});

describe('a node', () => {
  test('is active while something below needs it', () => {
    const top = new Probe();
    const inner = below(top, new Probe());
    expect([top.active, inner.active]).toEqual([false, false]);
    const sink = below(inner, sinkTo([]));
    const other = below(inner, sinkTo([]));
    sink.dispose();
    expect([top.active, inner.active]).toEqual([true, true]);
    other.dispose();
    expect([top.active, inner.active]).toEqual([false, false]);
    expect([top.log, inner.log]).toEqual([
      ['on', 'off'],
      ['on', 'off'],
    ]);
  });

  test('is active while held, each hold counting', () => {
    const node = new Probe();
    node.hold();
    node.hold();
    node.release();
    expect(node.active).toBe(true);
    node.release();
    node.release();
    expect(node.active).toBe(false);
    node.hold();
    expect(node.active).toBe(true);
  });

  test('in a loop does not keep itself active', () => {
    const top = new Probe();
    const head = below(top, new PassNode<number>());
    const back = below(head, new Probe());
    back.connect(head);
    const sink = below(head, sinkTo([]));
    expect([top.active, head.active, back.active]).toEqual([true, true, true]);
    sink.dispose();
    expect([top.active, head.active, back.active]).toEqual([false, false, false]);
    expect(head.downstreams).toEqual([]);
  });

  test('keeps no edge to a branch that nothing needs', () => {
    const top = new PassNode<number>();
    const inner = below(top, new Probe());
    expect(top.downstreams).toEqual([]);
    const sink = below(inner, sinkTo([]));
    expect(top.downstreams).toEqual([inner]);
    sink.dispose();
    expect(top.downstreams).toEqual([]);
    expect(inner.upstreams).toEqual([top]);
  });

  test('gets an element once, however often it was connected', () => {
    const seen: unknown[] = [];
    const top = new PassNode<number>();
    const sink = below(top, sinkTo(seen));
    top.connect(sink);
    void top.emit(1);
    expect(seen).toEqual([1]);
    top.disconnect(sink);
    void top.emit(2);
    expect(seen).toEqual([1]);
    expect(() => top.disconnect(sink)).toThrow('sink is not connected below stream');
  });

  test('is out of the graph once it is disposed of, which may be repeated', () => {
    const top = new PassNode<number>();
    const inner = below(top, new Probe());
    const sink = below(inner, sinkTo([]));
    inner.dispose();
    inner.dispose();
    expect(inner.log).toEqual(['on', 'off', 'disposed']);
    expect([top.downstreams, inner.upstreams, inner.downstreams, sink.upstreams]).toEqual([[], [], [], []]);
    expect(() => top.connect(inner)).toThrow(
      'cannot connect stream to node: the second has been disposed of',
    );
    expect(() => inner.connect(sink)).toThrow('cannot connect node to sink: the first has been disposed of');
  });

  test('is disposed of by `using`', () => {
    const node = new Probe();
    node[Symbol.dispose]();
    expect(node.disposed).toBe(true);
  });

  test('takes its clock from the nearest node above that has one', () => {
    const clock = new VirtualClock();
    const top = new PassNode<number>({ clock });
    const inner = below(below(top, new Probe()), new Probe());
    expect(inner.clock).toBe(clock);
    expect(new Probe().clock).toBe(systemClock);
  });

  test('keeps the clock it has taken when those above are disposed of', () => {
    const clock = new VirtualClock();
    const top = new PassNode<number>({ clock });
    const node = below(top, new PassNode<number>());
    expect(node.clock).toBe(clock);
    top.dispose();
    expect(node.clock).toBe(clock);
  });

  test('has the clock of those above when they are disposed of before it asks', () => {
    const clock = new VirtualClock();
    const [top, middle, worker, bottom] = [
      new PassNode<number>({ clock }),
      new Probe(),
      new Probe(),
      new Probe(),
    ];
    top.connect(middle);
    middle.connect(worker);
    worker.connect(bottom);
    bottom.hold();
    top.dispose();
    expect(bottom.clock).toBe(clock);
    middle.disconnect(worker);
    expect([middle.clock, worker.clock, bottom.clock]).toEqual([clock, clock, clock]);
  });

  test('takes the clock of the stream that it is connected to anew', () => {
    const [before, after] = [new VirtualClock(), new VirtualClock()];
    const [top, other, node] = [
      new PassNode<number>({ clock: before }),
      new PassNode<number>({ clock: after }),
      new Probe(),
    ];
    top.connect(node);
    top.disconnect(node);
    other.connect(node);
    expect(node.clock).toBe(after);
  });

  test('in a loop finds a clock all the same', () => {
    const head = new PassNode<number>();
    const back = below(head, new Probe());
    back.connect(head);
    expect(back.clock).toBe(systemClock);
  });
});

describe('the end of the sources', () => {
  test('reaches the nodes below, once all above have ended', () => {
    const one = new PassNode<number>();
    const other = new PassNode<number>();
    const both = below(one, new UnionNode<number>());
    other.connect(both);
    const inner = below(both, new Probe());
    below(inner, sinkTo([]));
    one.dispose();
    expect(inner.ended).toBe(false);
    other.dispose();
    expect(inner.ended).toBe(true);
  });

  test('of one of several is told to a node that asks, also when that is needed only later', () => {
    class Asking extends UnionNode<number> {
      readonly heard: string[] = [];
      protected override onOneUpstreamEnd(from: Node<never, number>): void {
        this.heard.push(from.label);
      }
    }
    const [top, other] = [new PassNode<number>(), new PassNode<number>({ name: 'other' })];
    const one = below(top, new UnionNode<number>({ name: 'one' }));
    const both = below(one, new Asking());
    other.connect(both);
    below(one, sinkTo([]));
    top.dispose();
    expect(both.heard).toEqual([]);
    below(both, sinkTo([]));
    expect(both.heard).toEqual(['one']);
    other.dispose();
    expect(both.heard).toEqual(['one', 'other']);
    expect(both.ended).toBe(true);
  });

  test('is seen by a branch that is needed only later', () => {
    const top = new PassNode<number>();
    const inner = below(top, new Probe());
    top.dispose();
    expect(inner.upstreams).toEqual([]);
    below(inner, sinkTo([]));
    expect(inner.ended).toBe(true);
  });

  test('is told to a node that is active already when it is connected', () => {
    const top = new PassNode<number>();
    const inner = below(top, new Probe());
    below(inner, sinkTo([]));
    top.dispose();
    expect(below(inner, sinkTo([])).ended).toBe(true);
  });

  test('is taken back by a new upstream', () => {
    const top = new PassNode<number>();
    const both = below(top, new UnionNode<number>());
    const inner = below(both, new Probe());
    below(inner, sinkTo([]));
    top.dispose();
    new PassNode<number>().connect(both);
    expect([both.ended, inner.ended]).toEqual([false, false]);
  });

  test('does not end a node that is emitted into from outside', () => {
    const top = new PassNode<number>();
    const open = below(top, new PassNode<number>());
    below(open, sinkTo([]));
    top.dispose();
    expect(open.ended).toBe(false);
  });
});

/** Works on elements off the stack, with a function that may fail. */
class Worker extends Node<number, number> {
  readonly #fn: (value: number) => unknown;
  readonly outcomes: unknown[] = [];

  constructor(fn: (value: number) => unknown, options: NodeOptions<number>) {
    super({ name: 'worker', ...options });
    this.#fn = fn;
  }

  override update(value: number, metadata: Metadata): Flow {
    void this.attemptDetached(() => this.#fn(value), value, metadata).then((outcome) =>
      this.outcomes.push(outcome),
    );
  }
}

describe('own work off the stack', () => {
  const working = (fn: (value: number) => unknown, onError: NodeOptions<number>['onError']) => {
    const clock = new VirtualClock();
    const top = new PassNode<number>({ name: 'top', clock });
    const worker = below(top, new Worker(fn, { onError }));
    const sink = below(worker, sinkTo([]));
    return { clock, top, worker, sink };
  };

  test('gives what it resolves with', async () => {
    const { top, worker } = working(async (x) => x + 1, undefined);
    void top.emit(1);
    await settle();
    expect(worker.outcomes).toEqual([{ result: 2 }]);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('that %s goes to the policy with the path and the value', async (_, fail) => {
    const onError = vi.fn();
    const { top, worker } = working(fail, onError);
    void top.emit(7);
    await settle();
    expect(onError.mock.calls).toEqual([
      [expect.objectContaining({ message: 'no (at top › worker)', path: ['top', 'worker'] }), 7],
    ]);
    expect([worker.outcomes, worker.dropped]).toEqual([[undefined], 1]);
  });

  test('is tried again after the waits of the policy', async () => {
    const times: number[] = [];
    const { clock, top, worker } = working(
      () => {
        if (times.push(clock.now()) < 4) throw new Error('no');
        return 'at last';
      },
      { retry: 3, delay: '10ms' },
    );
    const meter = worker.meter();
    void top.emit(1);
    await clock.advance('1s');
    expect([times, worker.outcomes, meter.errors]).toEqual([[0, 10, 30, 70], [{ result: 'at last' }], 3]);
  });

  test('is told of once where the last attempt has failed', async () => {
    const heard: unknown[] = [];
    const { clock, top } = working(() => Promise.reject(new Error('no')), {
      retry: 2,
      otherwise: (_, value) => heard.push([value, clock.now()]),
    });
    void top.emit(1);
    await clock.advance('1s');
    expect(heard).toEqual([[1, 300]]);
  });

  test('is not tried again, nor told of, once the node is stopped', async () => {
    const fn = vi.fn(() => Promise.reject(new Error('no')));
    const otherwise = vi.fn();
    const { clock, top, worker, sink } = working(fn, { retry: 2, otherwise });
    void top.emit(1);
    await settle();
    expect(clock.timers).toBe(1);
    sink.dispose();
    expect(clock.timers).toBe(0);
    await clock.advance('1s');
    expect([fn.mock.calls.length, otherwise.mock.calls.length, worker.outcomes]).toEqual([1, 0, [undefined]]);
  });
});
