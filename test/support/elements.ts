import { type Metadata, RefCounter } from '../../src/core/metadata.ts';
import type { Stream } from '../../src/stream.ts';

/** Elements with reference counters, and what became of them. */
export class Elements {
  /** The names of the elements that are done, in order. */
  readonly done: string[] = [];
  /** Those of them that failed, by code. */
  readonly failed: Record<string, string> = {};

  metadata(name: string): Metadata {
    const onDone = (error?: unknown): void => {
      this.done.push(name);
      if (error !== undefined) this.failed[name] = (error as { code: string }).code;
    };
    return [{ name, ref: new RefCounter({ onDone }) }];
  }

  /** Emits a value that is called after itself. */
  emit<T>(stream: Stream<T>, value: T): void | Promise<void> {
    return stream.emit(value, { metadata: this.metadata(String(value)) });
  }
}

/** A sink's function that takes its time, and the work it has begun. */
export function gate(): { begun: unknown[]; enter: (value: unknown) => Promise<void>; open: () => void } {
  const begun: unknown[] = [];
  const ends: (() => void)[] = [];
  return {
    begun,
    enter: (value) => {
      begun.push(value);
      return new Promise((end) => void ends.push(end));
    },
    open: () => {
      for (const end of ends.splice(0)) end();
    },
  };
}
