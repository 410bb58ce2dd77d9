import { Field, Float64, Schema } from 'apache-arrow';
import type { Aggregation } from '../aggregate/user-aggregation.ts';
import { Batch } from '../columnar/batch.ts';
import { BatchBuilder } from '../columnar/build.ts';
import type { ColumnRows } from '../columnar/column-rows.ts';
import { inferSchema } from '../columnar/infer-schema.ts';
import { type Metadata, noMetadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import { quote, SchemaError, UserCodeError } from '../errors.ts';
import type { BoundExpr } from '../expr/bound.ts';
import { isNumber } from '../expr/type-kinds.ts';
import {
  type BoundScope,
  bindScope,
  inputOf,
  liveOf,
  requestLabel,
  type Scope,
} from './aggregate-request.ts';
import { bindFields } from './bind-fields.ts';
import { type Advancing, LiveWindow } from './live-window.ts';
import {
  type AggregationState,
  checkBinary,
  checkState,
  type Fingerprint,
  isState,
  scopeOptions,
  typesText,
} from './saved-state.ts';
import { freeName, type NamedExpr } from './steps.ts';
import { createUserState, type UserResult, type UserState } from './user-state.ts';

/** A user's aggregation of one column's rows. */
export type ColumnAggregation = Aggregation<ColumnRows, never, unknown>;

/** What to run a user's aggregation over: one column, or each numeric column. */
export interface UserRequest extends Scope {
  readonly aggregation: ColumnAggregation;
  /** Default: every numeric column that is no group key. */
  readonly input?: NamedExpr | undefined;
  readonly only?: readonly string[] | undefined;
}

/** What came out, with the names of the columns. */
export interface UserOutput {
  readonly keys: readonly Field[];
  readonly names: readonly string[];
  readonly result: UserResult;
}

interface BoundUser extends BoundScope {
  readonly values: readonly BoundExpr[];
  readonly names: readonly string[];
}

/** Runs a user's aggregation over all time, windows and groups. Emits once per batch; a batch that fails changes nothing. */
export class UserAggregateNode extends Node<Batch, UserOutput> {
  override readonly kind: string = 'aggregate';
  readonly #request: UserRequest;
  #bound: BoundUser | undefined;
  #state: UserState | undefined;
  #current: UserOutput | undefined;
  readonly #print: Fingerprint;
  /** What to begin with when the schema is known. */
  #start: unknown;
  #live: LiveWindow | undefined;

  /** @throws `bad-option` for a start that is not of this plan, as far as that can be told. */
  constructor(request: UserRequest) {
    const of = request.input === undefined ? '' : `, ${request.input.name}`;
    super({ name: requestLabel(request, `aggregate(${nameOf(request.aggregation)}${of})`) });
    this.#request = request;
    this.#print = {
      plan: this.label,
      options: scopeOptions(request, { only: request.only, ...verbsOf(request.aggregation) }),
    };
    this.#start = request.state?.start;
    if (this.#start !== undefined) checkState(this.#start, this.#print);
    const schema = request.frame.base.schema();
    if (schema !== undefined) this.#bind(schema);
  }

  /** The newest result; `undefined` before the first batch. */
  get current(): UserOutput | undefined {
    return this.#current;
  }

  /** @throws `not-available` where the states of the aggregation are not plain data. */
  override saveState(): AggregationState {
    if (isState(this.#start)) return this.#start;
    const bound = this.#bound;
    if (bound === undefined) return { version: 1, ...this.#print };
    const state: SavedUserNode = {
      hasResult: this.#current !== undefined,
      aggregation: this.#state!.save(this.label),
    };
    return { version: 1, ...this.#print, types: this.#types(bound.values), state };
  }

  override restoreState(given: unknown): void {
    const bound = this.#bound;
    const saved = checkState(given, this.#print, bound && this.#types(bound.values));
    this.#start = saved.state === undefined ? undefined : saved;
    const schema = this.#request.frame.base.schema();
    if (bound !== undefined) {
      this.#begin(bound);
      this.#live?.restart();
    } else if (schema !== undefined) this.#bind(schema);
  }

  protected override rowsOf(batch: Batch): number {
    return batch.length;
  }

  override update(batch: Batch, metadata: Metadata): Flow {
    const bound = this.#bound ?? this.#bind(batch.schema);
    const input = inputOf(bound, bound.values, bound.steps.view(batch));
    if (this.#request.frame.root.kind === 'snapshot') this.#state = this.#newState(bound);
    this.#state!.update(input);
    if (input.length > 0) this.#live?.arrived(this.clock);
    this.#current = this.#output(bound);
    return this.emit(this.#current, metadata);
  }

  protected override onActivate(): void {
    this.#live?.start(this.clock);
  }

  protected override onDeactivate(): void {
    this.#live?.stop();
  }

  /** A source that has ended is not one that is silent: what is in view stays. */
  protected override onUpstreamEnd(): void {
    this.#live?.stop();
    super.onUpstreamEnd();
  }

  #output({ names }: BoundUser): UserOutput {
    const result = this.#state!.result();
    const keys = result.keys.map(({ type }, i) => new Field(this.#request.groups!.keys[i]!.name, type, true));
    return { keys, names, result };
  }

  /** Puts the state to where it begins. */
  #begin(bound: BoundUser): void {
    if (this.#start === undefined) return;
    const { state } = checkState(this.#start, this.#print, this.#types(bound.values));
    this.#start = undefined;
    if (state === undefined) return;
    checkBinary(state, { aggregation: this.#state!.save(this.label) }, this.label);
    const { hasResult, aggregation } = state as SavedUserNode;
    this.#state!.restore(aggregation);
    this.#current = hasResult ? this.#output(bound) : undefined;
  }

  #types(values: readonly BoundExpr[]): string {
    return typesText(
      this.#state!.keyTypes,
      values.map(({ type }) => type),
    );
  }

  /** The state, whose functions may fail when the clock moves the window. */
  #advancing(): Advancing {
    const state = this.#state!;
    return {
      end: state.end,
      advance: (end) => {
        try {
          return state.advance(end);
        } catch (error) {
          void this.failDetached(error, this.#current, noMetadata);
          return { changed: false, left: state.rowsInView };
        }
      },
    };
  }

  #bind(schema: Schema): BoundUser {
    const scope = bindScope(this.#request, schema);
    const { input } = this.#request;
    const inputs = input === undefined ? this.#numericColumns(scope) : [input];
    const values = inputs.map(({ expr }) => bindFields(expr, scope.steps.reachable));
    const bound = { ...scope, values, names: inputs.map(({ name }) => name) };
    this.#state = this.#newState(bound);
    this.#begin(bound);
    this.#live = LiveWindow.of(
      scope.spec.window,
      liveOf(this.#request),
      () => this.#advancing(),
      () => {
        this.#current = this.#output(bound);
        void this.emitDetached(this.#current, noMetadata);
      },
    );
    this.#bound = bound;
    return bound;
  }

  #numericColumns({ steps }: BoundScope): NamedExpr[] {
    const { groups, only } = this.#request;
    const keys = new Set(groups?.keys.map(({ name }) => name));
    const columns = steps.fields.filter(
      ({ name, type }) => only?.includes(name) ?? (isNumber(type) && !keys.has(name)),
    );
    if (columns.length === 0)
      throw new SchemaError('type-mismatch', 'aggregate needs a numeric column; there is none');
    return columns.map(({ name }) => ({ name, expr: { op: 'column', name } }));
  }

  #newState({ spec, values }: Omit<BoundUser, 'names'>): UserState {
    const { aggregation } = this.#request;
    return createUserState({
      ...spec,
      aggregation: aggregation as Aggregation<ColumnRows, unknown, unknown>,
      name: nameOf(aggregation),
      inputTypes: values.map((value) => value.type),
    });
  }
}

interface SavedUserNode {
  /** Whether a batch had come. */
  readonly hasResult: boolean;
  readonly aggregation: object;
}

/** Which functions an aggregation has that say what its state is made of. */
function verbsOf({ merge, onOld }: ColumnAggregation): object {
  return { merge: merge !== undefined, onOld: onOld !== undefined };
}

function nameOf(aggregation: object): string {
  const { name } = aggregation.constructor;
  return name === 'Object' || name === '' ? 'aggregation' : name;
}

/** The one value, for one column without groups. */
export function userValue({ result }: UserOutput): unknown {
  return result.values[0]?.[0] ?? null;
}

/** A value per column, without groups. */
export function userRecord({ names, result }: UserOutput): Record<string, unknown> {
  return Object.fromEntries(names.map((name, i) => [name, result.values[i]?.[0] ?? null]));
}

/**
 * The results of the groups as columns: numbers, bigints, booleans, strings and dates.
 *
 * @throws `user-code` for other results.
 */
function userBatch({ keys, names, result }: UserOutput): Batch {
  const taken = new Set(keys.map(({ name }) => name));
  const fields: Field[] = [...keys];
  const columns = [...result.keys];
  for (const [i, name] of names.entries()) {
    const values = result.values[i]!;
    const free = freeName(name, taken);
    taken.add(free);
    const inferred = inferSchema({ [free]: values });
    const schema = inferred ?? new Schema([new Field(free, new Float64(), true)]);
    const { batch, rejected } = new BatchBuilder(schema).fromColumns({ [free]: values });
    if ((inferred === undefined && values.length > 0) || rejected.length > 0) {
      const reason = rejected[0]?.reason ?? 'objects make no column';
      throw new UserCodeError(
        'user-code',
        `the results of ${quote(name)} by group must be numbers, bigints, booleans, strings or dates of one type: ${reason}`,
      );
    }
    fields.push(schema.fields[0]!);
    columns.push(batch.column(0));
  }
  return new Batch(new Schema(fields), result.length, columns);
}

/** {@link userBatch} as a node whose newest value can be asked for. */
export class UserGroupsNode extends Node<UserOutput, Batch> {
  override readonly kind: string = 'read';
  readonly #source: UserAggregateNode;
  #last: { readonly output: UserOutput; readonly batch: Batch } | undefined;

  constructor(source: UserAggregateNode) {
    super();
    this.#source = source;
  }

  get output(): Schema | undefined {
    return this.current?.schema;
  }

  get current(): Batch | undefined {
    const output = this.#source.current;
    return output && this.#read(output);
  }

  override update(output: UserOutput, metadata: Metadata): Flow {
    return this.emit(this.#read(output), metadata);
  }

  #read(output: UserOutput): Batch {
    if (this.#last?.output !== output) this.#last = { output, batch: userBatch(output) };
    return this.#last.batch;
  }
}
