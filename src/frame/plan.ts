import { Schema } from 'apache-arrow';
import { definitions } from '../aggregate/definitions.ts';
import { type FieldJson, schemaToJson } from '../columnar/type-json.ts';
import { GraphError, quote } from '../errors.ts';
import type { RunningValue } from '../expr/tree.ts';
import { FrameNode } from './frame-node.ts';
import type { PlanWriter } from './made.ts';
import { type Json, toJson } from './plan-json.ts';
import type { FrameRoot, FrameState } from './state.ts';
import type { ValueSource } from './values-node.ts';

/** A stream of batches that a plan begins with. */
export interface PlanSource {
  readonly name: string;
  /** Its columns, where they were known. */
  readonly schema?: readonly FieldJson[];
  /** Its time key. */
  readonly time?: string;
}

/**
 * How a frame, a series or a running value was made, as JSON of version 1: each node is an operation on nodes before it, the last
 * is the result. Functions and aggregations of your own are called by their names and are no part of it. No data is
 * in it, but states given as `start`.
 */
export interface Plan {
  readonly millrace: 1;
  readonly sources: readonly PlanSource[];
  readonly nodes: readonly PlanNode[];
}

/** An operation of a plan; its other members are JSON. */
export interface PlanNode {
  readonly op: string;
}

/** An operation, and what it was made of, before it is written as JSON. */
export type DraftNode = Readonly<Record<string, unknown>> & { readonly op: string };

/** A plan before it is written as JSON. */
export interface Draft {
  readonly sources: readonly FrameRoot[];
  readonly nodes: readonly DraftNode[];
  /** The number of a running value that an expression reads. */
  numberOf(value: RunningValue): number;
}

/** Numbers what something was made of, each part once and after its own parts. */
export class DraftWriter implements PlanWriter, Draft {
  readonly sources: FrameRoot[] = [];
  readonly nodes: DraftNode[] = [];
  readonly #numbers = new Map<object, number>();

  /** Adds a node. Gives its number. */
  add(node: DraftNode): number {
    this.#addValues(node);
    return this.nodes.push(node) - 1;
  }

  frame(frame: FrameState): number {
    const { root, steps } = frame;
    const of = this.#once(root, () => this.#root(root));
    return steps.length === 0 ? of : this.#once(frame, () => this.add({ op: 'frame', of, steps }));
  }

  value(value: RunningValue): number {
    return this.#once(value, () => this.add((value as ValueSource).made(this)));
  }

  numberOf(value: RunningValue): number {
    return this.#numbers.get(value)!;
  }

  #root(root: FrameRoot): number {
    if (root.made !== undefined) return this.add(root.made(this));
    if (root.node instanceof FrameNode)
      return this.add({ op: 'source', source: this.sources.push(root) - 1 });
    throw new GraphError('not-available', `${quote(root.node.label)} cannot be written into a plan`);
  }

  #once(part: object, add: () => number): number {
    let number = this.#numbers.get(part);
    if (number === undefined) {
      number = add();
      this.#numbers.set(part, number);
    }
    return number;
  }

  /** The running values that expressions of a node read. */
  #addValues(part: unknown): void {
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) return;
    const prototype: unknown = Object.getPrototypeOf(part);
    if (prototype !== Object.prototype && !Array.isArray(part)) return;
    if ('op' in part && part.op === 'value') this.value((part as unknown as { value: RunningValue }).value);
    else for (const inner of Object.values(part)) this.#addValues(inner);
  }
}

/** The plan of what `write` adds last. @throws `not-available` for functions without a name. */
export function planOf(write: (writer: DraftWriter) => number): Plan {
  const draft = new DraftWriter();
  const last = write(draft);
  // What was there before is named again, so that the last node is the result.
  if (last !== draft.nodes.length - 1) draft.add({ op: 'frame', of: last, steps: [] });
  return {
    millrace: 1,
    sources: draft.sources.map(sourceOf),
    nodes: draft.nodes.map((node) => written(node, draft)),
  };
}

function sourceOf({ node, time, schema }: FrameRoot): PlanSource {
  const known = schema();
  return {
    name: node.upstreams[0]?.label ?? node.label,
    ...(known === undefined ? {} : { schema: schemaToJson(known) }),
    ...(time === undefined ? {} : { time }),
  };
}

function written(node: DraftNode, draft: Draft): PlanNode {
  return toJson(node, node.op, (part) => {
    if (part instanceof Schema) return { $: 'schema', value: schemaToJson(part) as unknown as Json };
    if ('op' in part && part.op === 'value') {
      return { op: 'value', of: draft.numberOf((part as unknown as { value: RunningValue }).value) };
    }
    const { name } = part as { readonly name?: unknown };
    if (typeof name === 'string' && definitions.get(name) === part) return { $: 'aggregation', value: name };
    return undefined;
  }) as unknown as PlanNode;
}
