import { GraphError, quote } from '../errors.ts';
import { Node } from './node.ts';

/** A class of nodes; what a method made of it is called with goes to the constructor. */
export type NodeClass = new (...args: never[]) => Node<never, unknown>;

/** What can become a method of streams: a class of nodes, or a function. */
export type StreamApi = NodeClass | ((...args: never[]) => unknown);

/**
 * Whether `api` is a class of nodes, and not a function.
 *
 * @throws `bad-option` for what is neither, and for a node of another copy of the library.
 */
export function isNodeClass(name: string, api: unknown): api is NodeClass {
  if (typeof api !== 'function') {
    throw new GraphError(
      'bad-option',
      `${quote(name)} must be a class of nodes or a function, got ${api === null ? 'null' : typeof api}`,
    );
  }
  const prototype: unknown = api.prototype;
  if (prototype instanceof Node) return true;
  if (typeof prototype !== 'object' || prototype === null) return false;
  if ('update' in prototype && 'emit' in prototype && 'connect' in prototype) {
    throw new GraphError(
      'bad-option',
      `${quote(name)} is a class of nodes of another copy of millrace; a plugin takes millrace as a peer dependency`,
    );
  }
  if (Object.getOwnPropertyDescriptor(api, 'prototype')?.writable === false) {
    throw new GraphError('bad-option', `${quote(name)} is the class ${api.name}, which does not extend Node`);
  }
  return false;
}

/**
 * Checks the name of a method that is to be put on `target`.
 *
 * @throws `bad-option` for a name that is none or that is taken.
 */
export function checkApiName(name: string, target: object, of: string): void {
  if (
    typeof name !== 'string' ||
    !/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ||
    forbidden.has(name)
  ) {
    throw new GraphError(
      'bad-option',
      `the name of a method must be an identifier, got ${JSON.stringify(name)}`,
    );
  }
  if (name in target) {
    throw new GraphError(
      'bad-option',
      `${of} has a member ${quote(name)} already; register under another name`,
    );
  }
}

/** Streams with these would be taken for something else: for a promise, for one. */
const forbidden: ReadonlySet<string> = new Set(['then', 'constructor', 'prototype', '__proto__']);
