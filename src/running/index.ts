import { cummax, cummin, cumprod, cumsum } from './cumulative.ts';
import { ewmMean, ewmStd, ewmVar } from './ewm.ts';
import { firstSeen } from './first-seen.ts';
import { forwardFill } from './forward-fill.ts';
import { expanding, rolling } from './rolling.ts';
import { rowNumber } from './row-number.ts';
import type { RunningDefinition } from './running.ts';
import { diff, pctChange, shift } from './shift.ts';

const definitions: readonly RunningDefinition[] = [
  ...[cummax, cummin, cumprod, cumsum],
  ...[shift, diff, pctChange, forwardFill, rowNumber, firstSeen],
  ...[ewmMean, ewmStd, ewmVar, expanding, rolling],
];

/** The running functions by name. */
export const runningFunctions: ReadonlyMap<string, RunningDefinition> = new Map(
  definitions.map((definition) => [definition.name, definition]),
);
