import type { DataType, Table, Vector } from 'apache-arrow';
import { definitionOf } from '../aggregate/definitions.ts';
import type { AnySchema, ColumnTypes } from '../columnar/type-families.ts';
import { type FieldJson, schemaFromJson } from '../columnar/type-json.ts';
import { MillraceError, quote, SchemaError } from '../errors.ts';
import { Expr } from '../expr/expr.ts';
import type { ExprTree } from '../expr/tree.ts';
import { scalar, userRecords, userScalar } from './aggregate.ts';
import type { AggregateItem, AggregateRequest, EveryColumn, GroupKeys, Scope } from './aggregate-request.ts';
import { content } from './content.ts';
import {
  type AnySeries,
  concatFrames,
  contentFrame,
  DataFrame,
  derived,
  frameOf,
  frameOfColumns,
  type StreamingDataFrame,
  topFrame,
} from './dataframe.ts';
import { cells } from './frame-aggregates.ts';
import { grouped, userGrouped } from './groupby.ts';
import type { FrameOperation } from './keyed.ts';
import { madeOf } from './made.ts';
import type { Plan, PlanNode, PlanSource } from './plan.ts';
import { fromJson, type Given, type Json } from './plan-json.ts';
import { readRecord, readValue, Scalar } from './scalar.ts';
import { Series } from './series.ts';
import type { FrameState, StreamKind } from './state.ts';
import type { NamedExpr, Step } from './steps.ts';
import type { ColumnAggregation, UserRequest } from './user-node.ts';
import type { WindowRequest } from './window-request.ts';

/** What a plan makes. */
export type PlanResult = StreamingDataFrame<AnySchema, StreamKind> | Series<DataType> | Scalar<unknown>;

export interface FromPlanOptions {
  /** The frames that the plan begins with, in the order of its sources. Default: new ones that are emitted into. */
  readonly sources?: readonly DataFrame<ColumnTypes, 'append'>[] | undefined;
  /** The functions and aggregations that the plan calls, by their names. Default: none. */
  readonly given?: Given | undefined;
}

/** What `fromPlan` has made. */
export interface FromPlan<R = PlanResult> {
  /** The frames that the plan begins with. */
  readonly sources: readonly StreamingDataFrame[];
  readonly result: R;
}

/**
 * Makes again what a plan says, over the given sources or new ones. The same rows give the same results as what the plan was
 * made of.
 *
 * `R` is taken on trust: nothing says to the compiler what a plan makes.
 *
 * @throws `bad-value` for what is no plan of this version; `not-available` for functions that are not given; what the
 * operations throw where the columns of a source are not those that the plan reads.
 */
export function fromPlan<R = PlanResult>(plan: Plan, options: FromPlanOptions = {}): FromPlan<R> {
  const { millrace, nodes, sources: wanted } = (plan ?? {}) as Partial<Plan>;
  if (millrace !== 1 || !Array.isArray(nodes) || !Array.isArray(wanted) || nodes.length === 0) {
    const version = millrace === undefined || millrace === 1 ? '' : `, but of version ${String(millrace)}`;
    throw new MillraceError('bad-value', `fromPlan takes what toPlan gave${version || ': this is no plan'}`);
  }
  const given = options.sources ?? [];
  if (options.sources !== undefined && given.length !== wanted.length) {
    throw new SchemaError(
      'bad-option',
      `the plan begins with ${wanted.length} source(s): ${wanted.map(({ name }) => name).join(', ')}; ${given.length} are given`,
    );
  }
  const sources = wanted.map(
    (source: PlanSource, i) => (given[i] ?? newSource(source)) as StreamingDataFrame,
  );
  const reader = new PlanReader(sources, options.given ?? {});
  let result: unknown;
  for (const node of nodes) result = reader.read(node);
  return { sources, result: result as R };
}

function newSource({ name, schema, time }: PlanSource): StreamingDataFrame {
  return frameOf(undefined, {
    name,
    ...(schema === undefined ? {} : { schema: schemaFromJson(schema) }),
    ...(time === undefined ? {} : { time }),
  });
}

/** A node of a plan, its plain parts read. */
type Read = Readonly<Record<string, unknown>>;

const frameMethods = new Set(['batchTail', 'sort', 'explode', 'mapPartitions', 'accumulatePartitions']);
const operations = new Set(['add', 'sub', 'mul', 'div']);

class PlanReader {
  readonly #sources: readonly StreamingDataFrame[];
  readonly #given: Given;
  readonly #made: unknown[] = [];

  constructor(sources: readonly StreamingDataFrame[], given: Given) {
    this.#sources = sources;
    this.#given = given;
  }

