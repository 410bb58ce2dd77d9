import { expect, test } from 'vitest';
import { holdWhileReachable } from '../../src/core/handle.ts';
import { PassNode } from '../../src/core/node.ts';
import { collectedUntil } from '../support/garbage.ts';

test('holdWhileReachable keeps a node active until it is let go of, once', () => {
  const node = new PassNode<number>();
  const letGo = holdWhileReachable({}, node);
  expect(node.active).toBe(true);
  node.hold();
  letGo();
  letGo();
  expect(node.active).toBe(true);
  node.release();
  expect(node.active).toBe(false);
});

test('holdWhileReachable lets go of the node of a handle that nobody can reach', async () => {
  const node = new PassNode<number>();
  holdWhileReachable({}, node);
  expect(await collectedUntil(() => !node.active)).toBe(true);
});
