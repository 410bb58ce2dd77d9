import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AggregateState, createAggregateState } from '../../src/frame/aggregate-state.ts';
import { WindowedState } from '../../src/frame/windowed-state.ts';
import type { WindowSpec } from '../../src/window/window-spec.ts';
import {
  batches,
  expected,
  expectTable,
  type Grouping,
  groupingNames,
  inputOf,
  inView,
  keyType,
  specOf,
} from './oracle.ts';

const windows: Record<string, WindowSpec | undefined> = {
  'all time': undefined,
  'the last row': { rows: 1 },
  'the last 7 rows': { rows: 7 },
  'the last 1000 rows': { rows: 1000 },
  'a width of 1': { width: 1n, keyType },
  'a width of 10': { width: 10n, keyType },
  'a width of 10, closed left': { width: 10n, keyType, closed: 'left' },
  'a width of 10, closed at both ends': { width: 10n, keyType, closed: 'both' },
  'a width of 10, open at both ends': { width: 10n, keyType, closed: 'neither' },
};

/** Windows with blocks so small that a few rows make many. */
function stateOf(grouping: Grouping, window: WindowSpec | undefined): AggregateState {
  const spec = specOf(grouping, window);
  return window === undefined ? createAggregateState(spec) : new WindowedState(spec, window, 4);
}

describe('every aggregation, after every batch, is what all rows in view give at once', () => {
  for (const [name, window] of Object.entries(windows)) {
    for (const grouping of groupingNames) {
      test(`${name}, ${grouping}`, () => {
        fc.assert(
          fc.property(batches, (cut) => {
            const state = stateOf(grouping, window);
            const seen = [];
            for (const batch of cut) {
              seen.push(...batch);
              state.update(inputOf(batch, grouping));
              const view = inView(seen, window);
              expectTable(state.result(), expected(view.rows, grouping));
              expect([state.rowsInView, state.late, state.rejected]).toEqual([
                view.rows.length,
                view.late,
                view.rejected,
              ]);
            }
          }),
          { numRuns: 25, endOnFailure: true },
        );
      });

      test(`${name}, ${grouping}, saved and restored on the way`, () => {
        fc.assert(
          fc.property(batches, batches, (before, after) => {
            const spec = specOf(grouping, window);
            const first = createAggregateState(spec);
            for (const batch of before) first.update(inputOf(batch, grouping));
            const second = createAggregateState(spec);
            second.restore(structuredClone(first.save()));
            for (const batch of after) second.update(inputOf(batch, grouping));
            const view = inView([...before, ...after].flat(), window);
            expectTable(second.result(), expected(view.rows, grouping));
            expect([second.rowsInView, second.late]).toEqual([view.rows.length, view.late]);
          }),
          { numRuns: 10, endOnFailure: true },
        );
      });
    }
  }
});