  read(json: PlanNode): unknown {
    const node = fromJson(json as unknown as Json, this.#given, (part) => this.#revived(part)) as Read;
    const made = this.#make(node);
    this.#made.push(made);
    return made;
  }

  #revived(part: Readonly<Record<string, Json>>): { readonly value: unknown } | undefined {
    if (part.op === 'value' && typeof part.of === 'number') return { value: this.#value(part.of).$operand };
    if (part.$ === 'aggregation') return { value: definitionOf(part.value, 'fromPlan') };
    if (part.$ === 'schema') return { value: schemaFromJson(part.value as unknown as FieldJson[]) };
    return undefined;
  }

  #make(node: Read): unknown {
    switch (node.op) {
      case 'source':
        return this.#sources[node.source as number];
      case 'frame':
        return this.#steps(node);
      case 'aggregate':
        return this.#aggregate(node);
      case 'userAggregate':
        return this.#userAggregate(node);
      case 'valueCounts':
        return new Series(this.#scope(node), node.expr as ExprTree).valueCounts(node.options as object);
      case 'top':
        return topFrame(
          this.#scope(node),
          node.n as number,
          new Expr(node.by as ExprTree),
          node.greatest as boolean,
        );
      case 'rows':
        return contentFrame(this.#scope(node), node.label as string);
      case 'content':
        return this.#content(node);
      case 'call': {
        const { method, args } = node as { readonly method: string; readonly args: readonly unknown[] };
        if (!frameMethods.has(method)) throw unknownOp(`the method ${quote(String(method))}`);
        const frame = derived(this.#frame(node.of)) as unknown as Record<
          string,
          (...args: unknown[]) => unknown
        >;
        return frame[method]!(...args);
      }
      case 'union': {
        const frames = (node.of as number[]).map((of) => derived<ColumnTypes, 'append'>(this.#frame(of)));
        return concatFrames(...frames);
      }
      case 'frameOf': {
        const columns = node.columns as readonly (NamedExpr & { readonly of: number })[];
        const series = columns.map(({ name, of, expr }) => [
          name,
          new Series({ frame: this.#frame(of) }, expr),
        ]);
        return frameOfColumns(Object.fromEntries(series) as Record<string, AnySeries>);
      }
      case 'compute':
        return this.#compute(node);
      case 'map':
        return this.#value(node.of).map(node.fn as (value: unknown) => unknown);
      case 'round':
        return this.#value(node.of).round(node.decimals as number);
      case 'column':
        return new Series(this.#scope(node), node.expr as ExprTree);
    }
    throw unknownOp(`the operation ${quote(String(node.op))}`);
  }

  #steps(node: Read): unknown {
    const steps = node.steps as readonly Step[];
    if (steps.length === 0) return this.#made[node.of as number];
    const frame = steps.reduce(
      (state, step) => (step.step === 'time' ? state.withTime(step.name) : state.with(step)),
      this.#frame(node.of),
    );
    return derived(frame);
  }

  #aggregate(node: Read): unknown {
    const scope = this.#scope(node);
    const request: AggregateRequest = {
      ...scope,
      items: node.items as readonly AggregateItem[] | EveryColumn,
    };
    switch (node.as) {
      case 'groups':
        return grouped(request);
      case 'value':
        return scalar(request, readValue);
      case 'record':
        return scalar(request, readRecord);
      case 'cells':
        return cells(scope);
    }
    throw unknownOp(`an aggregation as ${quote(String(node.as))}`);
  }

  #userAggregate(node: Read): unknown {
    const scope = this.#scope(node);
    const aggregation = node.aggregation as ColumnAggregation;
    const input = node.input as NamedExpr | undefined;
    if (node.as === 'groups') {
      const only = node.only as readonly string[] | undefined;
      return userGrouped({ ...scope, aggregation, input, only } satisfies UserRequest);
    }
    return input === undefined ? userRecords(scope, aggregation) : userScalar(scope, aggregation, input.expr);
  }

  #content(node: Read): unknown {
    const scope = this.#scope(node);
    const { label, isColumn } = node as { readonly label: string; readonly isColumn?: boolean };
    const fn = (node.fn ?? ((rows: unknown) => rows)) as (rows: Table | Vector) => unknown;
    return content(scope, label, isColumn === true ? (table) => fn(table.getChildAt(0)!) : fn, (writer) => ({
      op: 'content',
      ...madeOf(writer, scope),
      label,
      fn: node.fn,
      isColumn,
    }));
  }

  #compute(node: Read): unknown {
    const { method, of, number } = node as {
      readonly method: string;
      readonly of: readonly number[];
      readonly number?: number;
    };
    if (!operations.has(method)) throw unknownOp(`the operation ${quote(String(method))}`);
    const [left, right] = of.map((i) => this.#made[i]);
    if (left instanceof Scalar) return left[method as FrameOperation]((right ?? number) as number);
    const frame = derived<ColumnTypes, 'snapshot'>(this.#frame(of[0]));
    return frame.$computed(method as FrameOperation, derived<ColumnTypes, 'snapshot'>(this.#frame(of[1])));
  }

  #scope(node: Read): Scope {
    return {
      frame: this.#frame(node.of),
      window: node.window as WindowRequest | undefined,
      perKey: node.perKey as boolean | undefined,
      groups: node.groups as GroupKeys | undefined,
      state: {
        ...(node.start === undefined ? {} : { start: node.start }),
        ...(node.withState === undefined ? {} : { withState: node.withState as boolean }),
      } as Scope['state'],
    };
  }

  #frame(of: unknown): FrameState {
    const made = this.#made[of as number];
    if (made instanceof DataFrame) return made.$frame;
    throw unknownOp(`node ${String(of)} where a frame is needed`);
  }

  #value(of: unknown): Scalar<unknown> {
    const made = this.#made[of as number];
    if (made instanceof Scalar) return made;
    throw unknownOp(`node ${String(of)} where a running value is needed`);
  }
}

function unknownOp(what: string): MillraceError {
  return new MillraceError(
    'bad-value',
    `the plan has ${what}, which is not known; it may be of a later version`,
  );
}
