import { Fifo } from '../core/fifo.ts';
import { failStopped, type Metadata, noMetadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import { GraphError, quote } from '../errors.ts';

interface Waiting<T> {
  readonly value: T;
  readonly metadata: Metadata;
  readonly resolve: (flow: Flow) => void;
  readonly reject: (error: unknown) => void;
}

/** How many elements may wait for a module: emitters that do not wait themselves are told then. */
const maxWaiting = 10_000;

/**
 * Stands above what a module that is still being loaded will be. It holds elements back, and their emitters, until
 * `open`, then it passes all on. With `isEnd` it keeps the branch working by itself until then.
 */
export class LazyNode<T> extends Node<T, T> {
  override readonly kind: string = 'plugin';
  readonly #waiting = new Fifo<Waiting<T>>();
  readonly #method: string;
  #isEnd: boolean;
  #isOpen = false;
  #failure: unknown;
  #ending = false;

  constructor(method: string, isEnd = false) {
    super({ name: method });
    this.#method = method;
    this.#isEnd = isEnd;
    this.begin();
  }

  override update(value: T, metadata: Metadata): Flow {
    if (this.#isOpen) return this.emit(value, metadata);
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#waiting.length === maxWaiting) {
      throw new GraphError(
        'limit-exceeded',
        `plugin ${quote(this.#method)} is still being loaded and holds ${maxWaiting} elements back`,
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ value, metadata, resolve, reject });
    });
  }

  override get waiting(): number {
    return this.#waiting.length;
  }

  override saveState(): unknown {
    if (this.#isOpen) return undefined;
    throw new GraphError(
      'not-available',
      `plugin ${quote(this.#method)} is still being loaded and has no state to save; load it with { eager: true }`,
    );
  }

  /** Passes on what waits, and from now on everything at once. */
  open(): void {
    for (let element = this.#waiting.shift(); element !== undefined; element = this.#waiting.shift()) {
      const { value, metadata, resolve, reject } = element;
      try {
        resolve(this.emit(value, metadata));
      } catch (error) {
        reject(error);
      }
    }
    this.#isOpen = true;
    this.#isEnd = false;
    this.begin();
    if (this.#ending) this.end();
  }

  /** Fails what waits, and from now on everything. */
  fail(error: unknown): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.drain()) reject(error);
    if (this.#ending) this.end();
  }

  protected override get isEnd(): boolean {
    return this.#isEnd;
  }

  protected override onUpstreamEnd(): void {
    if (this.#isOpen || this.#failure !== undefined) this.end();
    else this.#ending = true;
  }

  protected override onDeactivate(): void {
    for (const { metadata, resolve } of this.#waiting.drain()) {
      failStopped(metadata, this.label);
      resolve(undefined);
    }
    if (this.#ending) this.end();
  }
}

/** Stands below what a module that is still being loaded will be, so that it can be connected to at once. */
export class LazyOutputNode<T> extends Node<T, T> {
  override readonly kind: string = 'plugin';

  constructor(method: string) {
    super({ name: method });
  }

  override update(value: T, metadata: Metadata): Flow {
    return this.emit(value, metadata);
  }

  /** Takes the elements of `node` from now on. */
  follow(node: Node<never, T>): void {
    node.connect(this);
  }

  /** Reports what cannot be told to an emitter, and ends. */
  fail(error: unknown): void {
    void this.failDetached(error, undefined, noMetadata);
    this.end();
  }
}
