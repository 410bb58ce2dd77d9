import { asMillraceError, GraphError, type MillraceError } from '../errors.ts';

/**
 * What `emit` and `update` return: nothing when all work below is done, else a promise that ends when it
 * is. Awaiting it is the backpressure.
 */
export type Flow = void | Promise<void>;

/** Waits for pieces of work and collects what fails. Keeps nothing of the pieces that are done. */
export class Gathering {
  readonly #emitter: object;
  #open = 0;
  #failures: MillraceError[] | undefined;
  #settle: (() => void) | undefined;

  /** Work that `emitter` has set off below itself. */
  constructor(emitter: object) {
    this.#emitter = emitter;
  }

  /** Remembers a failure. */
  fail(error: unknown): void {
    this.#failures ??= [];
    this.#failures.push(asMillraceError(error));
  }

  /** Takes the work into the waiting until it is done; what it rejects with is remembered. */
  add(work: Promise<void>): void {
    this.#open++;
    work.then(
      () => this.release(),
      (error) => {
        this.fail(error);
        this.release();
      },
    );
  }

  /** Waits for one `release` more. */
  hold(): void {
    this.#open++;
  }

  release(): void {
    this.#open--;
    if (this.#open === 0) this.#settle?.();
  }

  /**
   * Nothing where all is done, else a promise. To be asked once, when everything has been added.
   *
   * @throws what has failed, at once or as a rejection: the only failure, or one that lists all.
   */
  flow(): Flow {
    if (this.#open > 0) return this.#wait();
    if (this.#failures !== undefined) throw oneOf(this.#failures, this.#emitter);
  }

  async #wait(): Promise<void> {
    await new Promise<void>((settle) => {
      this.#settle = settle;
    });
    if (this.#failures !== undefined) throw oneOf(this.#failures, this.#emitter);
  }
}

/** The only failure, or one that lists all. */
function oneOf(failures: readonly MillraceError[], emitter: object): MillraceError {
  if (failures.length === 1) return failures[0]!;
  const texts = failures.slice(0, maxListed).map((failure) => failure.message);
  if (failures.length > maxListed) texts.push(`and ${failures.length - maxListed} more`);
  return new GraphError(failures[0]!.code, `${failures.length} branches failed: ${texts.join('; ')}`, {
    cause: new AggregateError(failures),
  }).leaving(emitter);
}

const maxListed = 10;

/** Does `step` for each number below `count`, one after another; asynchronous from the first step that is. */
export function inOrder(count: number, step: (i: number) => Flow): Flow {
  for (let i = 0; i < count; i++) {
    const flow = step(i);
    if (flow !== undefined) {
      return flow.then(async () => {
        for (let k = i + 1; k < count; k++) await step(k);
      });
    }
  }
}

/** Does all `tasks`, each even if another fails, and waits for them; a failure is that of work by `emitter`. */
export function together(emitter: object, tasks: readonly (() => Flow)[]): Flow {
  const gathering = new Gathering(emitter);
  for (const task of tasks) {
    try {
      const flow = task();
      if (flow !== undefined) gathering.add(flow);
    } catch (error) {
      gathering.fail(error);
    }
  }
  return gathering.flow();
}

/** Does `task` when `flow` is done, whether well or not; at once where it is. */
export function afterwards(flow: Flow, task: () => void): void {
  if (flow === undefined) task();
  else flow.then(task, task);
}
