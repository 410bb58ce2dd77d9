import { type Clock, sleep } from './clock.ts';
import { failStopped, type Metadata, releaseAll } from './metadata.ts';
import { Node, type NodeOptions } from './node.ts';
import { Stint, stepsPerLook } from './stint.ts';

/** An element that a node holds, retained. */
export interface Held<T> {
  readonly value: T;
  readonly metadata: Metadata;
}

/** An element that a node has not passed on when it is stopped. */
export interface LeftOver {
  readonly metadata: Metadata;
  /** Lets its emitter go on, where that waits. */
  readonly admit?: (() => void) | undefined;
}

/**
 * A node that keeps elements and passes them on when their emitters are further on: each when the work on the one before
 * is done. Failures below are not the emitters', but go to the error policy of the node.
 *
 * At the end of its upstreams it goes on until it holds nothing. When nothing needs it any more, it lets go of what it
 * holds, and the reference counters hear of that.
 */
export abstract class HoldingNode<I, O> extends Node<I, O> {
  /** The task that passes elements on; a new object each time it starts, so that one left behind can tell. */
  #task: object | undefined;
  #passed: Passed | undefined;
  #time: Clock | undefined;
  #ending = false;
  #waking = false;
  readonly #stint = new Stint();

  constructor(options: NodeOptions<I>) {
    super(options);
  }

  /** The next element to go, no longer held; nothing where none may go now. What it refers to is released after it. */
  protected abstract take(): Held<O> | undefined;

  /** Takes out all that is held, since the node is stopped. */
  protected abstract letGo(): Iterable<LeftOver>;

  /** The clock, without the way up to it for each element. */
  protected get time(): Clock {
    return this.#time ?? this.clock;
  }

  /** Whether nothing more comes from above. Another stream may be connected there later. */
  protected get isEnding(): boolean {
    return this.#ending && this.isCutOff;
  }

  /** Whether the element passed on last is still being worked on. */
  protected get isPassing(): boolean {
    return this.#task !== undefined;
  }

  /** Ends when everything that `take` gives has been passed on, or the node is stopped. */
  protected passed(): Promise<void> {
    if (this.#task === undefined) return Promise.resolve();
    this.#passed ??= new Passed();
    return this.#passed.promise;
  }

  /** Passes on what may go now, unless that is being done already. */
  protected wake(): void {
    if (this.#task !== undefined || !this.active) return;
    const task = {};
    this.#task = task;
    void this.#passOn(task); // never rejects
  }

  /** The same a microtask later: the caller is not held up by the work below, and all sinks put there in one go see it. */
  protected wakeSoon(): void {
    if (this.#waking || this.#task !== undefined) return;
    this.#waking = true;
    queueMicrotask(() => {
      this.#waking = false;
      this.wake();
    });
  }

  async #passOn(task: object): Promise<void> {
    const clock = this.time;
    for (let taken = 1; this.#task === task; taken++) {
      const element = this.take();
      if (element === undefined) {
        this.#rest();
        return;
      }
      const flow = this.emitDetached(element.value, element.metadata);
      if (flow !== undefined) await flow;
      releaseAll(element.metadata);
      // What is passed on may come back by a loop, and so go on for ever.
      const isLong = this.#task === task && this.#stint.isLong(clock, taken > stepsPerLook);
      if (isLong) await sleep(clock, 0, this.stopSignal);
    }
  }

  #rest(): void {
    this.#task = undefined;
    this.#passed?.resolve();
    this.#passed = undefined;
    if (this.isEnding && this.waiting === 0) this.end();
  }

  protected override onActivate(): void {
    this.#time = this.clock;
    if (this.waiting > 0) this.wakeSoon();
  }

  protected override onUpstreamEnd(): void {
    this.#ending = true;
    if (this.active) this.wake();
    else if (this.waiting === 0) this.end();
  }

  protected override onDeactivate(): void {
    this.#time = undefined;
    this.#task = undefined;
    for (const { metadata, admit } of this.letGo()) {
      failStopped(metadata, this.label);
      releaseAll(metadata);
      admit?.();
    }
    this.#passed?.resolve();
    this.#passed = undefined;
    if (this.isEnding) this.end();
  }
}

/** A promise and what settles it. */
class Passed {
  resolve: () => void = () => {};
  readonly promise: Promise<void> = new Promise((resolve) => {
    this.resolve = resolve;
  });
}
