import { Node } from './node.ts';

/** A node that is an end of the graph, and says when it is through. */
export abstract class EndNode<T> extends Node<T, never> {
  #done: Promise<void> | undefined;
  #resolve: () => void = () => {};

  /**
   * Ends when all sources above have ended and the last element is worked off, failed or not, or when the node is disposed
   * of. Never rejects.
   */
  get done(): Promise<void> {
    this.#done ??= new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.onIdle();
    return this.#done;
  }

  protected override get isEnd(): boolean {
    return true;
  }

  protected override onIdle(): void {
    if (this.disposed || (this.ended && this.unfinished.length === 0)) this.#resolve();
  }

  protected override onUpstreamEnd(): void {
    super.onUpstreamEnd();
    this.onIdle();
  }

  protected override onDispose(): void {
    this.onIdle();
  }
}

/** Puts an end below `above`, unless its signal has aborted already. One that finds no place lets go of its signal. */
export function putBelow<T, N extends Node<T, never>>(above: Node<never, T>, end: N): N {
  if (end.disposed) return end;
  try {
    above.connect(end);
  } catch (error) {
    end.dispose();
    throw error;
  }
  return end;
}
