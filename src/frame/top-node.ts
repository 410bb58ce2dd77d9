import { Field, Schema } from 'apache-arrow';
import { Batch } from '../columnar/batch.ts';
import { hasOrder } from '../columnar/order.ts';
import { typeName } from '../columnar/type-name.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import { GraphError, SchemaError } from '../errors.ts';
import type { BoundExpr } from '../expr/bound.ts';
import { describe, type ExprTree } from '../expr/tree.ts';
import { type BoundScope, bindScope, inputOf, requestLabel, type Scope } from './aggregate-request.ts';
import { bindFields } from './bind-fields.ts';
import { settledScope } from './settled-request.ts';
import { TopRows } from './top-rows.ts';
import { joinedBatch, schemaOf } from './window-content.ts';

/** The best rows of a frame, in a window, by groups. */
export interface TopRequest extends Scope {
  readonly n: number;
  /** What they are ranked by. */
  readonly by: ExprTree;
  readonly greatest: boolean;
}

/** The same request over a frame that has computed its running expressions. */
export function settledTop(request: TopRequest): TopRequest {
  const { frame, groups, next } = settledScope(request, [request.by]);
  return { ...request, frame, groups, by: next() };
}

interface BoundTop extends BoundScope {
  readonly value: BoundExpr;
  /** The columns beside the keys. */
  readonly names: readonly string[];
  readonly output: Schema;
}

/** The best rows so far, or in a window, of each group; one emission per batch. A batch that fails changes nothing. */
export class TopNode extends Node<Batch, Batch> {
  override readonly kind: string = 'top';
  readonly #request: TopRequest;
  #bound: BoundTop | undefined;
  #state: TopRows | undefined;
  #current: Batch | undefined;

  constructor(request: TopRequest) {
    const { n, by, greatest } = request;
    super({ name: requestLabel(request, `${greatest ? 'nlargest' : 'nsmallest'}(${n}, ${describe(by)})`) });
    this.#request = request;
    const schema = request.frame.base.schema();
    if (schema !== undefined) this.#bind(schema);
  }

  /** The columns, once they are known. */
  get output(): Schema | undefined {
    return this.#bound?.output;
  }

  get current(): Batch | undefined {
    if (this.#current === undefined && this.#bound !== undefined) this.#current = this.#result();
    return this.#current;
  }

  override saveState(): never {
    throw new GraphError('not-available', `the state of ${this.label} cannot be saved`);
  }

  protected override rowsOf(batch: Batch): number {
    return batch.length;
  }

  override update(batch: Batch, metadata: Metadata): Flow {
    const bound = this.#bound ?? this.#bind(batch.schema);
    const view = bound.steps.view(batch);
    const { length, keys, values, order } = inputOf(bound, [bound.value], view);
    const columns = [...keys, ...bound.names.map((name) => view.column(name))];
    const isSnapshot = this.#request.frame.root.kind === 'snapshot';
    if (isSnapshot) this.#state = this.#newState(bound);
    if (isSnapshot || length > 0 || this.#current === undefined) {
      this.#state!.update(columns, values[0]!, keys, length, order);
      this.#current = undefined;
    }
    if (this.isFollowed) return this.emit(this.current!, metadata);
  }

  #bind(schema: Schema): BoundTop {
    const { groups, by } = this.#request;
    const scope = bindScope(this.#request, schema);
    const { steps, keys } = scope;
    const value = bindFields(by, steps.reachable);
    if (!hasOrder(value.type)) {
      throw new SchemaError(
        'type-mismatch',
        `${this.label}: ${describe(by)} is ${typeName(value.type)}, which has no order`,
      );
    }
    const fields: Field[] = keys.map((key, i) => namedField(groups!.keys[i]!.name, key, steps.fields));
    const others = steps.fields.filter(({ name }) => !fields.some((field) => field.name === name));
    const output = new Schema([...fields, ...others]);
    this.#bound = { ...scope, value, names: others.map(({ name }) => name), output };
    this.#state = this.#newState(this.#bound);
    return this.#bound;
  }

  #newState({ spec }: BoundTop): TopRows {
    const { n, greatest } = this.#request;
    return new TopRows({ ...spec, n, greatest });
  }

  #result(): Batch {
    const { output } = this.#bound!;
    const result = this.#state!.result();
    if (result === undefined) return joinedBatch(output, []);
    return new Batch(schemaOf(output, result.columns), result.length, result.columns);
  }
}

function namedField(name: string, key: BoundExpr, fields: readonly Field[]): Field {
  return fields.find((field) => field.name === name) ?? new Field(name, key.type, true);
}
