import { type Listener, madeBy, type PushOptions, PushSource, PushSourceNode } from './push-source.ts';

/** The events of `T` called `K`, as its handler property `onK` declares them; else `Event`. */
export type EventOf<T extends EventTarget, K extends string> = `on${K}` extends keyof T
  ? NonNullable<T[`on${K}`]> extends (this: never, event: infer E extends Event) => unknown
    ? E
    : Event
  : Event;

/** Options of `fromEventTarget`. */
export interface EventTargetOptions<E extends Event = Event, U = unknown> extends PushOptions {
  /** What to give for each event, made while the event is dispatched: later, `currentTarget` and the like are gone. */
  map?: ((event: E) => U) | undefined;
  /** Listen before the targets inside do. Default `false`. */
  capture?: boolean | undefined;
  /** Promise not to call `preventDefault`, so that scrolling need not wait. */
  passive?: boolean | undefined;
}

/**
 * The events of a DOM node or any other `EventTarget`, or what `map` makes of them, as they are dispatched. Work
 * below that is synchronous is done before `dispatchEvent` returns.
 *
 * Listens while something listens to the source, from a microtask after the first that does, so that all that are put below
 * in one go hear the same: what a program dispatches itself in the very turn of its first `sink` is missed, unless it awaits
 * something before, such as `Promise.resolve()`. Never ends by itself. Elements wait in a bounded queue while asynchronous work is busy. A `map` that throws is reported and costs that event.
 */
export function fromEventTarget<T extends EventTarget, K extends string, U>(
  target: T,
  type: K,
  options: EventTargetOptions<EventOf<T, K>, U> & { map: (event: EventOf<T, K>) => U },
): PushSource<U>;
export function fromEventTarget<T extends EventTarget, K extends string>(
  target: T,
  type: K,
  options?: EventTargetOptions<EventOf<T, K>> & { map?: undefined },
): PushSource<EventOf<T, K>>;
export function fromEventTarget<U>(
  target: EventTarget,
  type: string,
  options: EventTargetOptions<never, U> = {},
): PushSource<U> {
  return new PushSource(new EventTargetNode<U>(target, type, options));
}

class EventTargetNode<U> extends PushSourceNode<U> {
  override readonly kind: string = 'fromEventTarget';
  readonly #target: EventTarget;
  readonly #type: string;
  readonly #options: EventTargetOptions<never, U>;

  constructor(target: EventTarget, type: string, options: EventTargetOptions<never, U>) {
    super(options);
    this.#target = target;
    this.#type = type;
    this.#options = options;
  }

  protected override listen({ push }: Listener<U>): () => void {
    const { map, capture = false, passive } = this.#options;
    const heard = (event: Event): void => {
      const made = madeBy(
        'map',
        () => (map === undefined ? (event as U) : map(event as never)),
        (error) => this.report(error),
      );
      if (made !== undefined) push(made.value);
    };
    this.#target.addEventListener(
      this.#type,
      heard,
      passive === undefined ? { capture } : { capture, passive },
    );
    this.setState('live');
    return () => this.#target.removeEventListener(this.#type, heard, { capture });
  }
}
