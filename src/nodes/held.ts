import { failStopped, type Metadata, releaseAll } from '../core/metadata.ts';
import type { Flow, Node } from '../core/node.ts';

/** Emits what was made of elements that `node` held until now, and lets go of them. */
export function emitHeld<O>(node: Node<never, O>, value: O, metadata: Metadata): Flow {
  try {
    return node.emit(value, metadata);
  } finally {
    releaseAll(metadata);
  }
}

/** Lets go of elements that a node held and will not pass on since it was stopped; their counters hear of it. */
export function dropHeld(metadata: Metadata, label: string): void {
  failStopped(metadata, label);
  releaseAll(metadata);
}
