import { type Flow, Node } from '../core/node.ts';
import { quietly } from '../core/report.ts';

/** What an Observable tells. */
export interface Observer<T> {
  next?: ((value: T) => void) | undefined;
  /** Called once, when all sources above have ended and one of them has failed. Failures of elements are the emitters'. */
  error?: ((error: unknown) => void) | undefined;
  /** Called once, when all sources above have ended in good order. What it or `error` throws is reported. */
  complete?: (() => void) | undefined;
}

/** A subscription to an Observable. */
export interface Subscription {
  readonly closed: boolean;
  unsubscribe(): void;
}

/** What libraries of Observables, such as RxJS, take for one: `from(stream)`. */
export interface InteropObservable<T> {
  subscribe(observer: Observer<T> | ((value: T) => void)): Subscription;
  '@@observable'(): InteropObservable<T>;
}

/** Tells an observer of each element and of the end. What the observer throws is the failure of its element. */
export class ObserveNode<T> extends Node<T, never> implements Subscription {
  override readonly kind: string = 'subscribe';
  readonly #observer: Observer<T>;

  constructor(observer: Observer<T> | ((value: T) => void)) {
    super();
    this.#observer = typeof observer === 'function' ? { next: observer } : observer;
    this.begin();
  }

  get closed(): boolean {
    return this.disposed;
  }

  override update(value: T): Flow {
    this.#observer.next?.(value);
  }

  unsubscribe(): void {
    this.dispose();
  }

  protected override get isEnd(): boolean {
    return true;
  }

  protected override onUpstreamEnd(): void {
    if (this.disposed) return;
    const { failure } = this;
    this.dispose();
    quietly(() => (failure === undefined ? this.#observer.complete?.() : this.#observer.error?.(failure)));
  }
}

/** Gives streams their Observable under the symbol, too, where another library or the platform has made it. */
export function addObservableSymbol(prototype: { '@@observable'(): unknown }): void {
  const { observable } = Symbol as { observable?: symbol };
  if (typeof observable !== 'symbol') return;
  Object.defineProperty(prototype, observable, {
    value: prototype['@@observable'],
    configurable: true,
    writable: true,
  });
}
