import type { Disposes, PluginManifest } from 'millrace';

export declare const plugins: PluginManifest;

declare module 'millrace' {
  interface Stream<T> {
    /** Each element `n` times. */
    repeat(n: number): Stream<T>;
    /** Keeps the newest element of each key in `map`, until the sink is disposed of. */
    sinkToMap<K>(map: Map<K, T>, keyOf: (value: T) => K): Disposes;
  }

  namespace Stream {
    /** The whole numbers from `start` down to 0. */
    function countdown(start: number): Stream<number>;
  }
}
