import type { Node } from './node.ts';

const abandoned = new FinalizationRegistry<Node<never, unknown>>((node) => node.release());

/**
 * Keeps `node` active as long as `handle` can be reached by the program, so that a result which
 * somebody may still ask for stays current, and one that nobody can ask for costs nothing. The node must
 * not refer to the handle. The returned function lets go of the node before that.
 */
export function holdWhileReachable<O>(handle: object, node: Node<never, O>): () => void {
  const token = {};
  node.hold();
  abandoned.register(handle, node, token);
  return () => {
    if (abandoned.unregister(token)) node.release();
  };
}
