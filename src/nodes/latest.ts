import { nodeOptionsOf } from '../core/check.ts';
import type { NodeOptions } from '../core/node.ts';
import { BufferNode } from './buffer.ts';

/**
 * Emits the newest value whenever the work below on the one before is done. Never holds up the emitter: a value that comes
 * meanwhile takes the place of the one that waits, which counts as dropped. Keeps one value, and the one worked on. The
 * last value is always emitted. Failures below go to `onError`.
 */
export class LatestNode<T> extends BufferNode<T> {
  override readonly kind: string = 'latest';

  constructor(options: NodeOptions<T> = {}) {
    super({ ...nodeOptionsOf(options, [], 'latest'), size: 1, overflow: 'keepLatest' });
  }
}
