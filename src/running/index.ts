import { cummax, cummin, cumprod, cumsum } from './cumulative.ts';
import { expanding, rolling } from './rolling.ts';
import type { RunningDefinition } from './running.ts';

/** The running functions by name. */
export const runningFunctions: ReadonlyMap<string, RunningDefinition> = new Map(
  [cummax, cummin, cumprod, cumsum, expanding, rolling].map((definition) => [definition.name, definition]),
);
