import type { View } from 'vega';
import { describe, expect, test, vi } from 'vitest';
import { FakeFrame } from '../../chart/fake-frame.ts';
import { drawn, nextFrame, rowsOf, show } from './setup.ts';

interface Operator {
  readonly value?: unknown;
  readonly _targets?: unknown;
}

/** The greatest number of entries in any table that an operator of the view keeps. */
function largestTable(view: View): number {
  const { nodes } = (view as unknown as { _runtime: { nodes: Record<string, Operator> } })._runtime;
  const sizes = Object.values(nodes).map(({ value }) => {
    if (Array.isArray(value)) return value.length;
    const plain =
      typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
    return plain ? Object.keys(value).length : 0;
  });
  return Math.max(...sizes);
}

const x = { field: 't' };
const y = { field: 'v' };

describe('over thousands of updates', () => {
  test.each([
    ['line', { mark: 'line', encoding: { x, y } }],
    ['line per colour', { mark: 'line', encoding: { x, y, color: { field: 's' } } }],
    ['stacked area', { mark: 'area', encoding: { x, y, color: { field: 's' } } }],
    ['stacked bars', { mark: 'bar', encoding: { x: { field: 's' }, y, color: { field: 's' } } }],
    [
      'calculated',
      {
        mark: 'point',
        transform: [{ calculate: 'datum.v + 1', as: 'w' }],
        encoding: { x, y: { field: 'w', type: 'quantitative' } },
      },
    ],
  ])('the view keeps no more than the rows in it: %s', async (_, spec) => {
    // Frames follow each other at once.
    const frames = vi
      .spyOn(window, 'requestAnimationFrame')
      .mockImplementation((run) => setTimeout(() => run(performance.now())) as unknown as number);
    try {
      const frame = new FakeFrame('append');
      const live = show(frame, spec, { backlog: 60, onWarning: () => {} });
      for (let i = 0; i < 500; i++) {
        frame.emit(
          rowsOf([i, i, i], [i % 7, i % 5, i % 3], i % 10 === 0 ? ['a', 'b', 'a'] : ['a', 'b', 'c']),
        );
        if (i === 0) await live.ready;
        await nextFrame();
      }
      await drawn(live);
      expect(live.counters.drawn).toBeGreaterThan(200);
      expect((live.view!.data('rows') as unknown[]).length).toBe(60);
      expect(largestTable(live.view!)).toBeLessThan(250);
    } finally {
      frames.mockRestore();
    }
  });
});
