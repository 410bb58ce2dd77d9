import { GraphError } from '../errors.ts';
import type { SavedRunning } from '../expr/rolling.ts';
import type { Stream } from '../stream.ts';
import { runningNode } from './running-node.ts';
import type { FrameState } from './state.ts';

/** Each of `rows` with what the running expressions of the frame remember right after them. */
export function withState<T>(frame: FrameState, rows: Stream<T>): Stream<readonly [SavedRunning, T]> {
  const node = runningNode(frame.base);
  if (node === undefined) {
    throw new GraphError(
      'not-available',
      'withState needs a running expression, as in df.x.rolling(10).mean().withState()',
    );
  }
  return rows.map((batch): readonly [SavedRunning, T] => [node.remembered, batch]);
}
