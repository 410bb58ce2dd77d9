import { cummax, cummin, cumprod, cumsum } from './cumulative.ts';
import type { RunningDefinition } from './running.ts';

/** The running functions by name. */
export const runningFunctions: ReadonlyMap<string, RunningDefinition> = new Map(
  [cummax, cummin, cumprod, cumsum].map((definition) => [definition.name, definition]),
);
