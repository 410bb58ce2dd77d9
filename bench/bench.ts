/** One way to do a piece of work. What it returns is compared with what the others return. */
export type Contender = () => unknown;

/**
 * A piece of work and the ways to do it. A file `bench/x.bench.ts` exports them as `cases`; data is made
 * before, so that a run does the work and nothing else.
 */
export interface BenchCase {
  /** Names the work with its rows and groups. */
  readonly title: string;
  /** How many units one run does. */
  readonly amount: number;
  /** What `amount` counts, in the singular. */
  readonly unit: 'row' | 'element' | 'batch';
  /** The same work by hand, as tight as a loop can be; it counts as 1. */
  readonly limit?: Contender;
  readonly ours: Contender;
  /** Other libraries, by name of their package. */
  readonly rivals?: Readonly<Record<string, Contender>>;
}
