import type { Field, Schema } from 'apache-arrow';
import type { Batch } from '../columnar/batch.ts';
import { holdWhileReachable } from '../core/handle.ts';
import type { Node } from '../core/node.ts';
import { GraphError, quote, SchemaError } from '../errors.ts';
import { noSuchColumn } from '../expr/bound.ts';
import { type AnyExpr, asExpr, Expr, type Trace, traced } from '../expr/expr.ts';
import {
  columnsOf,
  describe,
  type ExprTree,
  isRunning,
  renameColumns,
  treeKeys,
  withParts,
} from '../expr/tree.ts';
import { hiddenName, hiddenTime, isHidden } from './hidden.ts';
import type { LiveOptions } from './live-window.ts';
import type { Made } from './made.ts';
import { RowsNode } from './rows-node.ts';
import { type RunningColumn, RunningNode } from './running-node.ts';
import { exprsOf, fieldsAfter, nameAfter, nameBefore, type Step, withExprs } from './steps.ts';
import { withValues } from './values-node.ts';

/**
 * What an emission means: `append`, these rows are new for ever; `snapshot`, this replaces all that was
 * emitted before.
 */
export type StreamKind = 'append' | 'snapshot';

/** Where batches come from. */
export interface FrameBase {
  readonly node: Node<never, Batch>;
  /** The name of the time key in them. */
  readonly time: string | undefined;
  /** What the user calls the time key, where that is not its name. */
  readonly declared?: string | undefined;
  /** What this is made of and must stay reachable with it. */
  readonly under?: FrameBase | undefined;
  /** The schema, as far as it is known. */
  schema(): Schema | undefined;
  /** The newest batch that the node has seen. */
  current(): Batch | undefined;
}

/** Where the batches of a frame come from, and of all that is made from it. */
export interface FrameRoot extends FrameBase {
  readonly kind: StreamKind;
  /** Whether its windows go by the clock where none says otherwise. */
  readonly live?: boolean | LiveOptions | undefined;
  /** The columns that tell the rows of a snapshot apart, where there are such. */
  readonly keys?: readonly string[] | undefined;
  /** How it was made, where it is no source. */
  readonly made?: Made | undefined;
  /** Whether the source had ended before the node was there. */
  readonly isLate?: boolean | undefined;
}

/**
 * Says which column this is, whatever it is called and however many rows are left: the name it came with, or
 * an object of its own where it was computed.
 */
type Origin = string | object;

/**
 * A frame as a plan: the stream of its batches, and what is done to each. Immutable. Where the schema is
 * known, mistakes in names and types come when the plan is made, otherwise with the first batch.
 */
export class FrameState {
  readonly root: FrameRoot;
  /** What is done to the batches of the root, as the user said it. */
  readonly steps: readonly Step[];
  /** What the batches are taken from: the root, or the last node that runs running expressions of the plan. */
  readonly base: FrameBase;
  /** The steps that are left to be done to the batches of `base`. */
  readonly rest: readonly Step[];
  readonly #fields: readonly Field[] | undefined;
  readonly #origins: ReadonlyMap<string, Origin>;
  /** Whether any other name may be that of a column as it came, since the columns are not known. */
  readonly #open: boolean;

  constructor(root: FrameRoot, before?: Continued) {
    this.root = root;
    if (before === undefined) {
      this.steps = [];
      this.base = root;
      this.rest = [];
      this.#fields = root.schema()?.fields;
      this.#origins = new Map(this.#fields?.map(({ name }) => [name, name]));
      this.#open = this.#fields === undefined;
    } else {
      const { plan, step, base = plan.base, rest, fields } = before;
      this.steps = step === undefined ? plan.steps : [...plan.steps, step];
      this.base = base;
      this.rest = rest;
      this.#fields = fields;
      this.#origins = step === undefined ? plan.#origins : originsAfter(step, plan);
      this.#open = plan.#open && step?.step !== 'project';
    }
  }

