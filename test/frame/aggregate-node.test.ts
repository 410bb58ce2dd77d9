import { expect, test } from 'vitest';
import type { AggregationDefinition } from '../../src/aggregate/aggregation.ts';
import { sum } from '../../src/aggregate/index.ts';
import { AggregateNode } from '../../src/frame/aggregate-node.ts';
import { float64, StreamingDataFrame, schema } from '../../src/index.ts';
import { SinkNode } from '../../src/nodes/sink.ts';

test('a result is made once per batch where somebody follows, else when it is asked for', () => {
  let results = 0;
  const counting: AggregationDefinition = {
    ...(sum as AggregationDefinition),
    bind(type, options) {
      const bound = sum.bind(type, options);
      return {
        ...bound,
        result(state, slots) {
          results++;
          return bound.result.call(this, state, slots);
        },
      };
    },
  };
  const df = new StreamingDataFrame({ schema: schema({ x: float64 }) });
  const expr = { op: 'column', name: 'x' } as const;
  const node = new AggregateNode({
    frame: df.$frame,
    items: [{ name: 'x', exprs: [expr], definition: counting, options: {} }],
  });
  df.$frame.root.node.connect(node);
  node.hold();
  for (let i = 1; i <= 10; i++) df.emit([{ x: i }]);
  expect(results).toBe(0);
  expect(node.current?.toRecordBatch().getChildAt(0)?.get(0)).toBe(55);
  expect(node.current).toBe(node.current);
  expect(results).toBe(1);

  const sink = new SinkNode(() => {});
  node.connect(sink);
  df.emit([{ x: 1 }]);
  df.emit([{ x: 2 }]);
  expect(results).toBe(3);
  sink.dispose();
  df.emit([{ x: 3 }]);
  expect(results).toBe(3);
  expect(node.current?.toRecordBatch().getChildAt(0)?.get(0)).toBe(61);
});