  /** The columns, but for those that the plan keeps for itself; `undefined` before they are known. */
  get fields(): readonly Field[] | undefined {
    return this.#all?.filter(({ name }) => !isHidden(name));
  }

  get #all(): readonly Field[] | undefined {
    // A schema that was not known when the plan was made may be known by now.
    const schema = this.#fields === undefined ? this.base.schema() : undefined;
    if (schema === undefined) return this.#fields;
    return this.rest.reduce<readonly Field[]>((fields, step) => fieldsAfter(step, fields), schema.fields);
  }

  /** The time key as the user knows it. */
  get time(): string | undefined {
    return this.base.declared ?? this.base.time;
  }

  /** What the time key is called among the columns; `undefined` where there is none, or it was left out. */
  get timeColumn(): string | undefined {
    const { time } = this.base;
    const now = time === undefined ? undefined : nameAfter(this.rest, time);
    return now === undefined || isHidden(now) ? undefined : now;
  }

  /** The columns that tell the rows of a snapshot apart; `undefined` where there are none, or one is left out. */
  get keys(): readonly string[] | undefined {
    const names = this.root.keys?.map((key) => [...this.#origins].find(([, origin]) => origin === key)?.[0]);
    return names?.every((name) => name !== undefined) === true ? (names as string[]) : undefined;
  }

  /** The same frame with another time key, or with none. */
  withTime(time: string | undefined): FrameState {
    const { base, rest } = this;
    const step = { step: 'time', name: time } as const;
    const before = time === undefined ? undefined : nameBefore(rest, time);
    if (time === undefined || before !== undefined) {
      const timed = { ...base, time: before, declared: time, under: base };
      return new FrameState(this.root, { plan: this, step, base: timed, rest, fields: this.#fields });
    }
    const computed = rowsBase(this, time);
    return new FrameState(this.root, { plan: this, step, base: computed, rest: [], fields: this.fields });
  }

  /** The column names, or `undefined` before they are known. */
  get names(): string[] | undefined {
    return this.fields?.map((field) => field.name);
  }

  has(name: string): boolean {
    return this.names?.includes(name) ?? true;
  }

  /**
   * Checks the name of a column that `operation` asks for.
   *
   * @throws `no-such-column`.
   */
  checkName(name: string, operation?: string): void {
    if (typeof name !== 'string') {
      const asked = operation === undefined ? '' : `${operation}: `;
      throw new SchemaError(
        'bad-option',
        `${asked}expected the name of a column, got ${typeof name} ${String(name)}`,
      );
    }
    if (!this.has(name)) throw noSuchColumn(name, this.names!, operation);
  }

  /** Which column is called `name`; `undefined` where none is. */
  origin(name: string): Origin | undefined {
    return this.#origins.get(name) ?? (this.#open ? name : undefined);
  }

  /** All that is known of which column is called what. */
  get origins(): ReadonlyMap<string, Origin> {
    return this.#origins;
  }

  /**
   * The plan with one step more.
   *
   * @throws `no-such-column`, `type-mismatch`; see `settled`.
   */
  with(step: Step): FrameState {
    const exprs = exprsOf(step);
    const { frame, exprs: read } = this.settled(exprs);
    const last = withExprs(step, read);
    const before = frame.#all;
    return new FrameState(this.root, {
      plan: this,
      step,
      base: frame.base,
      rest: [...frame.rest, last],
      fields: before && fieldsAfter(last, before),
    });
  }

  /**
   * The plan over batches in which the running parts of `exprs` have been computed, and what `exprs` are over those; the
   * plan as it is where there are none.
   *
   * @throws `not-available` for a snapshot, whose rows do not follow each other; `type-mismatch`.
   */
  settled(exprs: readonly ExprTree[]): { frame: FrameState; exprs: readonly ExprTree[] } {
    if (!exprs.some(isRunning)) return { frame: this, exprs };
    const paired = withValues(this, exprs);
    if (paired !== undefined) {
      const { node, names, base } = paired;
      const fields = node.output?.fields;
      const frame = new FrameState(this.root, { plan: this, base, rest: [], fields });
      return frame.#settled(paired.exprs, names);
    }
    return this.#settled(exprs, []);
  }

  /** @param keep hidden columns that the expressions read beside others. */
  #settled(
    exprs: readonly ExprTree[],
    keep: readonly string[],
  ): { frame: FrameState; exprs: readonly ExprTree[] } {
    if (!exprs.some(isRunning)) return { frame: this, exprs };
    const columns: RunningColumn[] = [];
    const names = new Map<string, string>();
    const keyOf = treeKeys();
    const read = (tree: ExprTree): ExprTree => {
      if (!isRunning(tree)) return tree;
      const inner = withParts(tree, read);
      if (inner.op !== 'running') return inner;
      const key = keyOf(tree);
      let name = names.get(key);
      if (name === undefined) {
        name = hiddenName(columns.length);
        names.set(key, name);
        columns.push({ name, tree: inner, of: tree });
      }
      return { op: 'column', name, of: tree };
    };
    const settled = exprs.map(read);
    if (this.root.kind === 'snapshot') throw notInSnapshot(columns[0]!.of);
    const base = runningBase(this, columns, keep);
    const fields = base.schema()?.fields;
    return { frame: new FrameState(this.root, { plan: this, base, rest: [], fields }), exprs: settled };
  }

  /**
   * `expr`, made on the frame `from` of the same stream, as it reads on this one. `operation` is what it is given to.
   *
   * @throws `not-available` for another stream, `bad-expression` where a column it reads is not what it was.
   */
  adopt(tree: ExprTree, from: FrameState, operation?: string): ExprTree {
    if (from === this) return tree;
    const asked = operation === undefined ? '' : `${operation}: `;
    if (from.root !== this.root) {
      throw new GraphError(
        'not-available',
        `${asked}${describe(tree)} belongs to another stream; expressions work on the rows of one stream`,
      );
    }
    const names = new Map<string, string>();
    for (const name of columnsOf(tree)) {
      const origin = from.origin(name);
      if (origin === undefined || this.origin(name) === origin) continue;
      const now = [...this.#origins].find(([, other]) => other === origin)?.[0];
      if (now === undefined) {
        throw new SchemaError(
          'bad-expression',
          `${asked}${describe(tree)}: column ${quote(name)} of that frame is no column of this one; write the expression on this frame, or as a callback r => r.${name}`,
        );
      }
      names.set(name, now);
    }
    return names.size === 0 ? tree : renameColumns(tree, (name) => names.get(name) ?? name);
  }

  /** The tree of what a user gave for an expression: a series, a free expression, or a callback over a row of columns. */
  resolve(given: unknown, what: string): ExprTree {
    const expr = typeof given === 'function' ? this.#trace(given as RowCallback, what) : asExpr(given, what);
    const tree = isSeries(expr) ? this.adopt(expr.tree, expr.$frame, what) : expr.tree;
    if (this.fields !== undefined) for (const name of columnsOf(tree)) this.checkName(name, what);
    return tree;
  }

  /** What a callback over a row of columns returned: an object of expressions and plain values. */
  resolveRecord(callback: RowCallback, what: string): Record<string, unknown> {
    return traced(
      what,
      (trace) => {
        const record = callback(this.#row(trace, what));
        if (isObject(record) && !(record instanceof Expr)) return record;
        throw new SchemaError(
          'bad-expression',
          `${what}: expected an object of columns, as in r => ({ z: r.x.add(r.y) })`,
        );
      },
      (record) => record,
    );
  }

  #trace(callback: RowCallback, what: string): AnyExpr {
    return traced(
      what,
      (trace) => asExpr(callback(this.#row(trace, what)), what),
      (expr) => ({ expr }),
    );
  }

  /** A row whose properties are columns. */
  #row(trace: Trace, operation: string): object {
    return columnProxy((name) => {
      this.checkName(name, operation);
      const tree: ExprTree = { op: 'column', name };
      trace.read.push({ tree });
      if (trace.without.has(trace.read.length - 1)) return undefined;
      return new Expr(tree, trace);
    });
  }
}

/** A plan made of another. */
interface Continued {
  readonly plan: FrameState;
  /** What is done more, as the user said it. */
  readonly step?: Step;
  readonly base?: FrameBase;
  /** With the step as its last, where there is one. */
  readonly rest: readonly Step[];
  /** Those of the base after the rest, hidden ones too, as far as known. */
  readonly fields: readonly Field[] | undefined;
}

/** A node that computes running expressions of a plan, held as long as the plan can be reached. */
function runningBase(
  frame: FrameState,
  columns: readonly RunningColumn[],
  keep: readonly string[],
): FrameBase {
  const node = new RunningNode(frame, columns, keep);
  frame.base.node.connect(node);
  const before = frame.base.time;
  const time = before && (nameAfter(frame.rest, before) ?? hiddenTime);
  const base: FrameBase = {
    node,
    time,
    declared: frame.time,
    schema: () => node.output,
    current: () => node.current,
  };
  holdWhileReachable(base, node);
  return base;
}

/** The rows of a frame after its steps as what others are taken from. */
function rowsBase(frame: FrameState, time: string): FrameBase {
  const node = new RowsNode(frame);
  frame.base.node.connect(node);
  return { node, time, under: frame.base, schema: () => node.output, current: () => node.current };
}

function notInSnapshot(tree: ExprTree): GraphError {
  return new GraphError(
    'not-available',
    `${describe(tree)} needs a stream of new rows, but this is a snapshot stream: each emission replaces the one before`,
  );
}

/** A function of a row of columns, run when the plan is made. */
export type RowCallback = (row: unknown) => unknown;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

interface SeriesLike extends AnyExpr {
  /** The frame it belongs to. */
  readonly $frame: FrameState;
}

function isSeries(expr: AnyExpr): expr is SeriesLike {
  return '$frame' in expr;
}

function originsAfter(step: Step, before: FrameState): ReadonlyMap<string, Origin> {
  switch (step.step) {
    case 'filter':
    case 'time':
      return before.origins;
    case 'assign': {
      const after = new Map(before.origins);
      for (const { name } of step.columns) after.set(name, {});
      return after;
    }
    case 'project':
      return new Map(step.columns.map(({ name, from }) => [name, before.origin(from) ?? {}]));
  }
}

/** An object whose properties are columns. */
export function columnProxy(column: (name: string) => unknown): object {
  return new Proxy(Object.create(null) as object, {
    get: (_target, name) => (typeof name === 'symbol' ? undefined : column(name)),
  });
}

/** Names that frameworks, consoles and `await` try on any object; they are columns only where a frame has them. */
const probes = new Set([
  'then',
  'toJSON',
  'constructor',
  'nodeType',
  'tagName',
  'asymmetricMatch',
  'inspect',
  'length',
  'prototype',
]);

/**
 * `target` with a property for each column beside its own members, which win. A name that is neither is an
 * error that says which columns there are.
 */
export function withColumns<T extends object>(
  target: T,
  state: FrameState,
  column: (name: string) => unknown,
): T {
  return new Proxy(target, {
    get(own, name) {
      if (typeof name === 'symbol' || name in own) return Reflect.get(own, name, own);
      const probe = probes.has(name) || name.startsWith('_') || name.startsWith('$') || name.startsWith('@@');
      if (probe && !(state.names?.includes(name) ?? false)) return undefined;
      state.checkName(name);
      return column(name);
    },
    has: (own, name) => name in own || (typeof name === 'string' && (state.names?.includes(name) ?? false)),
  });
}
